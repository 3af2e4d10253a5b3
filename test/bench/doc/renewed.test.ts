import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renewed } from "../../../bench/doc/renewed.js";
import { report, timed } from "../report/sample-report.js";

const measured = (name: string, table = "old"): string =>
  `before\n<!-- measured: ${name} -->\n${table}\n<!-- end -->\nafter`;
const product = (variant: string, ms: number) => ({
  ...timed({ device: "gpu webgpu", ms, problem: "NN 256·256·256", size: 256 }),
  variant,
});

describe("the tables of docs/kernels.md", () => {
  it("get a row a variant, a column a mode of the GPU with its adapter, and the gain over the first", () => {
    const found = report([product("naive", 8), product("unrolled", 4), product("fourColumns", 2)]);
    const devices = [{ name: "gpu webgpu", adapter: "google swiftshader driver 5" }];
    expect(renewed(measured("matmul"), [{ ...found, devices }])).toEqual({
      names: ["matmul"],
      text: measured(
        "matmul",
        [
          "| variant, ms | 256³: `webgpu`, SwiftShader |",
          "| --- | ---: |",
          "| naive: one thread, one output | 8 [8–8] |",
          "| unrolled: four running sums | 4 [4–4] (2×) |",
          "| fourColumns: four outputs a thread | 2 [2–2] (4×) |",
        ].join("\n"),
      ),
    });
  });

  it("stay as they are where the reports have nothing of them", () => {
    expect(renewed(measured("tanh"), [report([])])).toEqual({ text: measured("tanh"), names: [] });
  });

  it("take a result from the first report that has one", () => {
    const [first, second] = [3, 5].map((ms) => report([timed({ device: "wasm ×1", ms, problem: "NN 64·64·64" })]));
    expect(renewed(measured("one thread"), [report([]), first, second]).text).toContain("| product 64³ | 3 [3–3] |");
  });

  it("of the document are all known, and a name that is not is refused", () => {
    expect(renewed(readFileSync("docs/kernels.md", "utf8"), [report([])]).names).toEqual(["machine"]);
    expect(() => renewed(measured("nothing"), [report([])])).toThrow('there is no table "nothing"');
  });
});

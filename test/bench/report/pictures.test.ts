import { execFileSync } from "node:child_process";
import { beforeAll, expect, it } from "vitest";
import { pictures } from "../../../bench/report/pictures.js";
import { report, timed } from "./sample-report.js";

beforeAll(() => void execFileSync(process.execPath, ["scripts/build-web.js"]), 120_000);

it("a report's plots are SVG files that need nothing else, in light and in dark", async () => {
  const files = await pictures(
    report([
      timed({ device: "wasm", ms: 1, problem: "NN 16·16·16", size: 16 }),
      timed({ device: "wasm", ms: 8, problem: "NN 32·32·32", size: 32 }),
    ]),
  );
  expect(Object.keys(files)).toEqual([
    "roofline-of-wasm-light.svg",
    "roofline-of-wasm-dark.svg",
    "time-against-size-matmul-nn-square-light.svg",
    "time-against-size-matmul-nn-square-dark.svg",
  ]);
  for (const svg of Object.values(files)) {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).not.toMatch(/<script|url\(|var\(|href="http/);
  }
  const [light, dark] = Object.values(files);
  expect(light).toContain("Roofline of wasm");
  expect(light).toContain("peak 10.0 GFLOP/s");
  expect(light).toContain('fill="#ffffff"');
  expect(dark).toContain('fill="#202026"');
});

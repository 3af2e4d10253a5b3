import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backflow } from "./run-backflow.js";

const file = `
import { defineOp, randn } from "backflow";
import type { Tensor } from "backflow";
const op = (name: string, factor: number) => defineOp<object>(name, {
  takes: ["float"],
  shape: ([x]) => x.shape,
  forward: (kernels, [x]) => kernels.map("exp", x),
  backward: ({ output }, gy) => [gy.mul(output).mul(factor)],
});
const [good, bad] = [op("good", 1), op("bad", 1.0005)];
export const right = (x: Tensor): Tensor => good([x], {});
export const twice = { fn: (x: Tensor) => x.matmul(x), inputs: () => [randn([3, 3], { dtype: "float64" })], order: 2 };
export const wrong = (x: Tensor): Tensor => bad([x], {});
export const answer = 42;
`;

describe("backflow gradcheck", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gradcheck-"));
    await writeFile(join(folder, "my-op.ts"), file);
    await writeFile(join(folder, "empty.js"), "export const answer = 42;\n");
    await writeFile(join(folder, "broken.js"), "export const = ;\n");
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("prints a row for each operation, and ends with 0", async () => {
    const { status, stdout } = await backflow(["gradcheck", "--operation", "tanh", "softmax", "--device", "cpu"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/│ tanh +│ +5 │.*right │/);
    expect(stdout).toMatch(/│ softmax +│ +7 │.*right │/);
    expect(stdout).toContain("2 operations, 12 cases: every gradient is right");
  });

  it("gives the same as JSON", async () => {
    const { stdout } = await backflow(["gradcheck", "--operation", "exp", "--device", "cpu", "--json"]);
    const { operations, kernels } = JSON.parse(stdout);
    const [row] = operations;
    expect(kernels).toBeNull();
    expect(row).toMatchObject({ operation: "exp", cases: 5, passed: true, failures: [] });
    expect(row.devices[0]).toMatchObject({ device: "cpu", error: null });
    expect(row.devices[0].forward.scaled).toBeLessThan(2);
  });

  it("holds the GPU's kernels to float64 too, in the mode asked for, and names the modes it leaves out", async () => {
    const args = ["gradcheck", "--device", "gpu", "--mode", "cpu", "--operation", "softmax"];
    const page = join(folder, "kernels.html");
    const { status, stdout, stderr } = await backflow([...args, "--html", page]);
    expect(stderr).toContain("gpu: mode cpu, on this CPU");
    expect(stdout).toMatch(/│ softmax +│ +7 │.*right │/);
    expect(stdout).toMatch(/│ kernel .*│ +cpu │|│ +│ allowed │ +cpu │/);
    expect(stdout).toMatch(/│ softmax +│ +\d+ │ +5 │ +[0-4]\.\d\d │/);
    expect(stdout).toMatch(/│ softmaxBackward +│/);
    expect(stdout).toContain("webgl2 skipped: cpu is asked for");
    expect(stdout).toContain("2 kernels held to float64: all within their bounds");
    expect(await readFile(page, "utf8")).toContain("Kernels of the GPU against float64");
    expect(status).toBe(0);
  });

  it("holds them to float64 in every mode where the environment leaves the choice", async () => {
    const options = { env: { BACKFLOW_GPU: "auto" } };
    const { stdout } = await backflow(["gradcheck", "--device", "gpu", "--operation", "neg"], options);
    expect(stdout).toContain("cpu ran on this CPU");
    expect(stdout).not.toContain("auto is asked for");
  });

  it("checks the exports of a TypeScript file: functions, and checks with inputs of their own", async () => {
    const page = join(folder, "report.html");
    const { status, stdout } = await backflow(["gradcheck", "my-op.ts", "--html", page], { cwd: folder });
    expect(status).toBe(1);
    expect(stdout).toMatch(/│ right +│.*right │/);
    expect(stdout).toMatch(/│ twice +│.*right │/);
    expect(stdout).toMatch(/│ wrong +│.*wrong │/);
    expect(stdout).toContain("likely cause    a constant factor 1.0005");
    expect(stdout).toContain("wrong formula; best");
    const html = await readFile(page, "utf8");
    expect(html.match(/<svg/g)).toHaveLength(3);
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  });

  const refused: [string[], RegExp][] = [
    [["nothing.ts"], /^backflow: gradcheck: there is no file nothing\.ts\n$/],
    [
      ["empty.js"],
      /^backflow: gradcheck: empty\.js exports nothing to check: a function of tensors, or \{ fn, inputs \}\n$/,
    ],
    [["broken.js"], /^backflow: gradcheck: cannot load broken\.js: [^\n]*\n$/],
    [["--operation", "tan", "--device", "cpu"], /^backflow: gradcheck: no operation tan: there are add sub [^\n]*\n$/],
    [["--operation", "exp", "--device", "npu"], /^backflow: gradcheck: no device "npu": give cpu, gpu or all\n$/],
    [
      ["--operation", "exp", "--device", "gpu", "--mode", "webgl2"],
      /backflow: gpu: mode "webgl2" cannot run here: no WebGL2 context can be made\. These can: [^\n]*\n$/,
    ],
    [
      ["--operation", "exp", "--device", "cpu", "--html", "no/such/r.html"],
      /backflow: gradcheck: cannot write no\/such\/r\.html: ENOENT\n$/,
    ],
  ];
  it.each(refused)("%j is one clear line and 1", async (args, message) => {
    const { status, stderr } = await backflow(["gradcheck", ...args], { cwd: folder });
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });
});

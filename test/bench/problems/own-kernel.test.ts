import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataError } from "backflow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assertOwnKernel, type OwnKernel, ownProblems } from "../../../bench/problems/own-kernel.js";
import { loadOwnKernel } from "../../../bench/problems/own-kernel-file.js";
import { type BenchDevice, openDevices } from "../../../bench/runner/devices.js";
import { runProblem } from "../../../bench/runner/run-problem.js";
import { plainTimer } from "../../../bench/runner/timer.js";

const quick = { timer: plainTimer, rounds: 1, seconds: 0.001, limit: 5 };

describe("a kernel of one's own", () => {
  let devices: BenchDevice[];
  let folder: string;
  let kernel: OwnKernel;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "backflow-own-"));
    kernel = await loadOwnKernel("bench/example-kernel.ts");
    ({ devices } = await openDevices({ kinds: ["reference", "wasm", "gpu"], modes: ["cpu"], threads: [1] }));
  });
  afterAll(async () => {
    for (const device of devices ?? []) await device.close();
    rmSync(folder, { recursive: true });
  });

  it("from a TypeScript file is verified and timed beside its twin, where a kernel can run", async () => {
    const [problem] = ownProblems(kernel, [24], 1);
    const results = await runProblem(problem, devices, quick);
    expect(results.map(({ device, status, reason }) => [device, status, reason])).toEqual([
      ["reference", "timed", null],
      ["gpu cpu", "timed", null],
    ]);
    expect(results[1].phases?.upload?.samples).toBeGreaterThan(0);
  });

  it("that disagrees with its twin is shown as wrong", async () => {
    const [problem] = ownProblems({ ...kernel, reference: (_, n) => new Float64Array(n) }, [24], 1);
    const results = await runProblem(problem, devices, quick);
    expect(results.find(({ device }) => device === "gpu cpu")?.status).toBe("wrong");
  });

  it("with another number of parameters than arrays and integers is refused", () => {
    expect(() => ownProblems({ ...kernel, integers: () => [1, 2] }, [24], 1)).toThrow(
      "row norms: the kernel takes 2 parameters, but there are 1 arrays and 2 integers",
    );
  });

  it("whose file is missing, or exports something else, gives one line that says so", async () => {
    const file = join(folder, "none.ts");
    await expect(loadOwnKernel(file)).rejects.toThrow(new DataError(`${file}: there is no such file`));
    writeFileSync(file, 'export default { name: "half" };');
    await expect(loadOwnKernel(file)).rejects.toThrow(/must be a kernel; it has no sizes, inputs/);
  });

  it("of which a part is of another type, or throws, is refused in one line", () => {
    expect(() => assertOwnKernel({ ...kernel, flops: 3 }, "a.ts")).toThrow("a.ts: flops must be a function");
    expect(() => assertOwnKernel({ ...kernel, sizes: [0] }, "a.ts")).toThrow("sizes must be a list of whole numbers");
    expect(() => ownProblems({ ...kernel, inputs: (n) => [n] as never }, [24], 1)).toThrow(
      "row norms of size 24: inputs must give a list of shapes",
    );
    const broken = () => {
      throw new Error("no outputs");
    };
    expect(() => ownProblems({ ...kernel, flops: broken }, [24], 1)).toThrow("row norms of size 24: no outputs");
  });
});

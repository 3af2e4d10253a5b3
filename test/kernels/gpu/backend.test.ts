import { beforeAll, describe, expect, it } from "vitest";
import { availableGpuModes, gpuBackend } from "../../../src/kernels/gpu/backend.js";
import { cacheLimit, type GpuMode } from "../../../src/kernels/gpu/context.js";
import { type KernelThis, kernel } from "../../../src/kernels/gpu/kernel.js";
import { whole } from "../../../src/kernels/gpu/runtime.js";
import { claims } from "./report.js";
import { runSuite, type SuiteResult } from "./suite.js";

const reasons = await availableGpuModes();
for (const mode of ["headlessgl", "webasm", "cpu"] as const) {
  if (reasons[mode] !== null) console.log(`skipped: the GPU in mode ${mode}, because ${reasons[mode]}`);
  describe.skipIf(reasons[mode] !== null)(`the GPU back end in gpu.js's mode ${mode}`, () => {
    let result: SuiteResult;
    beforeAll(async () => {
      result = await runSuite(mode);
    }, 300_000);
    claims(mode, () => result);
  });
}

describe("a mode that is asked for", () => {
  it("is an error that says why, where it cannot be had", async () => {
    await expect(gpuBackend({ mode: "webgl2" })).rejects.toThrow(
      /gpu: mode "webgl2" cannot run here: no WebGL2 context can be made\. These can: .*webasm, cpu/,
    );
  });
  it("is an error that lists the modes, where there is none of that name", async () => {
    await expect(gpuBackend({ mode: "vulkan" as GpuMode })).rejects.toThrow(
      /there is no mode "vulkan"; the modes are webgpu/,
    );
  });
  it("may come from the environment", async () => {
    process.env.BACKFLOW_GPU = "cpu";
    const gpu = await gpuBackend();
    delete process.env.BACKFLOW_GPU;
    expect(gpu.mode).toBe("cpu");
    expect(gpu.adapter).toBe("this CPU");
    await gpu.close();
  });
});

describe("the kernel cache", () => {
  it(`holds ${cacheLimit} programs at most, and compiles again what it let go`, async () => {
    const gpu = await gpuBackend({ mode: "cpu" });
    const x = gpu.upload(Float32Array.of(1, 2), "float32");
    const programs = Array.from({ length: cacheLimit + 8 }, (_, i) =>
      kernel(
        `test:${i}`,
        function doubled(this: KernelThis, a: number[], aOffset: number): number {
          return 2.0 * a[aOffset + this.thread.x];
        },
        ["operand"],
      ),
    );
    for (const program of programs) gpu.runtime.launch("doubled", program, [whole(x)], 2).release();
    expect(gpu.runtime.context.programs()).toHaveLength(cacheLimit);
    const again = gpu.runtime.launch("doubled", programs[0], [whole(x)], 2);
    expect(Array.from(await gpu.read(whole(again)))).toEqual([2, 4]);
    expect(gpu.runtime.context.programs()).toHaveLength(cacheLimit);
    await gpu.close();
  });
});

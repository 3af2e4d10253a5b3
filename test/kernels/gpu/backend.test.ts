import { beforeAll, describe, expect, it } from "vitest";
import { gpuBackend } from "../../../src/kernels/gpu/backend.js";
import type { GpuMode } from "../../../src/kernels/gpu/context.js";
import { claims } from "./report.js";
import { runSuite, type SuiteResult } from "./suite.js";

for (const mode of ["webasm", "cpu"] as const) {
  describe(`the GPU back end in gpu.js's mode ${mode}`, () => {
    let result: SuiteResult;
    beforeAll(async () => {
      result = await runSuite(mode);
    }, 120_000);
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

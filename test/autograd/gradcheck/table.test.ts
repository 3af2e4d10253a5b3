import { afterAll, beforeAll, expect, test } from "vitest";
import { checkOperation } from "../../../src/autograd/gradcheck/table.js";
import { registerDevice, unregisterDevice } from "../../../src/index.js";
import { type GpuBackend, gpuBackend } from "../../../src/kernels/gpu/backend.js";
import { sizeOf } from "../../../src/kernels/storage.js";

let gpu: GpuBackend;

beforeAll(async () => {
  gpu = await gpuBackend({ mode: "cpu" });
});

afterAll(async () => {
  unregisterDevice("gpu");
  await gpu.close();
});

test("slices agree with float64 on both float32 devices, forward and backward", async () => {
  registerDevice("gpu", gpu);
  const row = await checkOperation("slice", ["cpu", "gpu"]);
  expect(row.passed).toBe(true);
  for (const { backward } of row.devices) expect(backward.scaled).toBeLessThan(2);
});

test("a device that is wrong by more than rounding does not pass", async () => {
  const broken: GpuBackend = Object.create(gpu, {
    pad: {
      value: (_x: unknown, shape: readonly number[]) => gpu.zeros(sizeOf(shape), "float32"),
    },
  });
  registerDevice("gpu", broken);
  const row = await checkOperation("slice", ["gpu"]);
  expect(row.failures).toEqual([]);
  expect(row.devices[0].error).toContain("more than rounding");
  expect(row.passed).toBe(false);
});

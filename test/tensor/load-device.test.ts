import { expect, test } from "vitest";
import { DeviceError, loadDevice, memory, tensor } from "../../src/index.js";

test("a GPU tensor before loadDevice says how to load it", () => {
  expect(() => tensor([1], { device: "gpu" })).toThrow(
    new DeviceError('device "gpu" is not loaded: call `await loadDevice("gpu")` first'),
  );
});

test("after loadDevice the same code runs on the GPU back end, gradients too", async () => {
  const gpu = await loadDevice("gpu", { mode: "webasm" });
  expect(gpu.mode).toBe("webasm");
  const x = tensor([1, 2, 3], { device: "gpu", requiresGrad: true });
  x.mul(x).sum().backward();
  expect(await x.grad?.array()).toEqual([2, 4, 6]);
  expect(memory().backends.gpu).toMatchObject({ mode: "webasm" });
  await gpu.close();
  expect(() => tensor([1], { device: "gpu" })).toThrow(DeviceError);
});

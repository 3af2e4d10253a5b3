import { expect, test } from "vitest";
import { KernelProfile } from "../../../bench/speed/kernel-profile.js";
import { scope, tensor } from "../../../src/index.js";
import { useWasmBackend, wasmBackend } from "../../../src/kernels/wasm/backend.js";

test("a profile counts each kind of kernel call and changes no result", () => {
  const step = (): number =>
    scope(() => {
      const x = tensor([1, 2, 3, 4, 5, 6], { shape: [2, 3], dtype: "float32", requiresGrad: true });
      const loss = x.matmul(x, { transposeB: true }).tanh().sum();
      loss.backward();
      return loss.itemSync();
    });
  const before = wasmBackend();
  const plain = step();
  const profile = new KernelProfile(before);
  useWasmBackend(profile.backend);
  try {
    expect(step()).toBe(plain);
  } finally {
    useWasmBackend(before);
  }
  const calls = Object.fromEntries(profile.rows.map(({ kernel, calls: often }) => [kernel, often]));
  expect(calls["matmul NT 2 · 3 · 2"]).toBe(1);
  expect(calls.mapBackward).toBe(1);
  profile.reset();
  expect(profile.rows).toEqual([]);
});

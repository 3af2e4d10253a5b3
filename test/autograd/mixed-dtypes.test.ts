import { expect, test } from "vitest";
import { linear, tensor } from "../../src/index.js";

test.each([
  ["float32", "float64"],
  ["float64", "float32"],
] as const)("weights of %s and then of %s in one graph each get their own gradient", (first, second) => {
  const x = tensor([[1, 2]], { dtype: first });
  const w = tensor([[3, 4]], { dtype: first, requiresGrad: true });
  const v = tensor([[5]], { dtype: second, requiresGrad: true });
  linear(linear(x, w).cast(second), v).sum().backward();
  // y = w·x = 11 and z = v y: v̄ = y, w̄ = v x.
  expect(v.grad?.arraySync()).toEqual([[11]]);
  expect(w.grad?.arraySync()).toEqual([[5, 10]]);
});

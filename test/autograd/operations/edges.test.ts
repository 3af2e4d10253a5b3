import { describe, expect, test } from "vitest";
import { type DType, ones, type Tensor, tensor, zeros } from "../../../src/index.js";

const dtypes: readonly DType[] = ["float64", "float32"];

/** The gradient of the sum of f's value. */
function slope(f: (x: Tensor) => Tensor, x: Tensor): number[] {
  f(x).sum().backward();
  return Array.from((x.grad as Tensor).dataSync());
}

describe.each(dtypes)("%s, at the edges as PyTorch", (dtype) => {
  const leaf = (values: number[]): Tensor => tensor(values, { dtype, requiresGrad: true });
  const empty = (...shape: number[]): Tensor => zeros(shape, { dtype, requiresGrad: true });

  test("relu passes nothing on where it is off, not even an infinite gradient", () => {
    expect(slope((x) => x.relu().sqrt(), leaf([-1, 0, 4]))).toEqual([0, 0, 0.25]);
    expect(slope((x) => x.relu().log(), leaf([-1, 0, 4]))).toEqual([0, 0, 0.25]);
  });

  test("relu and maximum do not turn the gradient of a NaN into 0", () => {
    expect(slope((x) => x.relu(), leaf([Number.NaN]))).toEqual([1]);
    expect(slope((x) => x.maximum(0), leaf([Number.NaN]))).toEqual([1]);
    expect(slope((x) => x.minimum(tensor([1], { dtype })), leaf([Number.NaN]))).toEqual([1]);
  });

  test("an empty tensor broadcasts like any other", () => {
    const [x, y] = [empty(2, 0), tensor([[1], [2]], { dtype, requiresGrad: true })];
    const z = x.mul(y);
    expect(z.shape).toEqual([2, 0]);
    z.sum().backward();
    expect(x.grad?.shape).toEqual([2, 0]);
    expect(y.grad?.arraySync()).toEqual([[0], [0]]);
  });

  test("a product with inner size 0 is zeros, also of a stack with one matrix", () => {
    const [x, y] = [empty(2, 3, 0), empty(0, 4)];
    const z = x.matmul(y);
    expect(z.shape).toEqual([2, 3, 4]);
    expect(new Set(z.dataSync())).toEqual(new Set([0]));
    z.sum().backward();
    expect(y.grad?.shape).toEqual([0, 4]);
  });

  test("the maximum over several axes of nothing to keep is empty", () => {
    expect(empty(2, 0, 3).max({ axis: [0, 2] }).shape).toEqual([0]);
    expect(ones([2, 0, 3], { dtype }).min({ axis: [0, 2], keepDims: true }).shape).toEqual([1, 0, 1]);
    expect(() => empty(2, 0, 3).max({ axis: [0, 1] })).toThrow(/empty/);
  });
});

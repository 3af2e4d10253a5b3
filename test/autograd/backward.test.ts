import { describe, expect, test } from "vitest";
import { noGrad, randn, scope, type Tensor, tensor } from "../../src/index.js";

const leaf = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });
const plain = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "float64" });

describe("leaves accumulate", () => {
  test("two backward passes add up", () => {
    const x = leaf([1, 2]);
    x.mul(x).sum().backward();
    x.mul(3).sum().backward();
    expect(x.grad?.arraySync()).toEqual([5, 7]);
  });

  test("two leaves that received the same gradient do not share it", () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    for (let pass = 0; pass < 3; pass++) a.add(b).sum().backward();
    expect(a.grad?.arraySync()).toEqual([3, 3]);
    expect(b.grad?.arraySync()).toEqual([3, 3]);
  });

  test("the gradient that a pass starts from is never written to", () => {
    const x = leaf([1, 2]);
    const seed = plain([1, 1]);
    for (let pass = 0; pass < 2; pass++) x.reshape([2, 1]).reshape([2]).backward(seed);
    expect(x.grad?.arraySync()).toEqual([2, 2]);
    expect(seed.arraySync()).toEqual([1, 1]);
  });

  test("a gradient that a hook kept is not written to by the next pass", () => {
    const x = leaf([1, 2]);
    const seen: Tensor[] = [];
    x.registerHook((gradient) => {
      seen.push(gradient);
    });
    for (let pass = 0; pass < 2; pass++) x.mul(2).sum().backward();
    expect(seen.map((gradient) => gradient.arraySync())).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(x.grad?.arraySync()).toEqual([4, 4]);
  });
});

test("postponed products equal products done at once", () => {
  const [w, x] = [randn([3, 4], { dtype: "float64" }), randn([6, 4], { dtype: "float64" })];
  const run = (hooked: boolean): number[] => {
    const weight = tensor(w.dataSync(), { shape: [3, 4], requiresGrad: true });
    if (hooked) weight.registerHook(() => undefined);
    const rows = x.split(6);
    let total = plain([0]).sum();
    for (const row of rows) total = total.add(row.matmul(weight, { transposeB: true }).tanh().sum());
    total.backward();
    return [...(weight.grad as Tensor).dataSync()];
  };
  const once = rowByRow(w, x);
  for (const hooked of [false, true]) {
    run(hooked).forEach((value, i) => {
      expect(value).toBeCloseTo(once[i] as number, 13);
    });
  }
});

/** W̄ = Σ (1 − y²)ᵀ·x of y = tanh(x·Wᵀ), one row at a time. */
function rowByRow(w: Tensor, x: Tensor): number[] {
  return noGrad(() => {
    let total = plain([0]).mul(0).broadcastTo([3, 4]);
    for (const row of x.split(6)) {
      const y = row.matmul(w, { transposeB: true }).tanh();
      total = total.add(y.mul(y).neg().add(1).transpose().matmul(row));
    }
    return [...total.dataSync()];
  });
}

test("a chain of 10,000 operations does not overflow the stack", () => {
  const x = leaf([1]);
  scope(() => {
    let y: Tensor = x;
    for (let i = 0; i < 10_000; i++) y = y.mul(1.0001);
    y.sum().backward();
  });
  expect((x.grad as Tensor).itemSync()).toBeCloseTo(1.0001 ** 10_000, 10);
});

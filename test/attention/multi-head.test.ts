import { describe, expect, test } from "vitest";
import { grad, MultiHeadAttention, ones, Random, randn, type Tensor, tensor } from "../../src/index.js";

const random = new Random(6);
const attention = new MultiHeadAttention(6, 2, { dtype: "float64", random });
const draw = (shape: number[]): Tensor => {
  const x = randn(shape, { dtype: "float64", random });
  x.requiresGrad = true;
  return x;
};

describe("multi-head attention", () => {
  test("no gradient reaches a masked source position", () => {
    const [query, keys] = [draw([2, 3, 6]), draw([2, 4, 6])];
    const mask = tensor([
      [true, true, true, false],
      [true, false, false, false],
    ]);
    const [gradient] = grad(attention.forward(query, keys, { mask }).output.pow(2).sum(), [keys]);
    const rows = gradient?.arraySync() as number[][][];
    expect([...rows[0].slice(3), ...rows[1].slice(1)].flat().every((g) => g === 0)).toBe(true);
    expect([...rows[0].slice(0, 3), rows[1][0]].flat().every((g) => g !== 0)).toBe(true);
  });

  test("a causal query sees no later position, and none that is masked", () => {
    const x = draw([2, 4, 6]);
    const mask = tensor([
      [true, true, true, true],
      [true, true, false, false],
    ]);
    const weights = attention.forward(x, x, { mask, causal: true }).weights.arraySync() as number[][][][];
    for (const head of [0, 1]) {
      for (let t = 0; t < 4; t++) {
        for (let j = 0; j < 4; j++) {
          expect(weights[0][head][t][j] > 0).toBe(j <= t);
          expect(weights[1][head][t][j] > 0).toBe(j <= Math.min(t, 1));
        }
      }
    }
  });

  test("heads that do not divide the size, and inputs of another size, are refused", () => {
    for (const heads of [4, 0, -2, 0.5]) {
      expect(() => new MultiHeadAttention(6, heads)).toThrow(`${heads} heads do not divide 6`);
    }
    expect(() => attention.forward(draw([2, 3, 5]), draw([2, 4, 6]))).toThrow(/query \[2, 3, 5\]/);
  });

  test("a mask the other way round is refused, causal or not", () => {
    const mask = ones([4, 2], { dtype: "bool" });
    for (const causal of [false, true]) {
      expect(() => attention.forward(draw([2, 3, 6]), draw([2, 4, 6]), { mask, causal })).toThrow(
        "multi-head attention: mask [4, 2] must be [batch, source] of keys [2, 4, 6]",
      );
    }
  });
});

import { describe, expect, test } from "vitest";
import { gaussian, orthogonal, Random, type Tensor, uniform, xavierUniform, zero } from "../../src/index.js";

const options = { dtype: "float64", random: new Random(11) } as const;

/** The largest deviation of x·xᵀ (or xᵀ·x, for a tall x) from the identity. */
function deviation(x: Tensor): number {
  const [rows, columns] = x.shape;
  const product = x.matmul(x, rows <= columns ? { transposeB: true } : { transposeA: true });
  const n = Math.min(rows, columns);
  return Math.max(...product.dataSync().map((value, i) => Math.abs(value - (Math.floor(i / n) === i % n ? 1 : 0))));
}

describe("initializers", () => {
  test.each([
    [6, 6],
    [9, 4],
    [4, 9],
  ])("orthogonal [%i, %i] keeps lengths to 1e-14", (rows, columns) => {
    expect(deviation(orthogonal()([rows, columns], options))).toBeLessThan(1e-14);
  });

  test("each gate's block of a recurrent weight is orthogonal of its own", () => {
    const blocks = orthogonal(3)([15, 5], options).split(3);
    for (const block of blocks) expect(deviation(block)).toBeLessThan(1e-14);
    expect(blocks[0].dataSync()).not.toEqual(blocks[1].dataSync());
  });

  test("orthogonal refuses what is no matrix, or no whole number of blocks", () => {
    expect(() => orthogonal()([3], options)).toThrow(/needs a matrix/);
    expect(() => orthogonal(2)([3, 2], options)).toThrow(/3 rows are not 2 blocks/);
  });

  test("uniform fills its range evenly, and gaussian has its standard deviation", () => {
    const values = uniform(0.5)([4000], options);
    expect(Math.max(...values.dataSync().map(Math.abs))).toBeLessThanOrEqual(0.5);
    expect(values.pow(2).mean().itemSync()).toBeCloseTo(1 / 12, 2);
    expect(gaussian(0.01)([4000], options).pow(2).mean().sqrt().itemSync()).toBeCloseTo(0.01, 3);
  });

  test("xavierUniform has variance 2 / (in + out), zero is zero", () => {
    expect(xavierUniform([60, 40], options).pow(2).mean().itemSync()).toBeCloseTo(2 / 100, 2);
    expect(zero([3], options).arraySync()).toEqual([0, 0, 0]);
  });
});

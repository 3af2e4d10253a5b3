import { describe, expect, test } from "vitest";
import { binary, comparisons, type UnaryName, unary } from "../../src/kernels/scalar.js";

const everywhere = [-30, -4, -1.25, -0.3, 0.4, 1, 2.5, 8, 30];
const positive = everywhere.filter((x) => x > 0);

/** Where each function is smooth; the table is typed, so a new function without a domain does not compile. */
const domains: Record<UnaryName, readonly number[]> = {
  neg: everywhere,
  exp: everywhere,
  log: positive,
  sqrt: positive,
  abs: everywhere,
  tanh: everywhere,
  sigmoid: everywhere,
  relu: everywhere,
  softplus: everywhere,
};

/** f′(x) from four values, with an error of order h⁴. */
function centralDifference(f: (x: number) => number, x: number): number {
  const h = 1e-3 * Math.max(1, Math.abs(x));
  return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
}

describe.each(Object.entries(domains))("the derivative of %s", (name, points) => {
  const { value, gradient } = unary[name as UnaryName];

  test.each(points)("agrees with central differences at %d", (x) => {
    const y = value(x);
    const expected = centralDifference(value, x);
    const scale = Math.max(Math.abs(expected), 1e-3 * Math.abs(y), 1e-6);
    expect(Math.abs(gradient(x, y, 1) - expected) / scale).toBeLessThan(1e-7);
  });
});

test("relu and abs have derivative 0 at 0", () => {
  expect(unary.relu.gradient(0, 0, 1)).toBe(0);
  expect(unary.abs.gradient(0, 0, 1)).toBe(0);
});

test("sigmoid and softplus neither overflow nor lose their tails", () => {
  expect(unary.sigmoid.value(-700) / Math.exp(-700)).toBeCloseTo(1, 14);
  expect(unary.sigmoid.value(-800)).toBe(0);
  expect(unary.sigmoid.value(800)).toBe(1);
  expect(unary.softplus.value(800)).toBe(800);
  expect(unary.softplus.value(-40) / Math.exp(-40)).toBeCloseTo(1, 14);
});

test("no function swallows a NaN", () => {
  for (const { value } of Object.values(unary)) expect(value(NaN)).toBeNaN();
  for (const name of ["add", "sub", "mul", "div", "pow", "maximum", "minimum"] as const) {
    expect(binary[name].value(NaN, 1), name).toBeNaN();
    expect(binary[name].value(1, NaN), name).toBeNaN();
  }
});

test("a comparison gives 1 or 0, and NaN compares false but for notEqual", () => {
  for (const name of comparisons) {
    for (const [x, y] of [
      [1, 2],
      [2, 2],
      [3, 2],
    ]) {
      expect([0, 1], name).toContain(binary[name].value(x, y));
    }
    expect(binary[name].value(NaN, NaN), name).toBe(name === "notEqual" ? 1 : 0);
  }
});

import { describe, expect, it } from "vitest";
import { gaussLegendre } from "../../../src/study/explanation/quadrature.js";

describe("Gauss–Legendre quadrature", () => {
  const integral = (count: number, f: (x: number) => number): number =>
    gaussLegendre(count).reduce((sum, { x, weight }) => sum + weight * f(x), 0);

  it("is exact for polynomials of degree 2n − 1", () => {
    for (const n of [1, 2, 3, 5, 16, 32]) {
      const degree = 2 * n - 1;
      expect(integral(n, (x) => x ** degree)).toBeCloseTo(1 / (degree + 1), 13);
      expect(integral(n, () => 1)).toBeCloseTo(1, 13);
    }
  });

  it("has the tabled nodes for n = 3: ½ ± √15/10 and ½, weights 5/18 and 4/9", () => {
    const [low, middle, high] = gaussLegendre(3);
    expect(low.x).toBeCloseTo(0.5 - Math.sqrt(15) / 10, 14);
    expect(middle.x).toBeCloseTo(0.5, 14);
    expect(high.weight).toBeCloseTo(5 / 18, 14);
    expect(middle.weight).toBeCloseTo(4 / 9, 14);
  });

  it("integrates e^x to rounding", () => {
    expect(integral(12, Math.exp)).toBeCloseTo(Math.E - 1, 13);
  });
});

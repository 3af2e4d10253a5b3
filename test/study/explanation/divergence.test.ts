import { describe, expect, it } from "vitest";
import { jensenShannon, totalVariation } from "../../../src/study/explanation/divergence.js";

describe("distances of distributions", () => {
  it("are 0 for equals, and 1 and ln 2 for what never meets", () => {
    expect([totalVariation([0.2, 0.8], [0.2, 0.8]), jensenShannon([0.2, 0.8], [0.2, 0.8])]).toEqual([0, 0]);
    expect(totalVariation([1, 0], [0, 1])).toBe(1);
    expect(jensenShannon([1, 0], [0, 1])).toBeCloseTo(Math.LN2, 14);
  });

  it("are symmetric, and what their definitions give by hand", () => {
    const [p, q] = [
      [0.5, 0.5, 0],
      [0.25, 0.25, 0.5],
    ];
    expect(totalVariation(p, q)).toBe(0.5);
    const byHand = 0.5 * Math.log(0.5 / 0.375) + 0.5 * (0.5 * Math.log(0.25 / 0.375) + 0.5 * Math.log(2));
    expect(jensenShannon(p, q)).toBeCloseTo(byHand, 14);
    expect(jensenShannon(q, p)).toBeCloseTo(byHand, 14);
  });
});

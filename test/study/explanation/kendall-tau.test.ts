import { describe, expect, it } from "vitest";
import { kendallTau } from "../../../src/study/explanation/kendall-tau.js";

describe("kendallTau", () => {
  it("is 1 for the same order, −1 for the opposite one", () => {
    expect(kendallTau([1, 2, 3, 4], [10, 20, 30, 31])).toBe(1);
    expect(kendallTau([1, 2, 3, 4], [9, 7, 5, 3])).toBe(-1);
  });

  it("counts ties as τ_b does: SciPy's documented example", () => {
    expect(kendallTau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])).toBeCloseTo(-0.47140452079103173, 14);
  });

  it("is unknown where all is tied", () => {
    expect(kendallTau([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(kendallTau([1], [2])).toBeNull();
  });
});

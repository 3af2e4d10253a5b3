import { describe, expect, it } from "vitest";
import { progressOf, scheduledProgress } from "../../src/training/schedule.js";

describe("the share of a training that its learning rate goes by", () => {
  const budget = { steps: 1000, seconds: 100 };

  it("is that of the steps alone where time suffices, slow first steps included", () => {
    expect(scheduledProgress(budget, 1, 5)).toBe(0.001);
    expect(scheduledProgress(budget, 500, 40)).toBe(0.5);
    expect(progressOf(budget, 1, 5)).toBe(0.05);
  });

  it("comes to its end with the time where steps would not end first", () => {
    expect(scheduledProgress(budget, 300, 55)).toBeCloseTo(0.5, 12);
    expect(scheduledProgress(budget, 600, 100)).toBe(1);
    expect(scheduledProgress(budget, 600, 130)).toBe(1);
  });

  it("is the share of the budget where there is one limit only", () => {
    expect(scheduledProgress({ steps: null, seconds: 100 }, 7, 5)).toBe(0.05);
    expect(scheduledProgress({ steps: 10, seconds: null }, 7, 5)).toBe(0.7);
  });
});

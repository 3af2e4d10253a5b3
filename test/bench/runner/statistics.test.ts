import { Random } from "backflow";
import { describe, expect, it } from "vitest";
import { compare, quantile, summarize } from "../../../bench/runner/statistics.js";

/** Rounds of noisy samples around a middle; every round has a drift of its own. */
function rounds(middle: number, seed: number, { noise = 0.05, drift = 0.05, count = 6 } = {}): number[][] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const here = middle * (1 + drift * random.normal());
    return Array.from({ length: 20 }, () => here * (1 + noise * random.normal()));
  });
}

describe("statistics of samples", () => {
  it("quantiles are NumPy's", () => {
    const sorted = [1, 2, 4, 8, 16];
    expect([0, 0.1, 0.25, 0.5, 0.9, 1].map((q) => quantile(sorted, q))).toEqual([1, 1.4, 2, 4, 12.8, 16]);
  });

  it("a summary counts the samples of all rounds and keeps them", () => {
    const summary = summarize([[3, 1], [2], []]);
    expect(summary).toEqual({ median: 2, q1: 1.5, q3: 2.5, samples: 3, rounds: [[3, 1], [2], []] });
  });

  it("twice the time is slower, half of it faster, and the interval holds the ratio", () => {
    const slower = compare(rounds(1, 1), rounds(2, 2));
    expect(slower.verdict).toBe("slower");
    expect(slower.low).toBeLessThan(2);
    expect(slower.high).toBeGreaterThan(2);
    expect(compare(rounds(2, 3), rounds(1, 4)).verdict).toBe("faster");
  });

  it("the same code measured twice on a drifting machine is the same in at least 9 of 10 cases", () => {
    const verdicts = Array.from({ length: 30 }, (_, i) =>
      compare(rounds(1, 100 + 2 * i, { count: 8 }), rounds(1, 101 + 2 * i, { count: 8 })),
    );
    expect(verdicts.filter(({ verdict }) => verdict === "same").length).toBeGreaterThanOrEqual(27);
  });

  it("a difference below 2 % is the same, however sure", () => {
    const exact = (value: number): number[][] => [Array(50).fill(value), Array(50).fill(value)];
    expect(compare(exact(1), exact(1.01)).verdict).toBe("same");
    expect(compare(exact(1), exact(1.03)).verdict).toBe("slower");
  });
});

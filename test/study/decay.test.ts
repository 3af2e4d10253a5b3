import { describe, expect, it } from "vitest";
import { decay, fitLine } from "../../src/study/decay.js";
import { pathGradients, pathTerms } from "../../src/study/path-split.js";
import { cut } from "../../src/study/scalpels.js";
import { measure, pair } from "./measured.js";
import { cells, smallModel } from "./small-model.js";

describe("fitLine", () => {
  it("finds a line exactly, and the least squares of what is none", () => {
    expect(
      fitLine([
        [0, 1],
        [1, 3],
        [5, 11],
      ]),
    ).toEqual({ slope: 2, intercept: 1 });
    // Anscombe's first quartet: 3.00 + 0.500 x.
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    const { slope, intercept } = fitLine(x.map((value, i) => [value, y[i]]));
    expect(slope).toBeCloseTo(0.50009, 5);
    expect(intercept).toBeCloseTo(3.00009, 5);
  });
});

describe.each(cells)("the decay of a %s encoder's gradient", (cell) => {
  it("has each direction's norm at its distance from the state a summary is made of", async () => {
    const model = smallModel({ cell });
    const { trace, loss } = measure(model);
    const { total } = await pathTerms(pathGradients(trace, loss));
    const { points } = await decay(model, pair);
    for (const [j, state] of total.entries()) {
      const half = state.length / 2;
      const norms = [state.subarray(0, half), state.subarray(half)].map((part) => Math.hypot(...part));
      expect(points).toContainEqual({ direction: "forward", j, distance: 4 - j, norm: expect.closeTo(norms[0], 10) });
      expect(points).toContainEqual({ direction: "backward", j, distance: j, norm: expect.closeTo(norms[1], 10) });
    }
  });

  it("is steeper without attention than with", async () => {
    const attended = await decay(smallModel({ cell }), pair);
    const alone = await decay(smallModel({ cell, model: "rnnencdec" }), pair);
    expect(alone.slope).toBeLessThan(-0.1);
    expect(alone.slope).toBeLessThan(attended.slope);
  });

  it("leaves only the summary's own states a gradient when the recurrence is cut without attention", async () => {
    const { points, slope } = await decay(smallModel({ cell, model: "rnnencdec" }), pair, {
      change: cut("recurrence"),
    });
    expect(points.filter(({ norm }) => norm > 0).map(({ distance }) => distance)).toEqual([0, 0]);
    expect(slope).toBeNaN();
  });
});

import { describe, expect, it } from "vitest";
import { attentionCell } from "../../src/study/attention-cell.js";
import { dot, expectEqual, matrix, pair, times } from "./measured.js";
import { cells, smallModel } from "./small-model.js";

describe.each(cells)("a cell of the alignment behind a %s encoder", (cell) => {
  const model = smallModel({ cell });

  it.each([
    [0, 0],
    [2, 3],
  ])("follows line by line from s and h to α, and back to ē: t = %i, j = %i", (t, j) => {
    const found = attentionCell(model, pair, t, j);
    const weight = (name: string): number[][] => matrix(model.stateDict()[name]);
    expectEqual(found.query, times(weight("W.weight"), found.state));
    expectEqual(found.key, times(weight("U.weight"), found.annotation));
    expectEqual([found.scores[j]], [dot(found.v, found.q)]);
    const exponentials = found.scores.map(Math.exp);
    const sum = exponentials.reduce((a, b) => a + b);
    expectEqual(
      found.weights,
      exponentials.map((x) => x / sum),
    );
    expectEqual([found.weightGradients[j]], [dot(found.annotation, found.contextGradient)]);
    const mean = dot(found.weights, found.weightGradients);
    expectEqual([found.scoreGradients[j]], [found.weights[j] * (found.weightGradients[j] - mean)]);
  });
});

describe("a cell that is none", () => {
  it("is refused", () => {
    expect(() => attentionCell(smallModel(), pair, 4, 0)).toThrow(/no cell \(4, 0\) in 4 × 5/);
    expect(() => attentionCell(smallModel({ model: "rnnencdec" }), pair, 0, 0)).toThrow(/rnnencdec has no attention/);
  });
});

import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { alignmentGrid } from "../../src/cli/alignment-grid.js";

const grid = {
  source: ["Tom", "is", "happy"],
  target: ["汤姆", "很", "高兴"],
  weights: [
    [0.9, 0.1, 0],
    [0.3, 0.45, 0.25],
    [0, 0.39, 0.61],
  ],
};

describe("alignmentGrid", () => {
  it("shades each cell by its weight, a source word a line", () => {
    expect(alignmentGrid(grid).split("\n")).toEqual([
      "       汤姆  很  高兴",
      "Tom    ████  ░░",
      "is           ▒▒  ░░░░",
      "happy        ░░  ▓▓▓▓",
    ]);
  });

  it("puts gold links in brackets", () => {
    const lines = alignmentGrid({
      ...grid,
      gold: [
        [0, 0],
        [2, 2],
      ],
    }).split("\n");
    expect(lines[1]).toBe("Tom   [████] ░░");
    expect(lines[3]).toBe("happy        ░░ [▓▓▓▓]");
  });

  it("keeps columns in line where a Chinese character takes two places", () => {
    const full = grid.weights.map((row) => row.map(() => 1));
    const widths = alignmentGrid({ ...grid, weights: full })
      .split("\n")
      .map((line) => stringWidth(line));
    expect(new Set(widths).size).toBe(1);
  });
});

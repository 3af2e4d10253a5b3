import { describe, expect, it } from "vitest";
import { formatStudy } from "../../src/cli/study-table.js";
import { madeUpReport } from "../web/report-data.js";

const [study, withoutAttention] = madeUpReport().studies;

describe("formatStudy", () => {
  it("shades the attention, marks the gold links, and keeps columns in line under Chinese words", () => {
    const lines = formatStudy(study).split("\n");
    expect(lines[2]).toBe("汤     ▓▓*·· ·· ·· ·· ·· ·· ·· ··");
    expect(lines[13]).toMatch(/^<eos> {2}(·· ){8}··$/);
  });

  it("says each source word's norm and shares", () => {
    const { total, value } = study.paths;
    const line = formatStudy(study)
      .split("\n")
      .find((text) => /^2 +chased/.test(text));
    expect(line).toContain(total[1].toPrecision(3));
    expect(line).toContain(`${(100 * value[1]).toFixed(1)} %`);
  });

  it("leaves out the attention where there is none, and has no blank at any line's end", () => {
    const text = formatStudy(withoutAttention);
    expect(text).toMatch(/^Where each source word's gradient comes from/);
    expect(text).not.toMatch(/ $/m);
  });
});

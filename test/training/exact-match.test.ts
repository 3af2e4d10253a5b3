import { describe, expect, it } from "vitest";
import { DataError } from "../../src/errors.js";
import { exactMatch, isExactMatch } from "../../src/training/exact-match.js";

describe("exactMatch", () => {
  it("counts a translation that is any one of its references", () => {
    const references = [[["a", "b"], ["a"]], [["c"]], [["d"]], [["e", "f"]]];
    expect(exactMatch(references, [["a"], ["c", "c"], ["d"], ["f", "e"]])).toBe(0.5);
  });

  it("takes an empty translation as right only where the reference is empty", () => {
    expect(isExactMatch([["a"]], [])).toBe(false);
    expect(isExactMatch([[]], [])).toBe(true);
  });

  it("is 0 for no sentences and refuses lists that do not match", () => {
    expect(exactMatch([], [])).toBe(0);
    expect(() => exactMatch([[["a"]]], [])).toThrow(DataError);
  });
});

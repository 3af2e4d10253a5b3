import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../../src/errors.js";
import { groupByLength } from "../../src/training/by-length.js";

const itself = (length: number) => length;

describe("groupByLength", () => {
  it("puts a length that is an edge into the group it ends", () => {
    expect(groupByLength([3, 10, 11, 20, 21], itself, [10, 20])).toEqual([
      { shortest: 1, longest: 10, items: [3, 10] },
      { shortest: 11, longest: 20, items: [11, 20] },
      { shortest: 21, longest: Number.POSITIVE_INFINITY, items: [21] },
    ]);
  });

  it("keeps empty groups and adds none for what is not there", () => {
    expect(groupByLength([15], itself, [10, 20]).map(({ items }) => items)).toEqual([[], [15]]);
  });

  it("loses no item and doubles none", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60)), fc.uniqueArray(fc.integer({ min: 1, max: 50 })), (lengths, edges) => {
        const rising = [...edges].sort((a, b) => a - b);
        const grouped = groupByLength(lengths, itself, rising).flatMap(({ items }) => items);
        expect([...grouped].sort()).toEqual([...lengths].sort());
      }),
    );
  });

  it("refuses edges that do not rise", () => {
    for (const edges of [[10, 10], [0], [5, Number.NaN]])
      expect(() => groupByLength([], itself, edges)).toThrow(DataError);
  });
});

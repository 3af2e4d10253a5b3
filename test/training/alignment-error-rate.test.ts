import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../../src/errors.js";
import { type AlignmentLink, alignmentErrorRate, hardAlignment } from "../../src/training/alignment-error-rate.js";

describe("alignmentErrorRate", () => {
  it("is 1 − (|A∩S| + |A∩P|) / (|A| + |S|), worked by hand", () => {
    const gold = [
      {
        sure: [
          [0, 0],
          [1, 1],
        ],
        possible: [
          [2, 1],
          [2, 2],
        ],
      },
    ] as const;
    const predicted = [
      [
        [0, 0],
        [2, 1],
        [3, 3],
      ],
    ] as const;
    expect(alignmentErrorRate(gold, predicted)).toBeCloseTo(1 - (1 + 2) / (3 + 2), 15);
  });

  it("sums counts over sentences before it divides", () => {
    const gold = [
      { sure: [[0, 0]] },
      {
        sure: [
          [0, 0],
          [1, 1],
          [2, 2],
        ],
      },
    ] as const;
    expect(
      alignmentErrorRate(gold, [
        [],
        [
          [0, 0],
          [1, 1],
          [2, 2],
        ],
      ]),
    ).toBeCloseTo(1 - 6 / 7, 15);
  });

  it("is 0 where all agree, 1 where nothing does, and between elsewhere", () => {
    const links = fc.array(fc.tuple(fc.nat(6), fc.nat(6)));
    fc.assert(
      fc.property(fc.array(fc.tuple(links, links, links)), (sentences) => {
        const gold = sentences.map(([sure, possible]) => ({ sure, possible }));
        const rate = alignmentErrorRate(
          gold,
          sentences.map(([, , predicted]) => predicted),
        );
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(1);
        expect(
          alignmentErrorRate(
            gold,
            gold.map(({ sure }) => sure),
          ),
        ).toBe(0);
      }),
    );
    expect(alignmentErrorRate([{ sure: [[0, 0]] }], [[[1, 0]]])).toBe(1);
  });

  it("is 1 − F1 where gold links are all sure, and counts a link said twice once", () => {
    const sure: AlignmentLink[] = [
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
    ];
    const predicted: AlignmentLink[] = [
      [0, 0],
      [0, 0],
      [1, 1],
      [5, 2],
    ];
    const [precision, recall] = [2 / 3, 2 / 4];
    expect(alignmentErrorRate([{ sure }], [predicted])).toBeCloseTo(
      1 - (2 * precision * recall) / (precision + recall),
      15,
    );
  });

  it("refuses lists that do not match", () => {
    expect(() => alignmentErrorRate([], [[]])).toThrow(DataError);
  });
});

describe("hardAlignment", () => {
  it("links each target token to its largest weight, the first of equals", () => {
    const weights = [Float32Array.of(0.1, 0.7, 0.2, 0), [0.4, 0.4, 0.2, 0], [0, 0, 0, 1]];
    expect(hardAlignment(weights, { sourceLength: 4, targetLength: 3 })).toEqual([
      [1, 0],
      [0, 1],
      [3, 2],
    ]);
  });

  it("leaves a target token unaligned where <eos> has the most, and rows past the target out", () => {
    const weights = [
      [0.2, 0.1, 0.7],
      [0.2, 0.6, 0.2],
      [1, 0, 0],
    ];
    expect(hardAlignment(weights, { sourceLength: 2, targetLength: 2 })).toEqual([[1, 1]]);
  });
});

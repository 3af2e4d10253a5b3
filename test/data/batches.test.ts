import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Batch, BatchStream, type EncodedPair, encodePairs, makeBatch } from "../../src/data/batches.js";
import { BOS, EOS, PAD, Vocabulary } from "../../src/data/vocabulary.js";
import { DataError } from "../../src/errors.js";

/** Distinct pairs of varying length: the first id tells them apart. */
const numbered = (count: number): EncodedPair[] =>
  Array.from({ length: count }, (_, i) => ({
    source: [4 + i, ...Array.from({ length: (i * 7) % 13 }, () => 5)],
    target: [4 + i, ...Array.from({ length: (i * 5) % 11 }, () => 6)],
  }));

const epoch = (stream: BatchStream): Batch[] => Array.from({ length: stream.batchesPerEpoch }, () => stream.next());
const firstIds = (batch: Batch): number[] =>
  Array.from({ length: batch.batchSize }, (_, row) => batch.source[row * batch.sourceLength]);

describe("makeBatch", () => {
  it("pads with 0, starts the decoder's input with <bos> and ends source and labels with <eos>", () => {
    const batch = makeBatch([
      { source: [10, 11, 12], target: [20] },
      { source: [13], target: [21, 22] },
    ]);
    expect(batch).toEqual({
      source: Int32Array.of(10, 11, 12, EOS, 13, EOS, PAD, PAD),
      target: Int32Array.of(BOS, 20, PAD, BOS, 21, 22),
      labels: Int32Array.of(20, EOS, PAD, 21, 22, EOS),
      sourceLengths: Int32Array.of(4, 2),
      targetLengths: Int32Array.of(2, 3),
      batchSize: 2,
      sourceLength: 4,
      targetLength: 3,
    });
  });

  it("takes an empty sentence as <eos> alone", () => {
    const batch = makeBatch([{ source: [], target: [] }]);
    expect([...batch.source, ...batch.target, ...batch.labels]).toEqual([EOS, BOS, EOS]);
  });

  it("refuses an empty batch", () => {
    expect(() => makeBatch([])).toThrow(DataError);
  });
});

describe("BatchStream", () => {
  it("covers every pair exactly once an epoch, in batches that are full but for one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer(),
        (count, batchSize, sortWindow, seed) => {
          const stream = new BatchStream(numbered(count), { batchSize, seed, sortWindow });
          for (let round = 0; round < 2; round++) {
            const batches = epoch(stream);
            const ids = batches.flatMap(firstIds).sort((a, b) => a - b);
            expect(ids).toEqual(Array.from({ length: count }, (_, i) => 4 + i));
            expect(batches.filter((batch) => batch.batchSize < batchSize).length).toBeLessThanOrEqual(1);
          }
          expect(stream.position()).toEqual({ epoch: 2, batch: 0 });
        },
      ),
      { numRuns: 50 },
    );
  });

  it("continues bit for bit from a saved position", () => {
    const options = { batchSize: 7, seed: 5 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), (steps) => {
        const stream = new BatchStream(numbered(90), options);
        for (let i = 0; i < steps; i++) stream.next();
        const resumed = new BatchStream(numbered(90), options);
        resumed.moveTo(JSON.parse(JSON.stringify(stream.position())));
        for (let i = 0; i < 20; i++) expect(resumed.next()).toEqual(stream.next());
      }),
      { numRuns: 20 },
    );
  });

  it("orders epochs, and seeds, differently", () => {
    const order = (seed: number, skip: number) => {
      const stream = new BatchStream(numbered(60), { batchSize: 8, seed });
      stream.moveTo({ epoch: skip, batch: 0 });
      return epoch(stream).flatMap(firstIds).join();
    };
    expect(new Set([order(1, 0), order(1, 1), order(1, 2), order(2, 0), order(-1, 0)]).size).toBe(5);
  });

  it("pads far less than unsorted batches would", () => {
    const pairs = numbered(1000);
    const padding = (sortWindow: number) => {
      const batches = epoch(new BatchStream(pairs, { batchSize: 10, seed: 1, sortWindow }));
      return batches.reduce((sum, batch) => sum + batch.source.filter((id) => id === PAD).length, 0);
    };
    expect(padding(20)).toBeLessThan(padding(1) / 5);
  });

  it.each([
    [[], { batchSize: 2, seed: 1 }, /no pairs to train on/],
    [numbered(3), { batchSize: 0, seed: 1 }, /batchSize must be 1 or more, got 0/],
    [numbered(3), { batchSize: 1.5, seed: 1 }, /batchSize must be 1 or more, got 1.5/],
    [numbered(3), { batchSize: 1, seed: 1, sortWindow: -1 }, /sortWindow must be 1 or more, got -1/],
  ])("refuses %j with %j", (pairs, options, message) => {
    expect(() => new BatchStream(pairs, options)).toThrow(message);
  });

  it("refuses a position that it cannot have", () => {
    const stream = new BatchStream(numbered(10), { batchSize: 5, seed: 1 });
    for (const position of [
      { epoch: 0, batch: 2 },
      { epoch: -1, batch: 0 },
      { epoch: 0, batch: 0.5 },
      { epoch: Number.NaN, batch: 0 },
    ]) {
      expect(() => stream.moveTo(position)).toThrow(DataError);
    }
  });
});

describe("encodePairs", () => {
  it("takes each side through its own vocabulary", () => {
    const pairs = [{ source: ["tom", "runs"], target: ["汤姆"] }];
    const source = Vocabulary.build([["runs", "runs", "tom"]]);
    expect(encodePairs(pairs, source, Vocabulary.build([["汤姆"]]))).toEqual([{ source: [5, 4], target: [4] }]);
  });
});

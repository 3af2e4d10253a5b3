import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../../src/errors.js";
import { corpusBleu } from "../../src/training/bleu.js";

interface Case {
  name: string;
  short: boolean;
  references: string[][][];
  hypotheses: string[][];
  bleu: number;
  bleu2: number;
  addOne: number;
}

const fixture: { nltk: string; cases: Case[] } = JSON.parse(
  readFileSync(new URL("../fixtures/bleu/nltk.json", import.meta.url), "utf8"),
);

describe("corpusBleu", () => {
  it.each(fixture.cases)("gives NLTK's score to 1e-6: $name", ({ references, hypotheses, bleu, bleu2, addOne }) => {
    const score = (options = {}) => corpusBleu(references, hypotheses, options).score;
    expect(Math.abs(score() - bleu)).toBeLessThan(1e-6);
    expect(Math.abs(score({ maximumOrder: 2 }) - bleu2)).toBeLessThan(1e-6);
    expect(Math.abs(score({ smoothing: "addOne" }) - addOne)).toBeLessThan(1e-6);
  });

  it("is held to NLTK as it is in at least eight corpora", () => {
    expect(fixture.cases.filter(({ short }) => !short).length).toBeGreaterThanOrEqual(8);
  });

  it("clips: seven times `the` finds it twice in the reference (Papineni 2002, example 2)", () => {
    const { precisions } = corpusBleu([["the cat is on the mat".split(" ")]], [Array(7).fill("the")]);
    expect(precisions[0]).toBe(2 / 7);
  });

  it("gives a perfect corpus 1, sentences of three words or not", () => {
    const sentences = [
      ["a", "b", "c"],
      ["a", "b", "c", "d", "e"],
    ];
    expect(
      corpusBleu(
        sentences.map((sentence) => [sentence]),
        sentences,
      ).score,
    ).toBe(1);
  });

  it("gives 0 and no NaN where there is nothing to count", () => {
    for (const [references, hypotheses] of [
      [[], []],
      [[[["a"]]], [[]]],
      [[[[]]], [[]]],
      [[[["a", "b"]]], [["a", "b"]]],
    ] as const) {
      expect(corpusBleu(references, hypotheses).score).toBe(0);
    }
  });

  it("lies between 0 and 1 and does not depend on the order of the sentences", () => {
    const sentence = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 9 });
    const corpus = fc.array(fc.tuple(fc.array(sentence, { minLength: 1, maxLength: 3 }), sentence), { minLength: 1 });
    fc.assert(
      fc.property(corpus, fc.constantFrom("none" as const, "addOne" as const), (pairs, smoothing) => {
        const bleu = (list: typeof pairs) =>
          corpusBleu(
            list.map(([references]) => references),
            list.map(([, hypothesis]) => hypothesis),
            { smoothing },
          ).score;
        expect(bleu(pairs)).toBeGreaterThanOrEqual(0);
        expect(bleu(pairs)).toBeLessThanOrEqual(1);
        expect(bleu([...pairs].reverse())).toBe(bleu(pairs));
      }),
    );
  });

  it("refuses lists that do not match", () => {
    expect(() => corpusBleu([], [["a"]])).toThrow(DataError);
    expect(() => corpusBleu([[]], [["a"]])).toThrow(/sentence 0 has no reference/);
  });
});

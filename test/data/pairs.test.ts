import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SentencePair, sentenceKey } from "../../src/data/pair.js";
import { pairsCorpus, parsePairs, splitPairs } from "../../src/data/pairs.js";
import { DataError } from "../../src/errors.js";

const keys = (pairs: readonly SentencePair[]) => pairs.map(({ source }) => sentenceKey(source));

describe("parsePairs", () => {
  it("reads source, tab, target, and leaves further columns alone", () => {
    const { pairs } = parsePairs("Go.\tVa !\tCC-BY 2.0\tmore\nI'm cold.\tJ'ai froid.\n", "a.txt");
    expect(pairs).toEqual([
      { source: ["Go", "."], target: ["Va", "!"] },
      { source: ["I'm", "cold", "."], target: ["J'ai", "froid", "."] },
    ]);
  });

  it("reads the same from CRLF, from a byte order mark, from empty lines and without a last line end", () => {
    const plain = parsePairs("a\tb\nc\td\n", "x").pairs;
    for (const text of ["a\tb\r\nc\td\r\n", "\ufeffa\tb\nc\td\n", "\n\na\tb\n\n \nc\td", "a\tb\rc\td"]) {
      expect(parsePairs(text, "x").pairs).toEqual(plain);
    }
  });

  it("counts malformed lines and shows the first five with their numbers", () => {
    const text = [
      "a\tb",
      "no tab here",
      "\tonly target",
      "only source\t",
      ...Array.from({ length: 9 }, () => "x"),
    ].join("\n");
    const parsed = parsePairs(text, "x");
    expect(parsed.malformed).toBe(12);
    expect(parsed.pairs).toHaveLength(1);
    expect(parsed.malformedLines).toHaveLength(5);
    expect(parsed.malformedLines.slice(0, 3)).toEqual([
      { line: 2, reason: "no tab", text: "no tab here" },
      { line: 3, reason: "no source before the tab", text: "\tonly target" },
      { line: 4, reason: "no target after the tab", text: "only source\t" },
    ]);
  });

  it("leaves out pairs with a long side, repeated pairs, and what is over the maximum", () => {
    const text = "a\tb\na\tb\na\tc\na b c\td\ne\tf g h\ni\tj\n";
    const parsed = parsePairs(text, "x", { maxLength: 2, maxPairs: 2 });
    expect(keys(parsed.pairs)).toEqual(["a", "a"]);
    expect(parsed.repeated).toBe(1);
    const all = parsePairs(text, "x", { maxLength: 2 });
    expect([all.pairs.length, all.tooLong, all.repeated, all.lines]).toEqual([3, 2, 1, 6]);
  });

  it("lower-cases and takes languages as told", () => {
    const { pairs } = parsePairs("Hello\t你好！", "x", { lowerCase: true, targetLanguage: "zh" });
    expect(pairs).toEqual([{ source: ["hello"], target: ["你", "好", "！"] }]);
  });

  it.each([
    ["", {}, /^x: it is empty\. One pair a line is expected: source<TAB>target$/],
    ["\n \n", {}, /^x: it is empty/],
    ["one\ntwo\n", {}, /^x: none of its 2 lines is a pair \(line 1: no tab\)\. Expected source<TAB>target$/],
    ["a b c\td\n", { maxLength: 2 }, /^x: none of its 1 pairs has at most 2 tokens a side/],
    ["a\tb", { maxLength: 0 }, /maxLength must be 1 or more, got 0/],
    ["a\tb", { maxPairs: Number.NaN }, /maxPairs must be 1 or more, got NaN/],
    ["a\tb", { sourceLanguage: "?" }, /"\?" is not a language tag/],
  ])("says in one line what is wrong with %j %j", (text, options, message) => {
    expect(() => parsePairs(text, "x", options)).toThrow(DataError);
    expect(() => parsePairs(text, "x", options)).toThrow(message);
  });
});

describe("splitPairs", () => {
  const anyPairs = fc.array(
    fc.record({ source: fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1 }), target: fc.array(fc.string()) }),
    { minLength: 1 },
  );

  it("puts every pair into one part, and all translations of a source into the same", () => {
    fc.assert(
      fc.property(anyPairs, fc.nat(), fc.nat(), fc.integer(), (pairs, a, b, seed) => {
        const sources = new Set(keys(pairs)).size;
        const test = a % sources;
        const validation = b % (sources - test);
        const split = splitPairs(pairs, { test, validation, seed });
        const parts = [split.train, split.validation, split.test].map((part) => new Set(keys(part)));
        expect(parts.map((part) => part.size)).toEqual([sources - test - validation, validation, test]);
        expect(new Set(parts.flatMap((part) => [...part])).size).toBe(sources);
        expect(split.train.length + split.validation.length + split.test.length).toBe(pairs.length);
        expect(splitPairs(pairs, { test, validation, seed })).toEqual(split);
      }),
    );
  });

  it("refuses sizes that leave nothing to train on", () => {
    const pairs = [
      { source: ["a"], target: ["b"] },
      { source: ["a"], target: ["c"] },
    ];
    expect(() => splitPairs(pairs, { validation: 0, test: 1, seed: 1 })).toThrow(
      /1 different source sentences cannot give/,
    );
    expect(() => splitPairs(pairs, { validation: -1, test: 0, seed: 1 })).toThrow(/validation must be a count, got -1/);
  });
});

describe("pairsCorpus", () => {
  it("names the corpus and its languages", () => {
    const text = Array.from({ length: 10 }, (_, i) => `s${i}\tt${i}`).join("\n");
    const { corpus, parsed } = pairsCorpus(text, "mine.txt", { validation: 2, test: 3, seed: 1, targetLanguage: "fr" });
    expect([corpus.name, corpus.sourceLanguage, corpus.targetLanguage]).toEqual(["mine.txt", "en", "fr"]);
    expect([corpus.train.length, corpus.validation.length, corpus.test.length]).toEqual([5, 2, 3]);
    expect(parsed.pairs).toHaveLength(10);
  });
});

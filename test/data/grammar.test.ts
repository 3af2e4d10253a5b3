import { describe, expect, it } from "vitest";
import * as lexicon from "../../src/data/grammar/lexicon.js";
import { type GrammarPair, grammarByLength, grammarCorpus, isHeldOut } from "../../src/data/grammar.js";
import { sentenceKey } from "../../src/data/pair.js";
import { DataError } from "../../src/errors.js";

const corpus = grammarCorpus({ seed: 7, train: 6000, validation: 300, test: 600 });
const buckets = grammarByLength(corpus, { perBucket: 100 });
const longPairs = buckets.flatMap(({ pairs }) => pairs);
const everyPair: readonly GrammarPair[] = [...corpus.train, ...corpus.validation, ...corpus.test, ...longPairs];

const find = (sentence: RegExp) => everyPair.find(({ source }) => sentence.test(sentenceKey(source)));

/** What each Chinese content word may come from. */
const sourcesOf = new Map<string, Set<string>>();
const allow = (chinese: string, ...english: string[]) =>
  sourcesOf.set(chinese, new Set([...(sourcesOf.get(chinese) ?? []), ...english]));
for (const { chinese, english } of [...lexicon.names, ...lexicon.places, ...lexicon.times]) allow(chinese, english);
for (const { chinese, english } of [...lexicon.livelyAdjectives, ...lexicon.thingAdjectives, ...lexicon.colours])
  allow(chinese, english);
for (const noun of [...lexicon.persons, ...lexicon.animals, ...lexicon.things]) {
  allow(noun.chinese, noun.singular, noun.plural);
  allow(noun.classifier, noun.singular, noun.plural);
}
for (const verb of [...lexicon.livelyVerbs, ...lexicon.thingVerbs, ...lexicon.intransitiveVerbs])
  allow(verb.chinese, verb.base, verb.third, verb.past);

describe("grammar", () => {
  it("gives the same corpus for the same seed and another for another", () => {
    const options = { train: 50, validation: 5, test: 5 };
    expect(grammarCorpus({ seed: 3, ...options })).toEqual(grammarCorpus({ seed: 3, ...options }));
    expect(grammarCorpus({ seed: 4, ...options })).not.toEqual(grammarCorpus({ seed: 3, ...options }));
  });

  it("never puts one sentence in two places", () => {
    expect(new Set(everyPair.map(({ source }) => sentenceKey(source))).size).toBe(everyPair.length);
    expect([corpus.train.length, corpus.validation.length, corpus.test.length]).toEqual([6000, 300, 600]);
  });

  it("keeps lengths from 3 to 20 in the corpus and reaches 40 in the buckets", () => {
    for (const { source } of [...corpus.train, ...corpus.test]) {
      expect(source.length).toBeGreaterThanOrEqual(3);
      expect(source.length).toBeLessThanOrEqual(20);
    }
    expect(buckets.map(({ shortest, longest }) => [shortest, longest])).toEqual([
      [3, 10],
      [11, 20],
      [21, 30],
      [31, 40],
    ]);
    for (const { shortest, longest, pairs } of buckets) {
      expect(pairs).toHaveLength(100);
      for (const { source } of pairs) {
        expect(source.length).toBeGreaterThanOrEqual(shortest);
        expect(source.length).toBeLessThanOrEqual(longest);
      }
    }
    expect(Math.max(...longPairs.map(({ source }) => source.length))).toBe(40);
  });

  it("spreads training lengths: no length from 5 to 20 has under half of an even share", () => {
    for (let length = 5; length <= 20; length++) {
      const count = corpus.train.filter(({ source }) => source.length === length).length;
      expect(count, `length ${length}`).toBeGreaterThan(6000 / 18 / 2);
    }
  });

  it("links every target word to exactly one source word, in range", () => {
    for (const { source, target, alignment } of everyPair) {
      expect(alignment.map(([, position]) => position)).toEqual(target.map((_, position) => position));
      for (const [position] of alignment) expect(source[position]).toBeDefined();
    }
  });

  it("links content words as the lexicon translates them", () => {
    let checked = 0;
    for (const { source, target, alignment } of everyPair) {
      for (const [from, to] of alignment) {
        const allowed = sourcesOf.get(target[to]);
        if (!allowed) continue;
        checked++;
        expect(allowed, `${sentenceKey(source)}: ${target[to]} from ${source[from]}`).toContain(source[from]);
      }
    }
    expect(checked).toBeGreaterThan(20_000);
  });

  it("gives one sentence one translation, whatever the seed", () => {
    const translations = new Map(everyPair.map((pair) => [sentenceKey(pair.source), sentenceKey(pair.target)]));
    let met = 0;
    for (const seed of [1, 2, 3]) {
      const { train } = grammarCorpus({ seed, train: 6000, validation: 0, test: 0, maxLength: 8 });
      for (const { source, target } of train) {
        const known = translations.get(sentenceKey(source));
        if (known !== undefined) met++;
        expect(sentenceKey(target)).toBe(known ?? sentenceKey(target));
        translations.set(sentenceKey(source), sentenceKey(target));
      }
    }
    expect(met).toBeGreaterThan(100);
  });

  it("keeps some word combinations for the test, and every word of them in training", () => {
    const vocabulary = new Set(corpus.train.flatMap(({ source }) => source));
    const targets = new Set(corpus.train.flatMap(({ target }) => target));
    for (const { heldOut } of [...corpus.train, ...corpus.validation]) expect(heldOut).toEqual([]);
    const novel = corpus.test.filter(({ heldOut }) => heldOut.length > 0);
    expect(novel.length).toBeGreaterThan(100);
    expect(novel.length).toBeLessThan(400);
    for (const { source, target, heldOut } of [...corpus.test, ...longPairs]) {
      for (const token of source) expect(vocabulary).toContain(token);
      for (const token of target) expect(targets).toContain(token);
      for (const combination of heldOut) expect(isHeldOut(combination)).toBe(true);
    }
  });

  it("holds out an adjective before its noun: it never stands there in training", () => {
    const bigrams = new Set(
      corpus.train.flatMap(({ source }) => source.map((token, i) => `${token} ${source[i + 1]}`)),
    );
    const adjectives = [...lexicon.livelyAdjectives, ...lexicon.colours].map(({ english }) => english);
    const combinations = adjectives.flatMap((adjective) =>
      lexicon.animals.map(({ singular, plural }) => [adjective, singular, plural]),
    );
    const kept = combinations.filter(([adjective, singular]) => isHeldOut(`${adjective} ${singular}`));
    expect(kept.length).toBeGreaterThan(2);
    expect(kept.length).toBeLessThan(combinations.length / 4);
    for (const [adjective, singular, plural] of kept) {
      expect(bigrams).not.toContain(`${adjective} ${singular}`);
      expect(bigrams).not.toContain(`${adjective} ${plural}`);
    }
  });

  it("has 150 to 200 English and 130 to 200 Chinese words, the rarest not under 1 in 5000", () => {
    const count = (side: "source" | "target") => {
      const counts = new Map<string, number>();
      for (const pair of corpus.train) for (const token of pair[side]) counts.set(token, (counts.get(token) ?? 0) + 1);
      return counts;
    };
    for (const [side, fewest] of [
      ["source", 150],
      ["target", 130],
    ] as const) {
      const counts = count(side);
      const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
      expect(counts.size).toBeGreaterThanOrEqual(fewest);
      expect(counts.size).toBeLessThanOrEqual(200);
      expect(Math.min(...counts.values())).toBeGreaterThan(total / 5000);
    }
  });

  it.each([
    [
      "time comes first, place before the verb",
      /^(?!.*(,|because)).* (near|behind) the \w+ on Friday \.$/,
      /^星期五 .* 在 \S+ (附近|后面) .*。$/,
    ],
    ["a relative clause stands before its noun", /^the \w+ (who|which) /, /的 \S+ /],
    ["a yes-or-no question ends in 吗", /^(does|do|did) .* \?$/, / 吗 ？$/],
    ["a question word stays in place", /^what did /, /了 什么 ？$/],
    ["past is denied with 没", /^\w+ did not /, / 没 /],
    ["present is denied with 不", /^\w+ does not /, / 不 /],
    ["the reason comes before what follows from it", /because/, /因为 .* ， 所以 /],
    ["letters are counted with 封", /two letters/, /两 封 信/],
  ])("%s", (_, source, target) => {
    const pair = find(source);
    expect(pair, `no sentence like ${source}`).toBeDefined();
    expect(sentenceKey(pair!.target)).toMatch(target);
  });

  it.each([
    [{ maxLength: 41 }, /maxLength must be an integer from 6 to 40, got 41/],
    [{ maxLength: 5 }, /maxLength/],
    [{ train: -1 }, /train must be a count, got -1/],
    [{ test: 1.5 }, /test must be a count/],
    [{ seed: 0.5 }, /seed must be an integer/],
  ])("refuses %o with a DataError", (wrong, message) => {
    const make = () => grammarCorpus({ seed: 1, train: 10, validation: 1, test: 1, ...wrong });
    expect(make).toThrow(DataError);
    expect(make).toThrow(message);
  });

  it("says when a length has no more sentences", () => {
    expect(() => grammarByLength(corpus, { edges: [3], perBucket: 5000 })).toThrow(
      /found only \d+ of 5000 different sentences of 3 to 3 words/,
    );
  });

  it("refuses buckets that do not rise", () => {
    expect(() => grammarByLength(corpus, { edges: [10, 5], perBucket: 1 })).toThrow(/edges must rise/);
  });
});

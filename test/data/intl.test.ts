import { describe, expect, it } from "vitest";
import { intlKinds } from "../../src/data/intl/phrases.js";
import { type IntlKind, intlCorpus } from "../../src/data/intl.js";
import { type SentencePair, sentenceKey } from "../../src/data/pair.js";
import { DataError } from "../../src/errors.js";

const options = { seed: 1, locale: "fr", pairs: 400, validation: 40, test: 40 };
const allPairs = (changes: Partial<Parameters<typeof intlCorpus>[0]>): SentencePair[] => {
  const { train, validation, test } = intlCorpus({ ...options, ...changes });
  return [...train, ...validation, ...test];
};
const lines = (pairs: readonly SentencePair[]) =>
  pairs.map(({ source, target }) => `${sentenceKey(source)} → ${sentenceKey(target)}`);

describe("intl", () => {
  it("gives thousands of unique English phrases in parts that share none", () => {
    const corpus = intlCorpus({ ...options, pairs: 6000, validation: 300, test: 300 });
    expect([corpus.train.length, corpus.validation.length, corpus.test.length]).toEqual([5400, 300, 300]);
    const sources = [...corpus.train, ...corpus.validation, ...corpus.test].map(({ source }) => sentenceKey(source));
    expect(new Set(sources).size).toBe(6000);
    expect([corpus.name, corpus.sourceLanguage, corpus.targetLanguage]).toEqual(["intl fr", "en", "fr"]);
  });

  it("is the same for the same seed", () => {
    expect(intlCorpus(options)).toEqual(intlCorpus(options));
    expect(intlCorpus({ ...options, seed: 2 })).not.toEqual(intlCorpus(options));
  });

  it.each(["zh", "fr", "de", "ja", "ar", "hi", "pt-BR"])(
    "has every kind of phrase in %s, with no empty side",
    (locale) => {
      for (const kind of Object.keys(intlKinds) as IntlKind[]) {
        for (const { source, target } of allPairs({ locale, kinds: [kind], pairs: 60, validation: 5, test: 5 })) {
          expect(source.length).toBeGreaterThan(0);
          expect(target.length).toBeGreaterThan(0);
        }
      }
    },
  );

  it.each<[string, IntlKind, RegExp]>([
    ["fr", "dates", /^Friday , .* → vendredi \d+ /],
    ["de", "months", /^March \d+ → März \d+$/],
    ["fr", "regions", / and .* → .* et /],
    ["zh", "relativeTimes", /^in \d+ days → \d+ 天 后$/],
    ["de", "units", /kilometers → \d+ Kilometer$/],
    ["fr", "money", /US dollars → \d+ dollars des États - Unis$/],
  ])("says it as %s does: %s", (locale, kind, expected) => {
    expect(lines(allPairs({ locale, kinds: [kind] })).some((line) => expected.test(line))).toBe(true);
  });

  it.each([
    [{ locale: "not a tag" }, /"not a tag" is not a language tag/],
    [{ locale: "" }, /"" is not a language tag/],
    [{ locale: "tlh" }, /no locale data for "tlh"/],
    [{ locale: "en-GB" }, /English → English is no translation/],
    [{ pairs: 0 }, /pairs must be a count from 1, got 0/],
    [{ kinds: [] }, /kinds is empty/],
    [{ kinds: ["prices" as IntlKind] }, /no kind "prices"\. There are dates, months,/],
    [{ kinds: ["months" as IntlKind], pairs: 9000 }, /there are only 2\d\d\d different phrases of months/],
    [{ test: 400 }, /cannot give 40 for validation and 400 for the test/],
  ])("refuses %j with a DataError", (changes, message) => {
    expect(() => intlCorpus({ ...options, ...changes })).toThrow(DataError);
    expect(() => intlCorpus({ ...options, ...changes })).toThrow(message);
  });
});

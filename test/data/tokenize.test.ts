import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detokenize, tokenize } from "../../src/data/tokenize.js";
import { DataError } from "../../src/errors.js";

describe("tokenize", () => {
  it.each([
    ["I'm cold.", "en", ["I'm", "cold", "."]],
    ["Wait... what?!", "en", ["Wait", ".", ".", ".", "what", "?", "!"]],
    ["Cours\u202f!", "fr", ["Cours", "!"]],
    ["«\u00a0Va\u00a0!\u00a0»", "fr", ["«", "Va", "!", "»"]],
    ["我很冷。", "zh", ["我", "很", "冷", "。"]],
    ["我有2本 iPhone 书", "zh", ["我", "有", "2", "本", "iPhone", "书"]],
    ["コーヒーを飲む", "ja", ["コ", "ー", "ヒ", "ー", "を", "飲", "む"]],
    ["  \t\u200b ", "en", []],
    ["", "en", []],
  ])("splits %j (%s)", (text, language, tokens) => {
    expect(tokenize(text, { language })).toEqual(tokens);
  });

  it("gives composed and decomposed letters the same token", () => {
    expect(tokenize("e\u0301te\u0301")).toEqual(tokenize("été"));
  });

  it("lower-cases by the language's own rules, when asked to", () => {
    expect(tokenize("Tom RUNS", { lowerCase: true })).toEqual(["tom", "runs"]);
    expect(tokenize("ISPARTA", { lowerCase: true, language: "tr" })).toEqual(["ısparta"]);
    expect(tokenize("Tom RUNS")).toEqual(["Tom", "RUNS"]);
  });

  it("refuses what is not a language tag", () => {
    expect(() => tokenize("a", { language: "not a tag" })).toThrow(DataError);
  });

  it("loses nothing but spaces and format characters", () => {
    const blank = /[\s\p{Cf}]/gu;
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.constantFrom("en", "fr", "zh", "ja"), (text, language) => {
        const kept = tokenize(text, { language }).join("").replace(blank, "");
        expect(kept).toBe(text.normalize("NFC").replace(blank, ""));
      }),
    );
  });

  it("gives no empty token and no token with a space in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        for (const token of tokenize(text)) expect(token).toMatch(/^\S+$/u);
      }),
    );
  });
});

describe("detokenize", () => {
  it.each([
    ["I'm cold.", "en"],
    ["Is it true, Tom?", "en"],
    ["He said (twice): no.", "en"],
    ["Est-ce là-dessus\u00a0?", "fr"],
    ["«\u00a0Va\u00a0!\u00a0»", "fr"],
    ["我很冷，你呢？", "zh"],
  ])("writes the tokens of %j as they were", (text, language) => {
    expect(detokenize(tokenize(text, { language }), language)).toBe(text);
  });

  it("brings back plain sentences whole", () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    const sentence = fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 12 }), fc.constantFrom(".", "!", "?"))
      .map(([words, mark]) => `${words.join(" ")}${mark}`);
    fc.assert(
      fc.property(sentence, (text) => {
        expect(detokenize(tokenize(text, { language: "en" }))).toBe(text);
      }),
    );
  });

  it("writes nothing for no tokens", () => {
    expect(detokenize([])).toBe("");
  });
});

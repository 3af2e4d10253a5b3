import { describe, expect, test } from "vitest";
import {
  createTranslator,
  type TranslatorConfig,
  translatorParameterCount,
  withParameterCount,
} from "../../src/index.js";

const base = { sourceVocabulary: 9, targetVocabulary: 7, embeddingSize: 5, hiddenSize: 6 };

describe("translatorParameterCount", () => {
  test.each(["rnnsearch", "rnnencdec"] as const)("is what a %s holds, for every cell", (model) => {
    for (const cell of ["rnn", "gru", "lstm"] as const) {
      const config: TranslatorConfig = { ...base, model, cell, attentionSize: 4 };
      expect(translatorParameterCount(config)).toBe(createTranslator(config).parameterCount());
    }
  });
});

describe("withParameterCount", () => {
  test("gives RNNencdec RNNsearch's number of parameters to 1 %, by a wider hidden state", () => {
    const search: TranslatorConfig = { ...base, model: "rnnsearch", embeddingSize: 64, hiddenSize: 96 };
    const count = translatorParameterCount(search);
    const rival = withParameterCount({ ...search, model: "rnnencdec" }, count);
    expect(rival.hiddenSize).toBeGreaterThan(96);
    expect(rival.embeddingSize).toBe(64);
    expect(Math.abs(translatorParameterCount(rival) / count - 1)).toBeLessThan(0.01);
  });

  test("finds the very size that has the count", () => {
    const config: TranslatorConfig = { ...base, model: "rnnencdec", hiddenSize: 33 };
    expect(withParameterCount({ ...config, hiddenSize: 1 }, translatorParameterCount(config)).hiddenSize).toBe(33);
  });
});

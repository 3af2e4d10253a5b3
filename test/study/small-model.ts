import { Vocabulary } from "../../src/data/vocabulary.js";
import { createTranslator } from "../../src/models/create-translator.js";
import type { Translator, TranslatorConfig } from "../../src/models/translator.js";
import type { ParameterOptions } from "../../src/nn/module.js";
import { Random } from "../../src/tensor/random.js";

const source = ["a", "b", "c", "d", "e", "f"];
const target = ["u", "v", "w", "x", "y"];

export const vocabularies = { source: Vocabulary.build([source]), target: Vocabulary.build([target]) };

export const sentence = {
  source: ["c", "a", "f", "b"],
  target: ["w", "u", "y"],
  alignment: [
    [0, 0],
    [2, 1],
  ] as const,
};

export const cells = ["rnn", "gru", "lstm"] as const;

/** A translator of a few numbers, in float64 unless told, its weights large enough that no gradient is small. */
export function smallModel(
  config: Partial<TranslatorConfig> = {},
  { dtype = "float64", device = "cpu" }: Pick<ParameterOptions, "dtype" | "device"> = {},
): Translator {
  return createTranslator(
    {
      model: "rnnsearch",
      sourceVocabulary: vocabularies.source.size,
      targetVocabulary: vocabularies.target.size,
      embeddingSize: 5,
      hiddenSize: 4,
      attentionSize: 3,
      ...config,
    },
    { dtype, device, random: new Random(5) },
  );
}

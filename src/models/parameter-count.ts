import type { TranslatorConfig } from "./translator.js";

const gateCounts = { rnn: 1, gru: 3, lstm: 4 } as const;

/** How many numbers a translator's parameters hold, without making it. */
export function translatorParameterCount(config: TranslatorConfig): number {
  const { sourceVocabulary, targetVocabulary, embeddingSize: e, hiddenSize: h, attentionSize: a = h } = config;
  const gates = gateCounts[config.cell ?? "gru"];
  const cell = (inputSize: number): number => gates * h * (inputSize + h + 2);
  const embeddings = (sourceVocabulary + targetVocabulary) * e;
  const bridge = h * (h + 1);
  const attention = config.model === "rnnsearch" ? a * (h + 2 * h + 1) : 0;
  const readout = h * (3 * h + e + 1);
  const output = targetVocabulary * (h + 1);
  return embeddings + 2 * cell(e) + bridge + attention + cell(e + 2 * h) + readout + output;
}

/**
 * The config with the hidden size whose parameter count comes nearest to `count`: how RNNencdec, which has no attention
 * to spend parameters on, gets as many as RNNsearch. The embedding size stays.
 */
export function withParameterCount(config: TranslatorConfig, count: number): TranslatorConfig {
  const sized = (hiddenSize: number): TranslatorConfig => ({ ...config, hiddenSize });
  const distance = (hiddenSize: number): number => Math.abs(translatorParameterCount(sized(hiddenSize)) - count);
  let hiddenSize = 1;
  while (distance(hiddenSize + 1) <= distance(hiddenSize)) hiddenSize++;
  return sized(hiddenSize);
}

import { encodePairs } from "../data/batches.js";
import { type SentencePair, sentenceKey } from "../data/pair.js";
import { Vocabulary } from "../data/vocabulary.js";
import { DataError } from "../errors.js";
import { createTranslator } from "../models/create-translator.js";
import type { Translator } from "../models/translator.js";
import { Random } from "../tensor/random.js";
import { readModel } from "./checkpoint.js";
import type { Vocabularies } from "./evaluate.js";
import { type RunConfig, readRunConfig, readVocabularies } from "./run-config.js";
import type { RunStorage } from "./run-storage.js";
import { Trainer } from "./trainer.js";
import { freshHistory, type TrainingRun } from "./training-run.js";

export function buildVocabularies(
  pairs: readonly SentencePair[],
  options: { minimumCount?: number; maximumSize?: number } = {},
): Vocabularies {
  return {
    source: Vocabulary.build(
      pairs.map(({ source }) => source),
      options,
    ),
    target: Vocabulary.build(
      pairs.map(({ target }) => target),
      options,
    ),
  };
}

/** A short text that two lists of pairs share only if they are the same (FNV-1a, 32 bits, beside their number). */
export function digestOf(pairs: readonly SentencePair[]): string {
  let hash = 0x811c9dc5;
  for (const { source, target } of pairs) {
    const text = `${sentenceKey(source)}\t${sentenceKey(target)}\n`;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return `${pairs.length}-${(hash >>> 0).toString(16).padStart(8, "0")}`;
}

/**
 * A model with its trainer, as `config` says: fresh, or to be resumed.
 * @throws DataError where the pairs are not those that the run began with
 */
export function makeTrainingRun(
  config: RunConfig,
  vocabularies: Vocabularies,
  pairs: readonly SentencePair[],
  storage: RunStorage,
): TrainingRun {
  if (digestOf(pairs) !== config.dataDigest) {
    throw new DataError(
      `${storage.place}: the run was trained on other sentences than these: its corpus has changed. Train anew with --overwrite`,
    );
  }
  const { model: modelConfig, training, seed, device, dtype } = config;
  const random = new Random(seed);
  const model = createTranslator(modelConfig, { dtype, device, random });
  const encoded = encodePairs(pairs, vocabularies.source, vocabularies.target);
  const trainer = new Trainer(model, encoded, random, { ...training, seed });
  return { name: modelConfig.model, trainer, storage, history: freshHistory };
}

/** A trained model with what it needs to translate. */
export interface TrainedModel {
  readonly config: RunConfig;
  readonly vocabularies: Vocabularies;
  readonly model: Translator;
}

/**
 * Opens a run's trained model.
 * @throws DataError where a file is missing, damaged, or does not fit the others
 */
export async function openRun(storage: RunStorage): Promise<TrainedModel> {
  const config = await readRunConfig(storage);
  const vocabularies = await readVocabularies(storage, config);
  const model = createTranslator(config.model, { dtype: config.dtype, device: config.device });
  await readModel(storage, model);
  return { config, vocabularies, model: model.eval() };
}

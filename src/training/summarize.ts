import type { Corpus, SentencePair } from "../data/pair.js";
import { DataError } from "../errors.js";
import type { Translator } from "../models/translator.js";
import { metricsByLength, metricsOf, type SentenceResult, type Vocabularies } from "./evaluate.js";
import type { RunStorage } from "./run-storage.js";
import type { ModelSummary, RunSummary } from "./summary.js";

export const SUMMARY_FILE = "summary.json";

/** One model after training: its results on the test set, and on more sentences that only count by length. */
export interface EvaluatedModel {
  readonly model: Translator;
  readonly steps: number;
  readonly seconds: number;
  readonly device: string;
  readonly threads: number;
  readonly results: readonly SentenceResult[];
  readonly longer: readonly SentenceResult[];
}

export function summarizeModel(evaluated: EvaluatedModel, edges: readonly number[]): ModelSummary {
  const { model, steps, seconds, device, threads, results, longer } = evaluated;
  const { embeddingSize, hiddenSize } = model.config;
  return {
    model: model.config.model,
    parameters: model.parameterCount(),
    embeddingSize,
    hiddenSize,
    steps,
    seconds,
    device,
    threads,
    metrics: { ...metricsOf(results) },
    byLength: metricsByLength([...results, ...longer], edges),
  };
}

const EXAMPLES = 8;

/**
 * `summary.json` of a run.
 * @param run.kind `grammar`, `intl` or `pairs`
 * @param models the models, all tested on the same sentences, the run's own first
 */
export function summarizeRun(
  run: { name: string; kind: string; corpus: Corpus; vocabularies: Vocabularies; edges: readonly number[] },
  models: readonly EvaluatedModel[],
): RunSummary {
  const { name, kind, corpus, vocabularies, edges } = run;
  const longest = (pairs: readonly SentencePair[]): number =>
    pairs.reduce((most, { source }) => Math.max(most, source.length), 0);
  return {
    name,
    created: new Date().toISOString(),
    corpus: {
      kind,
      train: corpus.train.length,
      validation: corpus.validation.length,
      test: corpus.test.length,
      trainMaxLength: longest(corpus.train),
      sourceVocabulary: vocabularies.source.size,
      targetVocabulary: vocabularies.target.size,
    },
    models: models.map((evaluated) => summarizeModel(evaluated, edges)),
    examples: models[0].results.slice(0, EXAMPLES).map(({ source, references }, i) => ({
      source: [...source],
      target: [...references[0]],
      outputs: Object.fromEntries(
        models.map(({ model, results }) => [model.config.model, [...results[i].output]] as const),
      ),
    })),
  };
}

export async function writeSummary(storage: RunStorage, summary: RunSummary): Promise<void> {
  await storage.write(SUMMARY_FILE, new TextEncoder().encode(`${JSON.stringify(summary, null, 2)}\n`));
}

/** @throws DataError where there is none */
export async function readSummary(storage: RunStorage): Promise<RunSummary> {
  const bytes = await storage.read(SUMMARY_FILE);
  const place = `${storage.place}/${SUMMARY_FILE}`;
  if (!bytes) throw new DataError(`${place}: there is no such file: run \`backflow evaluate\` on the folder first`);
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as RunSummary;
  } catch {
    throw new DataError(`${place}: no JSON: it is damaged`);
  }
}

import type { IntlKind } from "../data/intl.js";
import { Vocabulary } from "../data/vocabulary.js";
import { DataError } from "../errors.js";
import type { TranslatorConfig } from "../models/translator.js";
import type { Device } from "../tensor/devices.js";
import type { Vocabularies } from "./evaluate.js";
import type { RunStorage } from "./run-storage.js";
import type { Budget } from "./schedule.js";
import type { TrainerOptions } from "./trainer.js";

/** Where the sentences come from: enough to make the same corpus again. */
export type CorpusDescription = { readonly seed: number; readonly validation: number; readonly test: number } & (
  | {
      readonly kind: "grammar";
      readonly train: number;
      readonly maxLength: number;
      /** Test sentences in each bucket of lengths beyond `maxLength`. */
      readonly longerPerBucket: number;
    }
  | { readonly kind: "intl"; readonly locale: string; readonly pairs: number; readonly kinds?: readonly IntlKind[] }
  | {
      readonly kind: "pairs";
      readonly path: string;
      readonly maxLength?: number;
      readonly maxPairs?: number;
      readonly sourceLanguage: string;
      readonly targetLanguage: string;
      readonly lowerCase: boolean;
    }
);

/** `config.json` of a run folder: all that is needed to build the model, its corpus and its training again. */
export interface RunConfig {
  /** The version of Backflow that wrote it. */
  readonly version: string;
  readonly name: string;
  readonly seed: number;
  readonly device: Device;
  readonly dtype: "float32" | "float64";
  readonly model: TranslatorConfig;
  readonly corpus: CorpusDescription;
  /** How the user's own sentences are read. */
  readonly text: { readonly sourceLanguage: string; readonly targetLanguage: string; readonly lowerCase: boolean };
  /** A digest of the training pairs: a run resumes only on the same data. */
  readonly dataDigest: string;
  readonly training: TrainerOptions;
  readonly budget: Budget;
  /** Steps between validations, and how many in a row without a better loss end the training (null: none do). */
  readonly validateEvery: number;
  readonly patience: number | null;
}

export const CONFIG_FILE = "config.json";
export const VOCABULARY_FILE = "vocabulary.json";

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

export async function writeRunConfig(storage: RunStorage, config: RunConfig): Promise<void> {
  await storage.write(CONFIG_FILE, encode(config));
}

export async function writeVocabularies(storage: RunStorage, vocabularies: Vocabularies): Promise<void> {
  await storage.write(VOCABULARY_FILE, encode(vocabularies));
}

/**
 * A JSON file of a run.
 * @throws DataError where it is missing or no JSON object
 */
async function readJson(storage: RunStorage, file: string): Promise<Record<string, unknown>> {
  const bytes = await storage.read(file);
  if (!bytes)
    throw new DataError(`${storage.place}: no run folder: it has no ${file}. Make one with \`backflow train\``);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new DataError(`${storage.place}/${file}: no JSON: it is damaged, or another program's`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DataError(`${storage.place}/${file}: a JSON object is expected`);
  }
  return value as Record<string, unknown>;
}

/** @throws DataError where the file is missing, damaged, or not what {@link writeRunConfig} wrote */
export async function readRunConfig(storage: RunStorage): Promise<RunConfig> {
  const config = await readJson(storage, CONFIG_FILE);
  const missing = ["version", "seed", "device", "dtype", "model", "corpus", "text", "training", "budget"].filter(
    (key) => config[key] === undefined,
  );
  if (missing.length > 0) {
    throw new DataError(
      `${storage.place}/${CONFIG_FILE}: ${missing.join(", ")} missing: it is not a run's configuration`,
    );
  }
  // The keys are there; the values were written by writeRunConfig, and each is checked again by whatever takes it.
  return config as unknown as RunConfig;
}

/**
 * The run's vocabularies.
 * @throws DataError where the file is damaged, or does not fit the model in `config`
 */
export async function readVocabularies(storage: RunStorage, config: RunConfig): Promise<Vocabularies> {
  const json = await readJson(storage, VOCABULARY_FILE);
  const read = (side: "source" | "target"): Vocabulary => {
    let vocabulary: Vocabulary;
    try {
      vocabulary = Vocabulary.fromJSON(json[side]);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      throw new DataError(`${storage.place}/${VOCABULARY_FILE}: ${side}: ${error.message}`);
    }
    const expected = config.model[`${side}Vocabulary`];
    if (vocabulary.size !== expected) {
      throw new DataError(
        `${storage.place}/${VOCABULARY_FILE}: the ${side} vocabulary has ${vocabulary.size} words, the model was trained with ${expected}: it is another run's`,
      );
    }
    return vocabulary;
  };
  return { source: read("source"), target: read("target") };
}

import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { DataError } from "../errors.js";
import type { CorpusDescription } from "../training/run-config.js";
import type { Budget, ScheduleName } from "../training/schedule.js";
import { notEmpty, positiveNumber, share, wholeNumber } from "./option-values.js";

/** What `backflow train` was told, defaults filled in. */
export interface TrainOptions {
  readonly corpus: "grammar" | "intl";
  readonly pairs?: string;
  readonly locale: string;
  readonly maxLength?: number;
  readonly maxPairs?: number;
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly sourceLanguage: string;
  readonly targetLanguage: string;
  readonly keepCase?: boolean;
  readonly minCount: number;
  readonly maxVocabulary: number;
  readonly model: "rnnsearch" | "rnnencdec";
  readonly cell: "gru" | "lstm" | "rnn";
  readonly embedding: number;
  readonly hidden: number;
  readonly dropout: number;
  readonly optimizer: "adam" | "adadelta";
  readonly learningRate?: number;
  readonly schedule: ScheduleName;
  readonly batch: number;
  readonly clip: number;
  readonly labelSmoothing: number;
  readonly steps?: number;
  readonly minutes?: number;
  readonly patience?: number;
  readonly validateEvery: number;
  readonly seed: number;
  readonly device: "cpu" | "gpu";
  readonly dtype: "float32" | "float64";
  readonly out: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

const choice = (flags: string, description: string, choices: readonly string[], value: string): Option =>
  new Option(flags, description).choices(choices).default(value);

/** Adds every option of {@link TrainOptions} to a command. */
export function addTrainOptions(command: Command): Command {
  return command
    .optionsGroup("Sentences:")
    .addOption(
      choice(
        "--corpus <kind>",
        "generated: English → Chinese, or phrases of the platform",
        ["grammar", "intl"],
        "grammar",
      ),
    )
    .addOption(
      new Option("--pairs <file>", "your own: source<TAB>target a line").argParser(notEmpty).conflicts("corpus"),
    )
    .option("--locale <tag>", "with --corpus intl: the language to translate into", "fr")
    .option("--max-length <tokens>", "leave out longer sentences", wholeNumber(1))
    .option("--max-pairs <number>", "with --pairs: read no more than these", wholeNumber(1))
    .option("--train <number>", "generated training sentences", wholeNumber(1), 30_000)
    .option("--validation <number>", "sentences for validation", wholeNumber(1), 500)
    .option("--test <number>", "sentences for the test", wholeNumber(1), 500)
    .option("--source-language <tag>", "with --pairs: language of the left column", "en")
    .option("--target-language <tag>", "with --pairs: language of the right column", "und")
    .option("--keep-case", "with --pairs: keep capitals")
    .option("--min-count <number>", "rarer words are read as <unk>", wholeNumber(1), 1)
    .option("--max-vocabulary <words>", "the most words on each side", wholeNumber(5), 4000)
    .optionsGroup("Model:")
    .addOption(choice("--model <name>", "with attention, or without", ["rnnsearch", "rnnencdec"], "rnnsearch"))
    .addOption(choice("--cell <name>", "recurrent cell", ["gru", "lstm", "rnn"], "gru"))
    .option("--embedding <size>", "embedding size", wholeNumber(1), 96)
    .option("--hidden <size>", "size of each encoder direction and of the decoder", wholeNumber(1), 128)
    .option("--dropout <share>", "share of the values dropped in training", share, 0)
    .optionsGroup("Training:")
    .addOption(choice("--optimizer <name>", "how parameters are updated", ["adam", "adadelta"], "adam"))
    .option("--learning-rate <number>", "0.005 with adam, 1 with adadelta", positiveNumber)
    .addOption(
      choice("--schedule <name>", "how the learning rate goes down", ["constant", "linear", "cosine"], "linear"),
    )
    .option("--batch <sentences>", "sentences in a batch", wholeNumber(1), 64)
    .option("--clip <norm>", "the gradient's norm is brought down to this", positiveNumber, 1)
    .option("--label-smoothing <share>", "share of the probability spread over all words", share, 0)
    .option("--steps <number>", "end after so many steps", wholeNumber(1))
    .option("--minutes <number>", "end after so many minutes; 3 where nothing else ends it", positiveNumber)
    .option("--patience <number>", "end when so many validations in a row bring no better loss", wholeNumber(1))
    .option("--validate-every <steps>", "steps between validations", wholeNumber(1), 200)
    .option("--seed <number>", "seed of every random number", wholeNumber(0), 1)
    .addOption(choice("--device <name>", "what computes", ["cpu", "gpu"], "cpu"))
    .addOption(choice("--dtype <name>", "float64 is the slow, exact reference", ["float32", "float64"], "float32"))
    .optionsGroup("Run folder:")
    .option("--out <folder>", "where everything is written", notEmpty, "runs/train")
    .option("--resume", "go on with the run in that folder; only --steps, --minutes and --patience may change")
    .option("--overwrite", "replace the run in that folder");
}

/** What ends the training; three minutes where nothing else would. */
export function budgetOf({ steps, minutes, patience }: Pick<TrainOptions, "steps" | "minutes" | "patience">): Budget {
  const seconds = minutes === undefined ? null : minutes * 60;
  if (steps === undefined && seconds === null && patience === undefined) return { steps: null, seconds: 180 };
  return { steps: steps ?? null, seconds };
}

/** Generated English sentences have at most so many words unless told otherwise. */
const GRAMMAR_LENGTH = 20;
const LONGER_PER_BUCKET = 100;

export function describeCorpus(options: TrainOptions): CorpusDescription {
  const { seed, validation, test, train, maxLength } = options;
  if (options.pairs !== undefined) {
    const { maxPairs, sourceLanguage, targetLanguage } = options;
    const text = { sourceLanguage, targetLanguage, lowerCase: !options.keepCase };
    return { kind: "pairs", path: resolve(options.pairs), seed, validation, test, maxLength, maxPairs, ...text };
  }
  if (options.corpus === "intl") {
    if (maxLength !== undefined) throw new DataError("--max-length: phrases of --corpus intl are short as they are");
    return { kind: "intl", locale: options.locale, seed, validation, test, pairs: train + validation + test };
  }
  const lengths = { maxLength: maxLength ?? GRAMMAR_LENGTH, longerPerBucket: LONGER_PER_BUCKET };
  return { kind: "grammar", seed, validation, test, train, ...lengths };
}

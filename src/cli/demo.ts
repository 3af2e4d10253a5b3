import { Command, Option } from "commander";
import pc from "picocolors";
import { translatorParameterCount, withParameterCount } from "../models/parameter-count.js";
import type { TranslatorConfig } from "../models/translator.js";
import type { SentenceStudy } from "../study/sentence-study.js";
import { buildVocabularies, digestOf, makeTrainingRun } from "../training/run.js";
import { type RunConfig, writeRunConfig, writeVocabularies } from "../training/run-config.js";
import { RunDirectory } from "../training/run-directory.node.js";
import { alignmentGrid } from "./alignment-grid.js";
import { concludeRun } from "./conclude-run.js";
import { openCorpus } from "./corpus.js";
import { metricsTable } from "./metrics-table.js";
import { openDevice } from "./open-device.js";
import { notEmpty, port, positiveNumber, wholeNumber } from "./option-values.js";
import { checkNewRun, clearForRun, DEMO_RUN, RIVAL_FOLDER, runName } from "./run-folder.js";
import { DEFAULT_PORT, serveUntilInterrupted } from "./serve.js";
import { trainWithProgress } from "./train-with-progress.js";
import { version } from "./version.js";

interface DemoOptions {
  readonly steps?: number;
  readonly minutes?: number;
  readonly seed: number;
  readonly out: string;
  readonly device: "cpu" | "gpu";
  readonly port: number;
  readonly serve: boolean;
  readonly quick?: boolean;
  readonly overwrite?: boolean;
}

/** Sizes by measurement: attention learns the grammar within these steps, in about a minute on two cores. */
const FULL = {
  steps: 1500,
  minutes: 1.5,
  train: 30_000,
  validation: 200,
  test: 400,
  longerPerBucket: 100,
  validateEvery: 250,
};
/** Only to see that everything runs. */
const QUICK = { steps: 30, minutes: 1, train: 1000, validation: 50, test: 50, longerPerBucket: 10, validateEvery: 15 };
const EMBEDDING = 48;
const HIDDEN = 64;
const TRAINING = {
  optimizer: "adam",
  learningRate: 0.008,
  schedule: "linear",
  clipNorm: 1,
  batchSize: 64,
  labelSmoothing: 0,
} as const;

export function demoCommand(): Command {
  return new Command("demo")
    .description("train a translator with attention beside one without, and compare them (about two minutes)")
    .option("--steps <number>", `training steps of each model (${FULL.steps})`, wholeNumber(1))
    .option(
      "--minutes <number>",
      `end the training after so many minutes (${FULL.minutes}; no limit where the GPU is software)`,
      positiveNumber,
    )
    .option("--seed <number>", "seed of every random number", wholeNumber(0), 1)
    .option("--out <folder>", "where everything is written; the default is replaced without asking", notEmpty, DEMO_RUN)
    .option("--overwrite", "replace the run in that folder")
    .addOption(new Option("--device <name>", "what computes").choices(["cpu", "gpu"]).default("cpu"))
    .option("--port <number>", "the first port to try for the report", port, DEFAULT_PORT)
    .option("--no-serve", "end when the report is written")
    .option("--quick", "a few seconds only, to see that it runs")
    .addHelpText("after", "\nExample:\n  $ backflow demo --no-serve --out runs/mine")
    .action(demo);
}

async function demo(options: DemoOptions): Promise<void> {
  const { out, seed, device } = options;
  const overwrite = options.overwrite ?? out === DEMO_RUN;
  checkNewRun(out, overwrite);
  const { software } = await openDevice(device);
  const { steps, minutes, validateEvery, ...sizes } = options.quick ? QUICK : FULL;
  // Software would not come far in the time of a demo; it says how long it takes, and --minutes ends it sooner.
  const limit = options.minutes ?? (software ? null : minutes);
  const description = { kind: "grammar", seed, maxLength: 20, ...sizes } as const;
  const opened = await openCorpus(description);
  const { corpus } = opened;
  const vocabularies = buildVocabularies(corpus.train);
  const attentive: TranslatorConfig = {
    model: "rnnsearch",
    sourceVocabulary: vocabularies.source.size,
    targetVocabulary: vocabularies.target.size,
    embeddingSize: EMBEDDING,
    hiddenSize: HIDDEN,
  };
  // Without attention there are fewer weights: a wider state makes up for them.
  const rival = withParameterCount({ ...attentive, model: "rnnencdec" }, translatorParameterCount(attentive));
  const config = (model: TranslatorConfig): RunConfig => ({
    version: version(),
    name: runName(out),
    seed,
    device,
    dtype: "float32",
    model,
    corpus: description,
    text: { sourceLanguage: "en", targetLanguage: "zh", lowerCase: false },
    dataDigest: digestOf(corpus.train),
    training: TRAINING,
    budget: { steps: options.steps ?? steps, seconds: limit === null ? null : 60 * limit },
    validateEvery,
    patience: null,
  });
  console.error(
    `English → Chinese, ${corpus.train.length.toLocaleString("en")} sentences of at most 20 words. RNNsearch has attention, RNNencdec has none; both get equal parameters, sentences and steps.`,
  );
  const storage = new RunDirectory(out);
  const folders = [
    { config: config(attentive), storage },
    { config: config(rival), storage: storage.folder(RIVAL_FOLDER) },
  ];
  const runs = folders.map((folder) => makeTrainingRun(folder.config, vocabularies, corpus.train, folder.storage));
  clearForRun(out, overwrite);
  for (const folder of folders) {
    await writeRunConfig(folder.storage, folder.config);
    await writeVocabularies(folder.storage, vocabularies);
  }
  await trainWithProgress(runs, folders[0].config, corpus, vocabularies);
  const trained = folders.map((folder, i) => ({ ...folder, model: runs[i].trainer.model }));
  const { summary, studies } = await concludeRun(trained, vocabularies, opened);
  console.log(metricsTable(summary.models, summary.corpus.trainMaxLength));
  showAlignment(studies);
  console.log(`\nEverything is in ${storage.place}`);
  if (options.serve) await serveUntilInterrupted(storage.place, options.port);
}

function showAlignment(studies: readonly SentenceStudy[]): void {
  const study = studies.find(({ alpha }) => alpha !== null);
  if (!study?.alpha) return;
  const { source, target, gold, alpha: weights } = study;
  console.log(`\n${pc.bold("Where RNNsearch looks while it says each word")} (gold links in brackets)\n`);
  console.log(alignmentGrid({ source, target, weights, gold: gold ?? [] }));
}

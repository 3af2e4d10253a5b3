import { Command } from "commander";
import pc from "picocolors";
import type { Corpus } from "../data/pair.js";
import { detokenize } from "../data/tokenize.js";
import { DataError } from "../errors.js";
import { resume } from "../training/checkpoint.js";
import type { SentenceResult, Vocabularies } from "../training/evaluate.js";
import { buildVocabularies, digestOf, makeTrainingRun } from "../training/run.js";
import {
  type RunConfig,
  readRunConfig,
  readVocabularies,
  writeRunConfig,
  writeVocabularies,
} from "../training/run-config.js";
import { RunDirectory } from "../training/run-directory.node.js";
import type { TrainingRun } from "../training/training-run.js";
import { type Conclusion, concludeRun } from "./conclude-run.js";
import { type OpenedCorpus, openCorpus } from "./corpus.js";
import { metricsTable } from "./metrics-table.js";
import { openDevice } from "./open-device.js";
import { checkNewRun, clearForRun, runName, runsInside } from "./run-folder.js";
import { addTrainOptions, budgetOf, describeCorpus, type TrainOptions } from "./train-options.js";
import { trainWithProgress } from "./train-with-progress.js";
import { version } from "./version.js";

export function trainCommand(): Command {
  return addTrainOptions(new Command("train"))
    .description("train a translator")
    .addHelpText(
      "after",
      "\nExample:\n  $ backflow train --pairs fra.txt --max-length 8 --model rnnsearch --minutes 3 --out runs/fra",
    )
    .action(async (options: TrainOptions, command: Command) => {
      const session = options.resume ? await resumed(options, command) : await fresh(options);
      const { runs, opened, vocabularies } = session;
      const [{ config, storage }] = runs;
      for (const run of runs) describe(run, opened.corpus, vocabularies);
      await trainWithProgress(
        runs.map(({ run }) => run),
        config,
        opened.corpus,
        vocabularies,
      );
      const trained = runs.map(({ run, ...folder }) => ({ ...folder, model: run.trainer.model }));
      showConclusion(await concludeRun(trained, vocabularies, opened), opened.corpus, storage.place);
    });
}

/** A run on its way, and its folder. */
interface OpenedRun {
  readonly config: RunConfig;
  readonly storage: RunDirectory;
  readonly run: TrainingRun;
}

interface Session {
  /** One, or both of a demo. */
  readonly runs: readonly OpenedRun[];
  readonly opened: OpenedCorpus;
  readonly vocabularies: Vocabularies;
}

async function fresh(options: TrainOptions): Promise<Session> {
  checkNewRun(options.out, Boolean(options.overwrite));
  await openDevice(options.device);
  const description = describeCorpus(options);
  const opened = await openCorpus(description);
  for (const note of opened.notes) console.error(pc.dim(note));
  const vocabularies = buildVocabularies(opened.corpus.train, {
    minimumCount: options.minCount,
    maximumSize: options.maxVocabulary,
  });
  const config = configOf(options, opened.corpus, vocabularies);
  const storage = new RunDirectory(options.out);
  const run = makeTrainingRun(config, vocabularies, opened.corpus.train, storage);
  clearForRun(options.out, Boolean(options.overwrite));
  await writeRunConfig(storage, config);
  await writeVocabularies(storage, vocabularies);
  return { runs: [{ config, storage, run }], opened, vocabularies };
}

function configOf(options: TrainOptions, corpus: Corpus, vocabularies: Vocabularies): RunConfig {
  const { optimizer, schedule, seed, device, dtype, model, cell, dropout } = options;
  return {
    version: version(),
    name: runName(options.out),
    seed,
    device,
    dtype,
    model: {
      model,
      cell,
      dropout,
      sourceVocabulary: vocabularies.source.size,
      targetVocabulary: vocabularies.target.size,
      embeddingSize: options.embedding,
      hiddenSize: options.hidden,
    },
    corpus: describeCorpus(options),
    text: {
      sourceLanguage: corpus.sourceLanguage,
      targetLanguage: corpus.targetLanguage,
      lowerCase: options.pairs !== undefined && !options.keepCase,
    },
    dataDigest: digestOf(corpus.train),
    training: {
      optimizer,
      schedule,
      learningRate: options.learningRate ?? (optimizer === "adam" ? 0.005 : 1),
      clipNorm: options.clip,
      batchSize: options.batch,
      labelSmoothing: options.labelSmoothing,
    },
    budget: budgetOf(options),
    validateEvery: options.validateEvery,
    patience: options.patience ?? null,
  };
}

/** What a resumed run takes from the command line; all else comes from its folder. */
const CHANGEABLE = ["steps", "minutes", "patience", "out", "resume"];

async function resumed(options: TrainOptions, command: Command): Promise<Session> {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === "cli");
  const fixed = given.filter((option) => !CHANGEABLE.includes(option.attributeName()));
  if (fixed.length > 0) {
    throw new DataError(
      `--resume goes on with the run as it began: leave out ${fixed.map(({ long }) => long).join(", ")}`,
    );
  }
  const changes = {
    ...(options.steps !== undefined || options.minutes !== undefined ? { budget: budgetOf(options) } : {}),
    ...(options.patience !== undefined ? { patience: options.patience } : {}),
  };
  const folders = await runsInside(options.out);
  const first = await readRunConfig(folders[0]);
  await openDevice(first.device);
  const vocabularies = await readVocabularies(folders[0], first);
  const opened = await openCorpus(first.corpus);
  const runs: OpenedRun[] = [];
  for (const storage of folders) {
    const config = { ...(await readRunConfig(storage)), ...changes };
    const run = makeTrainingRun(config, vocabularies, opened.corpus.train, storage);
    await resume(run);
    runs.push({ config, storage, run });
  }
  for (const { config, storage } of runs) await writeRunConfig(storage, config);
  return { runs, opened, vocabularies };
}

function describe({ config, run }: OpenedRun, corpus: Corpus, vocabularies: Vocabularies): void {
  const { model } = config;
  const { trainer } = run;
  const count = (value: number): string => value.toLocaleString("en");
  console.error(
    `${model.model}: ${count(trainer.model.parameterCount())} parameters; ${corpus.name}: ${count(corpus.train.length)} training pairs, ` +
      `${count(vocabularies.source.size)} and ${count(vocabularies.target.size)} words${trainer.steps > 0 ? `; from step ${trainer.steps} on` : ""}`,
  );
}

const SHOWN = 3;

/** The results, and a few translations to judge them by. */
function showConclusion({ summary, results }: Conclusion, corpus: Corpus, place: string): void {
  console.log(metricsTable(summary.models, summary.corpus.trainMaxLength));
  const show = (tokens: readonly string[], language: string): string => detokenize(tokens, language);
  for (const { source, references, output } of results[0].slice(0, SHOWN) as SentenceResult[]) {
    console.log(`\n${show(source, corpus.sourceLanguage)}`);
    console.log(`  → ${pc.bold(show(output, corpus.targetLanguage))}`);
    console.log(pc.dim(`  = ${references.map((reference) => show(reference, corpus.targetLanguage)).join("  |  ")}`));
  }
  console.log(`\nEverything is in ${place}; see the report: backflow serve ${place}`);
}

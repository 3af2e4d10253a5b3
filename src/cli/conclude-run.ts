import { readFile } from "node:fs/promises";
import type { SentencePair } from "../data/pair.js";
import { DataError } from "../errors.js";
import { threadCount } from "../kernels/wasm/workers.js";
import type { Translator } from "../models/translator.js";
import { type CurvePoint, renderReport } from "../study/report.js";
import type { SentenceStudy } from "../study/sentence-study.js";
import { studySentence } from "../study/study-sentence.js";
import type { DecodeOptions } from "../training/decode.js";
import { evaluate, type SentenceResult, type Vocabularies } from "../training/evaluate.js";
import { readMetrics } from "../training/metrics-log.js";
import type { RunConfig } from "../training/run-config.js";
import type { RunStorage } from "../training/run-storage.js";
import { type EvaluatedModel, summarizeRun, writeSummary } from "../training/summarize.js";
import type { RunSummary } from "../training/summary.js";
import type { OpenedCorpus } from "./corpus.js";
import { STUDY_FILE, studyPage } from "./study-page.js";

export const REPORT_FILE = "report.html";

/** A trained model, and the folder that holds its metrics. */
export interface TrainedRun {
  readonly config: RunConfig;
  readonly model: Translator;
  readonly storage: RunStorage;
}

export interface Conclusion {
  readonly summary: RunSummary;
  readonly studies: readonly SentenceStudy[];
  /** By model, on the test set. */
  readonly results: readonly (readonly SentenceResult[])[];
}

/**
 * Tests trained models on the same sentences, studies a few of them, and writes `summary.json` into each model's folder, the
 * report and the live study page into the first one's.
 */
export async function concludeRun(
  runs: readonly TrainedRun[],
  vocabularies: Vocabularies,
  opened: OpenedCorpus,
  decoding: DecodeOptions = {},
): Promise<Conclusion> {
  const { corpus, longer, edges } = opened;
  const evaluated: EvaluatedModel[] = [];
  for (const { config, model, storage } of runs) {
    const last = (await readMetrics(storage)).at(-1);
    evaluated.push({
      model,
      steps: last?.step ?? 0,
      seconds: last?.seconds ?? 0,
      device: config.device,
      threads: config.device === "cpu" && config.dtype === "float32" ? threadCount() : 1,
      results: await evaluate(model, vocabularies, corpus.test, decoding),
      longer: await evaluate(model, vocabularies, longer, decoding),
    });
  }
  const sentences = worthStudying(corpus.test, evaluated[0].results);
  const summarize = (name: string, kind: string, models: readonly EvaluatedModel[]): RunSummary =>
    summarizeRun({ name, kind, corpus, vocabularies, edges }, models);
  for (const [i, run] of runs.entries()) {
    if (i > 0) await writeSummary(run.storage, summarize(run.config.name, run.config.corpus.kind, [evaluated[i]]));
  }
  const studies: SentenceStudy[] = [];
  for (const sentence of sentences) {
    for (const { model } of runs) studies.push(await studySentence(model, vocabularies, sentence));
  }
  const [{ config, storage }] = runs;
  const summary = summarize(config.name, config.corpus.kind, evaluated);
  await writeSummary(storage, summary);
  await writeReport(runs, summary, studies);
  const storages = runs.map((run) => run.storage);
  await storage.write(STUDY_FILE, await studyPage(storages, corpus.test, summary, REPORT_FILE));
  return { summary, studies, results: evaluated.map(({ results }) => results) };
}

async function writeReport(
  runs: readonly TrainedRun[],
  summary: RunSummary,
  studies: readonly SentenceStudy[],
): Promise<void> {
  const curves: CurvePoint[] = [];
  for (const { storage } of runs) {
    for (const { model, step, loss, validationLoss, gradientNorm } of await readMetrics(storage)) {
      if (model === "rnnsearch" || model === "rnnencdec") {
        curves.push({ model, step, loss, validationLoss: validationLoss ?? null, gradientNorm });
      }
    }
  }
  const html = renderReport(await reportTemplate(), { summary, curves, studies, studyPage: STUDY_FILE });
  await runs[0].storage.write(REPORT_FILE, new TextEncoder().encode(html));
}

async function reportTemplate(): Promise<string> {
  try {
    return await readFile(new URL("../web/report.html", import.meta.url), "utf8");
  } catch {
    throw new DataError("report: its page is not built: run `npm run build:web` first");
  }
}

/** Lengths, in source words, about which a sentence is picked for the report. */
const STUDIED_LENGTHS = [6, 9, 12, 16];

/** A few test sentences of different lengths, if possible such as the model translates right. */
function worthStudying(test: readonly SentencePair[], results: readonly SentenceResult[]): SentencePair[] {
  const right = new Set(
    results.flatMap(({ source, references, output }) =>
      references.some((reference) => reference.join(" ") === output.join(" ")) ? [source] : [],
    ),
  );
  const distance = ({ source }: SentencePair, length: number): number =>
    Math.abs(source.length - length) + (right.has(source) ? 0 : 2);
  const chosen = STUDIED_LENGTHS.flatMap((length) =>
    [...test].sort((a, b) => distance(a, length) - distance(b, length)).slice(0, 1),
  );
  return [...new Set(chosen)];
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SentencePair } from "../data/pair.js";
import { DataError } from "../errors.js";
import { readFilm } from "../study/film.js";
import { type RunFiles, renderStudyPage } from "../study/report.js";
import { MODEL_FILE } from "../training/checkpoint.js";
import { CONFIG_FILE, readRunConfig, VOCABULARY_FILE } from "../training/run-config.js";
import type { RunStorage } from "../training/run-storage.js";
import { decodeSafetensors } from "../training/safetensors.js";
import type { RunSummary } from "../training/summary.js";

/** Beside the report: the page that runs the models itself. */
export const STUDY_FILE = "study.html";

/** So many test sentences go with the page. */
const SENTENCES = 60;

/**
 * The live study page over some runs, one HTML file that carries their models.
 * @param test sentences to choose from and to measure on; the first few are taken
 * @param reportPage where the run's report lies beside it
 * @throws DataError where a run's file is missing, or the page is not built
 */
export async function studyPage(
  runs: readonly RunStorage[],
  test: readonly SentencePair[],
  summary: RunSummary | null,
  reportPage?: string,
): Promise<Uint8Array> {
  const carried: RunFiles[] = [];
  for (const storage of runs) carried.push(await runFiles(storage));
  const sentences = test.slice(0, SENTENCES).map(({ source, target, alignment }) => ({ source, target, alignment }));
  const html = renderStudyPage(await template(), { runs: carried, sentences, summary, reportPage });
  return new TextEncoder().encode(html);
}

async function runFiles(storage: RunStorage): Promise<RunFiles> {
  const { name } = await readRunConfig(storage);
  const read = async (file: string): Promise<Buffer> => {
    const bytes = await storage.read(file);
    if (!bytes) throw new DataError(`${storage.place}: it has no ${file}: the run was not trained to its end`);
    return Buffer.from(bytes);
  };
  const readWholeModel = async (): Promise<Buffer> => {
    const bytes = await read(MODEL_FILE);
    decodeSafetensors(bytes, join(storage.place, MODEL_FILE));
    return bytes;
  };
  return {
    name,
    config: (await read(CONFIG_FILE)).toString("utf8"),
    vocabulary: (await read(VOCABULARY_FILE)).toString("utf8"),
    model: (await readWholeModel()).toString("base64"),
    film: await readFilm(storage),
  };
}

async function template(): Promise<string> {
  try {
    return await readFile(new URL("../web/study.html", import.meta.url), "utf8");
  } catch {
    throw new DataError("study page: it is not built: run `npm run build:web` first");
  }
}

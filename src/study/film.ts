import { type EncodedPair, encodePairs } from "../data/batches.js";
import type { SentencePair } from "../data/pair.js";
import { DataError } from "../errors.js";
import type { Vocabularies } from "../training/evaluate.js";
import { inEvaluationMode } from "../training/evaluation-mode.js";
import type { RunStorage } from "../training/run-storage.js";
import type { TrainingRun } from "../training/training-run.js";
import type { PathSplit, SentenceStudy } from "./sentence-study.js";
import { attentionAndPaths } from "./study-sentence.js";

export const FILM_FILE = "film.jsonl";

/** About how many words the watched sentences have. */
const WATCHED_LENGTHS = [6, 9, 13];
/** From one frame to the next: so many steps, and so large a share of those done. */
const LEAST_STEPS = 10;
const GROWTH = 0.15;

/** What section 8 of the study shows of one sentence at one step. */
export type FilmPicture = Pick<SentenceStudy, "alpha" | "eBar" | "paths">;

export interface FilmFrame {
  readonly step: number;
  /** One for each watched sentence. */
  readonly pictures: readonly FilmPicture[];
}

/** A training, seen on a few sentences that it never trains on. */
export interface Film {
  readonly sentences: readonly Pick<SentenceStudy, "source" | "target" | "gold">[];
  readonly frames: readonly FilmFrame[];
}

/**
 * The first step after this one that the film shows. Frames lie close at the start, where the alignment forms, and ever
 * farther apart: a run ten times as long has 16 frames more.
 */
export function nextFilmStep(step: number): number {
  let next = 0;
  while (next <= step) next += Math.max(LEAST_STEPS, Math.round(GROWTH * next));
  return next;
}

/** Test sentences of different lengths. */
export function watchedSentences(test: readonly SentencePair[]): SentencePair[] {
  const chosen = WATCHED_LENGTHS.flatMap((length) => {
    const distance = ({ source }: SentencePair): number => Math.abs(source.length - length);
    return [...test].sort((a, b) => distance(a) - distance(b)).slice(0, 1);
  });
  return [...new Set(chosen)];
}

/** Writes the film of a run, a line a frame, while it trains. */
export class FilmRecorder {
  private next = 0;

  private constructor(
    private readonly run: TrainingRun,
    private readonly pairs: readonly EncodedPair[],
  ) {}

  /** Starts a film with the untrained model, or goes on with a resumed run's: frames after its checkpoint come again. */
  static async start(run: TrainingRun, test: readonly SentencePair[], vocabularies: Vocabularies) {
    const { storage, trainer } = run;
    const watched = watchedSentences(test);
    const recorder = new FilmRecorder(run, encodePairs(watched, vocabularies.source, vocabularies.target));
    const sentences = watched.map(({ source, target, alignment }) => ({
      source: [...source, "<eos>"],
      target: [...target, "<eos>"],
      gold: alignment ?? null,
    }));
    const before = trainer.steps > 0 ? ((await readFilm(storage))?.frames ?? []) : [];
    const lines = [{ sentences }, ...before.filter(({ step }) => step <= trainer.steps)];
    await storage.write(FILM_FILE, new TextEncoder().encode(lines.map(lineOf).join("")));
    if (trainer.steps === 0) await recorder.afterStep();
    else recorder.next = nextFilmStep(trainer.steps);
    return recorder;
  }

  /** Adds a frame where one is due. */
  async afterStep(): Promise<void> {
    const { trainer, storage } = this.run;
    const { model, steps } = trainer;
    if (steps < this.next) return;
    this.next = nextFilmStep(steps);
    const pictures = await inEvaluationMode(model, async () => {
      const taken: FilmPicture[] = [];
      for (const pair of this.pairs) {
        const { alpha, eBar, paths } = await attentionAndPaths(model, pair);
        taken.push({ alpha: alpha && rounded(alpha), eBar: eBar && rounded(eBar), paths: roundedPaths(paths) });
      }
      return taken;
    });
    await storage.append(FILM_FILE, lineOf({ step: steps, pictures }));
  }
}

/**
 * A run's film; null where it has none. A last line that a crash cut off is left out.
 * @throws DataError for a file that is no film
 */
export async function readFilm(storage: RunStorage): Promise<Film | null> {
  const bytes = await storage.read(FILM_FILE);
  if (!bytes) return null;
  const lines = new TextDecoder().decode(bytes).split("\n").slice(0, -1);
  try {
    const [head, ...frames] = lines.map((line) => JSON.parse(line));
    if (Array.isArray(head.sentences) && frames.every(({ pictures }) => Array.isArray(pictures))) {
      return { sentences: head.sentences, frames };
    }
  } catch {
    // said below, in the same words as for JSON that is no film
  }
  throw new DataError(`${storage.place}/${FILM_FILE}: no film of a training: it is damaged, or another program's`);
}

const lineOf = (line: unknown): string => `${JSON.stringify(line)}\n`;

/** Three digits are more than a colour shows. */
const short = (value: number): number => (Math.abs(value) < 1e-9 ? 0 : Number(value.toPrecision(3)));
const rounded = (matrix: readonly (readonly number[])[]): number[][] => matrix.map((row) => row.map(short));

function roundedPaths({ value, score, bridge, recurrence, norms, total }: PathSplit): PathSplit {
  const list = (values: readonly number[]): number[] => values.map(short);
  return {
    value: list(value),
    score: list(score),
    bridge: list(bridge),
    recurrence: list(recurrence),
    norms: {
      value: list(norms.value),
      score: list(norms.score),
      bridge: list(norms.bridge),
      recurrence: list(norms.recurrence),
    },
    total: list(total),
  };
}

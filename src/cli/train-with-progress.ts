import { encodePairs } from "../data/batches.js";
import type { Corpus } from "../data/pair.js";
import { FilmRecorder } from "../study/film.js";
import type { Vocabularies } from "../training/evaluate.js";
import type { RunConfig } from "../training/run-config.js";
import { train } from "../training/training-loop.js";
import type { TrainingRun } from "../training/training-run.js";
import { Interrupted, withInterruption } from "./interruption.js";
import { progressDisplay } from "./progress.js";

const LOG_EVERY = 20;
const CHECKPOINT_SECONDS = 30;

/**
 * Trains with a progress bar, and films it.
 * @throws Interrupted after Ctrl-C, when the checkpoint is written
 */
export async function trainWithProgress(
  runs: readonly TrainingRun[],
  config: Pick<RunConfig, "budget" | "validateEvery" | "patience">,
  corpus: Corpus,
  vocabularies: Vocabularies,
): Promise<void> {
  const display = progressDisplay(runs.map(({ name }) => name));
  const films = new Map<TrainingRun, FilmRecorder>();
  for (const run of runs) films.set(run, await FilmRecorder.start(run, corpus.test, vocabularies));
  try {
    await withInterruption(async (shouldStop) => {
      const end = await train(runs, {
        ...config,
        validation: encodePairs(corpus.validation, vocabularies.source, vocabularies.target),
        logEvery: LOG_EVERY,
        checkpointSeconds: CHECKPOINT_SECONDS,
        onProgress: (progress) => display.update(progress),
        afterStep: async (run) => films.get(run)?.afterStep(),
        shouldStop,
      });
      if (end === "stopped") {
        const [{ trainer, storage }] = runs;
        throw new Interrupted(
          `stopped at step ${trainer.steps}; go on with: backflow train --resume --out ${storage.place}`,
        );
      }
    });
  } finally {
    display.stop();
  }
}

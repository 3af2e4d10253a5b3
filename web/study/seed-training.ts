import {
  encodePairs,
  grammarCorpus,
  intlCorpus,
  MemoryRunStorage,
  makeTrainingRun,
  type RunConfig,
  type SeedVariance,
  seedVariance,
  type TrainedModel,
  type Translator,
  train,
} from "../../src/index.js";
import type { Calls } from "./calls.js";

/** Steps from one report of the progress to the next. */
const REPORT_EVERY = 10;

/** A run's model trained anew from other seeds, here in the page: same sentences, same sizes, same number of steps. */
export class SeedTraining {
  private readonly others: Translator[] = [];

  /** Trains one more and compares all with the run's own; null where it was stopped. */
  async another(
    { config, model, vocabularies }: TrainedModel,
    { steps, pairs }: Calls["trainSeed"]["ask"],
    progress: (share: number) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Calls["trainSeed"]["answer"]> {
    const corpus = corpusOf(config);
    const seed = config.seed + this.others.length + 1;
    const { source, target } = vocabularies;
    const storage = new MemoryRunStorage(`seed ${seed}`);
    const run = makeTrainingRun({ ...config, device: "cpu", seed }, vocabularies, corpus.train, storage);
    const end = await train([run], {
      budget: { steps, seconds: null },
      validation: encodePairs(corpus.validation, source, target),
      logEvery: steps,
      validateEvery: config.validateEvery,
      patience: null,
      checkpointSeconds: Number.POSITIVE_INFINITY,
      afterStep: async ({ trainer }) => {
        if (trainer.steps % REPORT_EVERY === 0) await progress(trainer.steps / steps);
      },
      shouldStop: () => signal.aborted,
    });
    if (end === "stopped") {
      run.trainer.model.dispose();
      return null;
    }
    this.others.push(run.trainer.model);
    const asked = pairs.map(({ source, target = [] }) => ({ source, target }));
    const encoded = encodePairs(asked, source, target);
    const found: SeedVariance[] = [];
    for (const other of this.others) found.push(await seedVariance(model, other, encoded));
    return found;
  }
}

function corpusOf({ corpus }: RunConfig) {
  if (corpus.kind === "grammar") return grammarCorpus(corpus);
  if (corpus.kind === "intl") return intlCorpus(corpus);
  throw new Error("other seeds cannot be trained here: this run's sentences are in a file, which the page has not");
}

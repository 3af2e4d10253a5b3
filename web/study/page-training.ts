import {
  type AttentionStudy,
  buildVocabularies,
  createTranslator,
  encodePairs,
  grammarCorpus,
  Random,
  type SentencePair,
  studyAttention,
  Trainer,
  type Translator,
} from "../../src/index.js";
import type { Calls, TrainingReport, TrainingSetup } from "./calls.js";

/** So many generated sentences are enough for a few hundred steps. */
const TRAIN = 4000;
/** About how long the watched sentence is, in words. */
const WATCHED_LENGTH = 9;
/** So long may steps run before the page hears of them. */
const REPORT_MS = 200;

/** The trainer's own rate; the one asked for is reached by its schedule. */
const HIGHEST_RATE = 0.05;

interface Started {
  readonly vocabularies: ReturnType<typeof buildVocabularies>;
  readonly model: Translator;
  readonly trainer: Trainer;
  readonly watched: SentencePair;
}

/** RNNsearch trained in the page from its first random weights, on the generated grammar. */
export class PageTraining {
  private started: Started | null = null;

  prepare(setup: TrainingSetup): { parameters: number; sentence: readonly string[] } {
    this.started?.model.dispose();
    const { seed, maxLength, embeddingSize, hiddenSize, batchSize } = setup;
    const corpus = grammarCorpus({ seed, train: TRAIN, validation: 0, test: 60, maxLength });
    const vocabularies = buildVocabularies(corpus.train);
    const { source, target } = vocabularies;
    const model = createTranslator(
      {
        model: "rnnsearch",
        sourceVocabulary: source.size,
        targetVocabulary: target.size,
        embeddingSize,
        hiddenSize,
      },
      { random: new Random(seed) },
    );
    const trainer = new Trainer(model, encodePairs(corpus.train, source, target), new Random(seed), {
      optimizer: "adam",
      learningRate: HIGHEST_RATE,
      schedule: "linear",
      clipNorm: 1,
      batchSize,
      labelSmoothing: 0,
      seed,
    });
    const distance = (pair: SentencePair): number => Math.abs(pair.source.length - WATCHED_LENGTH);
    const [watched] = [...corpus.test].sort((a, b) => distance(a) - distance(b));
    this.started = { vocabularies, model, trainer, watched };
    return { parameters: model.parameterCount(), sentence: watched.source };
  }

  /** Trains on, step by step; every report that is due goes to `progress`, the last one is the answer. */
  async train(
    { steps, learningRate, frameEvery }: Calls["train"]["ask"],
    progress: (report: TrainingReport) => Promise<void>,
    signal: AbortSignal,
  ): Promise<TrainingReport> {
    if (!this.started) throw new Error("there is no training yet");
    const { trainer } = this.started;
    let [sentences, since] = [0, performance.now()];
    for (let step = 1; ; step++) {
      // The linear schedule takes the share of the training that is done; turned round, it gives any rate.
      const report = await trainer.step(1 - learningRate / HIGHEST_RATE, { gradientNorms: true });
      sentences += report.sentences;
      const [last, spent] = [step === steps || signal.aborted, performance.now() - since];
      const isFrame = last || report.step === 1 || report.step % frameEvery === 0;
      if (!isFrame && spent < REPORT_MS) continue;
      const { step: done, loss, gradientNorm, gradientNorms } = report;
      const told: TrainingReport = {
        step: done,
        loss,
        gradientNorm,
        gradientNorms: gradientNorms ?? {},
        sentencesPerSecond: sentences / (spent / 1000),
        frame: isFrame ? await this.frame(this.started) : null,
      };
      if (last) return told;
      await progress(told);
      [sentences, since] = [0, performance.now()];
    }
  }

  private frame({ model, vocabularies, watched }: Started): Promise<AttentionStudy> {
    return studyAttention(model, vocabularies, watched);
  }
}

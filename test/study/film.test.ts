import { describe, expect, it } from "vitest";
import { encodePairs } from "../../src/data/batches.js";
import { grammarCorpus } from "../../src/data/grammar.js";
import { DataError } from "../../src/errors.js";
import { createTranslator } from "../../src/models/create-translator.js";
import { FILM_FILE, FilmRecorder, nextFilmStep, readFilm, watchedSentences } from "../../src/study/film.js";
import { studySentence } from "../../src/study/study-sentence.js";
import { memory } from "../../src/tensor/devices.js";
import { Random } from "../../src/tensor/random.js";
import { resume, TRAINING_STATE_FILE } from "../../src/training/checkpoint.js";
import { buildVocabularies } from "../../src/training/run.js";
import { MemoryRunStorage } from "../../src/training/run-storage.js";
import { Trainer } from "../../src/training/trainer.js";
import { train } from "../../src/training/training-loop.js";
import { freshHistory, type TrainingRun } from "../../src/training/training-run.js";

const corpus = grammarCorpus({ seed: 5, train: 60, validation: 6, test: 30, maxLength: 8 });
const vocabularies = buildVocabularies(corpus.train);
const encode = (pairs: typeof corpus.train) => encodePairs(pairs, vocabularies.source, vocabularies.target);

function makeRun(storage = new MemoryRunStorage()): TrainingRun {
  const random = new Random(9);
  const model = createTranslator(
    {
      model: "rnnsearch",
      sourceVocabulary: vocabularies.source.size,
      targetVocabulary: vocabularies.target.size,
      embeddingSize: 4,
      hiddenSize: 6,
      dropout: 0.2,
    },
    { random },
  );
  const options = {
    optimizer: "adam",
    learningRate: 0.01,
    schedule: "constant",
    clipNorm: 1,
    batchSize: 8,
    labelSmoothing: 0,
    seed: 3,
  } as const;
  const trainer = new Trainer(model, encode(corpus.train), random, options);
  return { name: "rnnsearch", trainer, storage, history: freshHistory };
}

async function trainTo(run: TrainingRun, steps: number, { filmed = true, stopAt = Number.POSITIVE_INFINITY } = {}) {
  const film = filmed ? await FilmRecorder.start(run, corpus.test, vocabularies) : null;
  await train([run], {
    budget: { steps, seconds: null },
    validation: encode(corpus.validation),
    logEvery: 10,
    validateEvery: 100,
    patience: null,
    checkpointSeconds: 1000,
    afterStep: async () => film?.afterStep(),
    shouldStop: () => run.trainer.steps + 1 >= stopAt,
  });
}

describe("the film of a training", () => {
  it("has its frames close together at first, and 28 in 1,500 steps", () => {
    const steps = [0];
    while (steps.at(-1)! < 1500) steps.push(nextFilmStep(steps.at(-1)!));
    expect(steps.slice(0, 10)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 81, 93]);
    expect(steps.filter((step) => step > 0 && step <= 1500).length).toBe(28);
    expect(nextFilmStep(15)).toBe(20);
  });

  it("shows the numbers of the study at each step, from the untrained model on, to three digits", async () => {
    const run = makeRun();
    const film = await FilmRecorder.start(run, corpus.test, vocabularies);
    const [watched] = watchedSentences(corpus.test);
    const study = await studySentence(run.trainer.model, vocabularies, watched);
    const before = memory().bytes;
    await film.afterStep();
    expect(memory().bytes).toBe(before);
    const { sentences, frames } = (await readFilm(run.storage))!;
    expect(sentences[0]).toMatchObject({ source: study.source, target: study.target, gold: study.gold });
    expect(frames.map(({ step }) => step)).toEqual([0]);
    const { alpha, eBar, paths } = frames[0].pictures[0];
    const near = (shown: number, value: number) =>
      expect(Math.abs(shown - value)).toBeLessThan(0.006 * Math.abs(value) + 1e-8);
    alpha!.flat().forEach((value, i) => void near(value, study.alpha!.flat()[i]));
    eBar!.flat().forEach((value, i) => void near(value, study.eBar!.flat()[i]));
    paths.recurrence.forEach((value, i) => void near(value, study.paths.recurrence[i]));
  });

  it("changes nothing in the training, and is the same one after a stop and a resume", async () => {
    const [whole, unfilmed, stopped] = [makeRun(), makeRun(), makeRun()];
    await trainTo(whole, 45);
    await trainTo(unfilmed, 45, { filmed: false });
    const state = (run: TrainingRun) => run.trainer.state();
    expect(await state(whole)).toEqual(await state(unfilmed));
    await trainTo(stopped, 45, { stopAt: 25 });
    const checkpoint = (await stopped.storage.read(TRAINING_STATE_FILE))!;
    await trainTo(stopped, 45, { stopAt: 38 });
    await stopped.storage.write(TRAINING_STATE_FILE, checkpoint);
    const resumed = makeRun(stopped.storage as MemoryRunStorage);
    await resume(resumed);
    await trainTo(resumed, 45);
    expect((await readFilm(whole.storage))!.frames.map(({ step }) => step)).toEqual([0, 10, 20, 30, 40]);
    expect(await readFilm(resumed.storage)).toEqual(await readFilm(whole.storage));
  });

  it("leaves out a line that a crash cut off, and says what is no film", async () => {
    const storage = new MemoryRunStorage();
    expect(await readFilm(storage)).toBe(null);
    await storage.append(FILM_FILE, '{"sentences":[]}\n{"step":0,"pictures":[]}\n{"step":10,"pic');
    expect((await readFilm(storage))!.frames.length).toBe(1);
    await storage.append(FILM_FILE, "\n");
    await expect(readFilm(storage)).rejects.toThrow(DataError);
  });
});

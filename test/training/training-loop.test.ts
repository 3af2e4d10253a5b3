import { describe, expect, it } from "vitest";
import { type EncodedPair, encodePairs } from "../../src/data/batches.js";
import { grammarCorpus } from "../../src/data/grammar.js";
import { Vocabulary } from "../../src/data/vocabulary.js";
import { DataError, GraphError } from "../../src/errors.js";
import { createTranslator } from "../../src/models/create-translator.js";
import { memory } from "../../src/tensor/devices.js";
import { Random } from "../../src/tensor/random.js";
import { MODEL_FILE, resume, TRAINING_STATE_FILE } from "../../src/training/checkpoint.js";
import { meanLoss } from "../../src/training/evaluate.js";
import { METRICS_FILE, readMetrics } from "../../src/training/metrics-log.js";
import { MemoryRunStorage } from "../../src/training/run-storage.js";
import { decodeSafetensors } from "../../src/training/safetensors.js";
import { Trainer, type TrainerOptions } from "../../src/training/trainer.js";
import { type TrainingLoopOptions, train } from "../../src/training/training-loop.js";
import { freshHistory, type TrainingRun } from "../../src/training/training-run.js";

const corpus = grammarCorpus({ seed: 5, train: 60, validation: 12, test: 0, maxLength: 8 });
const source = Vocabulary.build(corpus.train.map((pair) => pair.source));
const target = Vocabulary.build(corpus.train.map((pair) => pair.target));
const pairs: EncodedPair[] = encodePairs(corpus.train, source, target);
const validation: EncodedPair[] = encodePairs(corpus.validation, source, target);

interface Making extends Partial<TrainerOptions> {
  readonly model?: "rnnsearch" | "rnnencdec";
  readonly dtype?: "float32" | "float64";
  readonly dropout?: number;
  readonly storage?: MemoryRunStorage;
}

function makeRun({
  model = "rnnsearch",
  dtype = "float64",
  dropout = 0.2,
  storage,
  ...options
}: Making = {}): TrainingRun {
  const random = new Random(9);
  const sizes = { sourceVocabulary: source.size, targetVocabulary: target.size, embeddingSize: 4, hiddenSize: 6 };
  const translator = createTranslator({ model, ...sizes, dropout }, { dtype, random });
  const trainer = new Trainer(translator, pairs, random, {
    optimizer: "adam",
    learningRate: 0.01,
    schedule: "linear",
    clipNorm: 1,
    batchSize: 8,
    labelSmoothing: 0.1,
    seed: 3,
    ...options,
  });
  return { name: model, trainer, storage: storage ?? new MemoryRunStorage(), history: freshHistory };
}

const loopOptions = (changes: Partial<TrainingLoopOptions> = {}): TrainingLoopOptions => ({
  budget: { steps: 12, seconds: null },
  validation,
  logEvery: 2,
  validateEvery: 4,
  patience: null,
  checkpointSeconds: 1000,
  ...changes,
});

/** Stops when so many steps are done. */
const stopAfter = (run: TrainingRun, steps: number) => () => run.trainer.steps + 1 >= steps;

/** Files as they are compared: without what depends on the clock. */
async function withoutTimes(storage: MemoryRunStorage) {
  const lines = (await readMetrics(storage)).map(({ seconds: _, sentencesPerSecond: __, ...line }) => line);
  const { tensors, metadata } = decodeSafetensors((await storage.read(TRAINING_STATE_FILE)) as Uint8Array, "state");
  const { history, ...training } = JSON.parse(metadata.training);
  const state = { tensors, ...training, history: { ...history, seconds: 0 } };
  return { lines, state, model: await storage.read(MODEL_FILE) };
}

describe.each([
  ["adam", "float64"],
  ["adam", "float32"],
  ["adadelta", "float64"],
] as const)("training with %s in %s", (optimizer, dtype) => {
  it("interrupted twice and resumed, with dropout and across epochs, writes bit for bit what it writes in one go", async () => {
    const straight = new MemoryRunStorage();
    await train([makeRun({ storage: straight, optimizer, dtype })], loopOptions());
    const resumed = new MemoryRunStorage();
    for (const stop of [3, 10, null]) {
      const run = makeRun({ storage: resumed, optimizer, dtype });
      if (stop !== 3) await resume(run);
      const end = await train([run], loopOptions(stop ? { shouldStop: stopAfter(run, stop) } : {}));
      expect(end).toBe(stop ? "stopped" : "budget");
    }
    const [expected, found] = [await withoutTimes(straight), await withoutTimes(resumed)];
    expect(found.state).toEqual(expected.state);
    expect(found.model).toEqual(expected.model);
    // An interruption adds a line of its own; all others are the same but for the loss, a mean since the line before.
    const comparable = (lines: typeof found.lines) =>
      lines.filter(({ step }) => step % 2 === 0).map(({ loss: _, ...line }) => line);
    expect(comparable(found.lines).filter(({ step }) => step !== 10)).toEqual(
      comparable(expected.lines).filter(({ step }) => step !== 10),
    );
  });
});

describe("train", () => {
  it("lowers the loss, and leaves the best parameters in the model and in its file", async () => {
    const run = makeRun({ dropout: 0, labelSmoothing: 0, schedule: "constant" });
    const before = await meanLoss(run.trainer.model, validation);
    await train([run], loopOptions({ budget: { steps: 60, seconds: null } }));
    const after = await meanLoss(run.trainer.model, validation);
    expect(after).toBeLessThan(before - 0.5);
    expect(run.history.bestLoss).toBe(after);
  });

  it("gives models trained together equally many steps, and each the result it has alone", async () => {
    const together = [makeRun(), makeRun({ model: "rnnencdec" })];
    await train(together, loopOptions());
    const alone = makeRun({ model: "rnnencdec" });
    await train([alone], loopOptions());
    expect(together.map(({ trainer }) => trainer.steps)).toEqual([12, 12]);
    expect(await together[1].storage.read(MODEL_FILE)).toEqual(await alone.storage.read(MODEL_FILE));
  });

  it("lets a run catch up whose last checkpoint is behind", async () => {
    const [ahead, behind] = [makeRun(), makeRun({ model: "rnnencdec" })];
    await train([ahead], loopOptions({ shouldStop: stopAfter(ahead, 5) }));
    await train([behind], loopOptions({ shouldStop: stopAfter(behind, 2) }));
    await train([ahead, behind], loopOptions());
    expect([ahead.trainer.steps, behind.trainer.steps]).toEqual([12, 12]);
    const alone = makeRun({ model: "rnnencdec" });
    await train([alone], loopOptions());
    expect(await behind.storage.read(MODEL_FILE)).toEqual(await alone.storage.read(MODEL_FILE));
  });

  it("refuses an optimiser or a schedule that it does not know, as a changed file may name", () => {
    const wrong = JSON.parse('{"optimizer":"adagrad"}') as Making;
    expect(() => makeRun(wrong)).toThrow(new DataError('trainer: no optimizer "adagrad": there are adam, adadelta'));
    expect(() => makeRun({ learningRate: 0 })).toThrow(new DataError("trainer: learningRate must be above 0, got 0"));
  });

  it("writes lines with the gradient's norm in all and of every parameter, which fit together", async () => {
    const run = makeRun();
    await train([run], loopOptions());
    const lines = await readMetrics(run.storage);
    expect(lines.map(({ step }) => step)).toEqual([1, 2, 4, 6, 8, 10, 12]);
    expect(lines.flatMap(({ step, validationLoss }) => (validationLoss === undefined ? [] : [step]))).toEqual([
      4, 8, 12,
    ]);
    for (const { gradientNorms, gradientNorm } of lines) {
      expect(Object.keys(gradientNorms ?? {})).toEqual(Object.keys(run.trainer.model.stateDict()));
      expect(Math.hypot(...Object.values(gradientNorms ?? {}))).toBeCloseTo(gradientNorm, 10);
    }
    expect(lines[0].learningRate).toBe(0.01);
    expect(lines.at(-1)?.learningRate).toBeCloseTo(0.01 / 12, 12);
  });

  it("ends by patience, with the best parameters and not the last ones", async () => {
    const run = makeRun({ learningRate: 3, dropout: 0 });
    const end = await train(
      [run],
      loopOptions({ budget: { steps: 500, seconds: null }, validateEvery: 1, patience: 5 }),
    );
    expect(end).toBe("patience");
    expect(run.trainer.steps).toBe(run.history.bestStep + 5);
    expect(await meanLoss(run.trainer.model, validation)).toBe(run.history.bestLoss);
  });

  it("ends in time, with a validation and a checkpoint", async () => {
    const run = makeRun();
    const end = await train([run], loopOptions({ budget: { steps: null, seconds: 0.3 } }));
    expect(end).toBe("budget");
    expect((await readMetrics(run.storage)).at(-1)).toMatchObject({ step: run.trainer.steps });
    expect((await readMetrics(run.storage)).at(-1)?.validationLoss).toBeGreaterThan(0);
    expect(await run.storage.read(TRAINING_STATE_FILE)).not.toBeNull();
  });

  it("holds no more after 40 steps than after 5", async () => {
    const run = makeRun({ dtype: "float32" });
    await train([run], loopOptions({ budget: { steps: 5, seconds: null } }));
    const before = memory();
    await train([run], loopOptions({ budget: { steps: 40, seconds: null } }));
    // What other tests left may be collected in between.
    const { bytes, storages } = memory();
    expect(bytes).toBeLessThanOrEqual(before.bytes);
    expect(storages).toBeLessThanOrEqual(before.storages);
  });

  it("does nothing more where the budget is used up already", async () => {
    const run = makeRun();
    await train([run], loopOptions());
    expect(await train([run], loopOptions())).toBe("budget");
    expect(run.trainer.steps).toBe(12);
  });

  it("refuses a training without end", async () => {
    await expect(train([makeRun()], loopOptions({ budget: { steps: null, seconds: null } }))).rejects.toThrow(
      new DataError("training: it would never end: give a number of steps, a time, or a patience"),
    );
  });

  it("stops where the loss is no number any more, before the parameters are spoilt", async () => {
    const run = makeRun({ learningRate: 1e300, schedule: "constant", dropout: 0 });
    await expect(train([run], loopOptions())).rejects.toThrow(GraphError);
    await expect(
      train([makeRun({ learningRate: 1e300, schedule: "constant", dropout: 0 })], loopOptions()),
    ).rejects.toThrow(/^training: at step 2 the loss is NaN .*: train with a lower learning rate than 1e\+300$/);
  });
});

describe("resume", () => {
  it("says that there is no checkpoint", async () => {
    await expect(resume(makeRun())).rejects.toThrow(
      new DataError(
        `memory/${TRAINING_STATE_FILE}: there is no checkpoint to resume from: train again with --overwrite`,
      ),
    );
  });

  it("refuses a checkpoint of another model, of another optimiser, and one cut off", async () => {
    const storage = new MemoryRunStorage();
    await train([makeRun({ storage })], loopOptions());
    await expect(resume(makeRun({ storage, model: "rnnencdec" }))).rejects.toThrow(
      /training-state\.safetensors does not fit the run's config\.json: .*unexpected: U\.weight, W\.weight, v\.weight/,
    );
    await expect(resume(makeRun({ storage, optimizer: "adadelta" }))).rejects.toThrow(
      /does not fit .*missing squares\./,
    );
    const whole = (await storage.read(TRAINING_STATE_FILE)) as Uint8Array;
    await storage.write(TRAINING_STATE_FILE, whole.subarray(0, whole.length - 8));
    await expect(resume(makeRun({ storage }))).rejects.toThrow(/training-state\.safetensors: truncated/);
    const model = (await storage.read(MODEL_FILE)) as Uint8Array;
    await storage.write(TRAINING_STATE_FILE, model);
    await expect(resume(makeRun({ storage }))).rejects.toThrow(
      "memory/training-state.safetensors: no checkpoint: its metadata does not say where the training was",
    );
  });

  it("drops lines of metrics from after the checkpoint, and one that a crash cut off", async () => {
    const storage = new MemoryRunStorage();
    const run = makeRun({ storage });
    await train([run], loopOptions({ shouldStop: stopAfter(run, 4) }));
    await storage.append(METRICS_FILE, '{"step":6}\n{"step":');
    const lines = await resume(makeRun({ storage }));
    expect(lines.map(({ step }) => step)).toEqual([1, 2, 4]);
    expect(await readMetrics(storage)).toEqual(lines);
  });
});

import { DataError, ShapeError } from "../errors.js";
import type { Translator } from "../models/translator.js";
import { scope } from "../tensor/scope.js";
import { deviceOf } from "./batch-tensors.js";
import { type MetricsLine, readMetrics, writeMetrics } from "./metrics-log.js";
import type { RunStorage } from "./run-storage.js";
import { decodeSafetensors, encodeSafetensors, type TensorData } from "./safetensors.js";
import { readTensors, tensorsFrom } from "./tensor-data.js";
import type { TrainerState } from "./trainer.js";
import type { TrainingHistory, TrainingRun } from "./training-run.js";

/** The parameters with the lowest validation loss so far: what translates. */
export const MODEL_FILE = "model.safetensors";
/** All that is needed to go on, in one file, so that no crash can leave half of it. */
export const TRAINING_STATE_FILE = "training-state.safetensors";

/** Writes a model's parameters, whole or not at all. */
export async function writeModel(storage: RunStorage, model: Translator): Promise<void> {
  await storage.write(MODEL_FILE, encodeSafetensors(await readTensors(model.stateDict())));
}

/**
 * Reads parameters into a model.
 * @throws DataError where there are none, or they are another model's
 */
export async function readModel(storage: RunStorage, model: Translator): Promise<void> {
  const file = `${storage.place}/${MODEL_FILE}`;
  const bytes = await storage.read(MODEL_FILE);
  if (!bytes) throw new DataError(`${file}: there is no such file: the model was not trained yet`);
  const { tensors } = decodeSafetensors(bytes, file);
  await fitting(file, () =>
    scope(() => model.loadStateDict(tensorsFrom(Object.fromEntries(tensors), deviceOf(model)))),
  );
}

/** Says in which file the numbers are that do not fit. */
async function fitting(file: string, load: () => void): Promise<void> {
  try {
    load();
  } catch (error) {
    if (error instanceof DataError || error instanceof ShapeError) {
      throw new DataError(`${file} does not fit the run's config.json: ${error.message}`);
    }
    throw error;
  }
}

/** Writes what {@link resume} goes on from, whole or not at all. */
export async function writeTrainingState({ trainer, history, storage }: TrainingRun): Promise<void> {
  const { parameters, optimizer, ...rest } = await trainer.state();
  const prefixed = (prefix: string, tensors: Readonly<Record<string, TensorData>>) =>
    Object.entries(tensors).map(([name, data]) => [`${prefix}.${name}`, data] as const);
  const tensors = Object.fromEntries([...prefixed("model", parameters), ...prefixed("optimizer", optimizer)]);
  await storage.write(
    TRAINING_STATE_FILE,
    encodeSafetensors(tensors, { training: JSON.stringify({ ...rest, history }) }),
  );
}

/**
 * Puts a run where its last checkpoint was: parameters, optimiser, random state, position, history. Lines of metrics
 * from after it are dropped: they come again.
 * @returns the lines that stay
 * @throws DataError where there is no checkpoint, or it is damaged or another run's
 */
export async function resume(run: TrainingRun): Promise<MetricsLine[]> {
  const { storage, trainer } = run;
  const file = `${storage.place}/${TRAINING_STATE_FILE}`;
  const bytes = await storage.read(TRAINING_STATE_FILE);
  if (!bytes) throw new DataError(`${file}: there is no checkpoint to resume from: train again with --overwrite`);
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const { history, ...rest } = parseTraining(metadata.training, file);
  const under = (prefix: string): Record<string, TensorData> =>
    Object.fromEntries(
      [...tensors].flatMap(([name, data]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), data]] : [])),
    );
  await fitting(file, () => trainer.restore({ ...rest, parameters: under("model."), optimizer: under("optimizer.") }));
  run.history = history;
  const lines = (await readMetrics(storage)).filter(({ step }) => step <= trainer.steps);
  await writeMetrics(storage, lines);
  return lines;
}

type Training = Omit<TrainerState, "parameters" | "optimizer"> & { readonly history: TrainingHistory };

function parseTraining(text: string | undefined, file: string): Training {
  try {
    const training = JSON.parse(text ?? "") as Training;
    const { step, position, random, history } = training;
    const numbers = [step, position.epoch, position.batch, ...random.generator, history.seconds, history.bestStep];
    if (numbers.every((value) => Number.isFinite(value))) return training;
  } catch {
    // said below, in the same words as for JSON without these numbers
  }
  throw new DataError(`${file}: no checkpoint: its metadata does not say where the training was`);
}

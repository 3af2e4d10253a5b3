import type { RunStorage } from "./run-storage.js";
import type { Trainer } from "./trainer.js";

/** How a model has done so far: part of a checkpoint. */
export interface TrainingHistory {
  /** Seconds spent on its steps and validations. */
  readonly seconds: number;
  /** The lowest validation loss, in nats a token, whose parameters are in the model file; null before the first. */
  readonly bestLoss: number | null;
  /** The step of that validation, and validations since then. */
  readonly bestStep: number;
  readonly withoutGain: number;
}

export const freshHistory: TrainingHistory = { seconds: 0, bestLoss: null, bestStep: 0, withoutGain: 0 };

/** A model in training, and where it is kept. Several are trained in turn, a step each. */
export interface TrainingRun {
  /** `rnnsearch`, say: what its lines in the metrics are marked with. */
  readonly name: string;
  readonly trainer: Trainer;
  readonly storage: RunStorage;
  history: TrainingHistory;
}

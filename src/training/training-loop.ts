import type { EncodedPair } from "../data/batches.js";
import { DataError } from "../errors.js";
import { readModel, writeModel, writeTrainingState } from "./checkpoint.js";
import { meanLoss } from "./evaluate.js";
import { appendMetrics, type MetricsLine } from "./metrics-log.js";
import { type Budget, progressOf, scheduledProgress } from "./schedule.js";
import type { StepReport } from "./trainer.js";
import type { TrainingRun } from "./training-run.js";

export interface TrainingProgress {
  readonly model: string;
  readonly line: MetricsLine;
  /** The share that is done, 0 to 1. */
  readonly progress: number;
  /** Null for a training without end. */
  readonly secondsLeft: number | null;
}

export interface TrainingLoopOptions {
  readonly budget: Budget;
  readonly validation: readonly EncodedPair[];
  /** Steps from one line of metrics to the next. */
  readonly logEvery: number;
  readonly validateEvery: number;
  /** So many validations in a row without a lower loss end the training; null: they do not. */
  readonly patience: number | null;
  /** Seconds from one checkpoint to the next. */
  readonly checkpointSeconds: number;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Called with a run after each of its steps, and waited for; its time is not the training's. */
  readonly afterStep?: (run: TrainingRun) => Promise<void>;
  /** Asked before every step; true makes it the last one. */
  readonly shouldStop?: () => boolean;
}

export type TrainingEnd = "budget" | "patience" | "stopped";

/** Longest time between two chances for signals, timers and a page's clicks. */
const LONGEST_BLOCK_MS = 50;
const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** What a run gathers between two lines of metrics. */
class Interval {
  private loss = 0;
  private steps = 0;
  private sentences = 0;
  private seconds = 0;

  add(report: StepReport, seconds: number): void {
    this.loss += report.loss;
    this.steps++;
    this.sentences += report.sentences;
    this.seconds += seconds;
  }

  /** Means since the last call. */
  take(): { loss: number; sentencesPerSecond: number } {
    const means = { loss: this.loss / this.steps, sentencesPerSecond: this.sentences / this.seconds };
    this.loss = this.steps = this.sentences = this.seconds = 0;
    return means;
  }
}

/**
 * Trains until the budget is used up, `patience` is lost, or `shouldStop` says so. Every run takes one step in turn, so
 * all have made equally many whenever training ends; one whose checkpoint is behind catches up first. Afterwards each model holds its best parameters, unless it was
 * stopped, when it can go on from its checkpoint.
 *
 * Lines of metrics, checkpoints and the model file are written on the way. A checkpoint is only written where a line
 * of metrics is, so that a resumed run writes the same lines.
 */
export async function train(runs: readonly TrainingRun[], options: TrainingLoopOptions): Promise<TrainingEnd> {
  const { budget, validateEvery, logEvery, patience, shouldStop } = options;
  if (budget.steps === null && budget.seconds === null && patience === null) {
    throw new DataError("training: it would never end: give a number of steps, a time, or a patience");
  }
  const loop = new Loop(runs, options);
  let end: TrainingEnd | null = loop.isOver() ? "budget" : null;
  while (end === null) {
    const stopped = shouldStop?.() ?? false;
    const next = loop.steps + 1;
    const last = loop.isLast(next);
    const validate = !stopped && (last || next % validateEvery === 0);
    const checkpoint = stopped || last || loop.isCheckpointDue();
    await loop.step(next, { validate, checkpoint, log: validate || checkpoint || next === 1 || next % logEvery === 0 });
    if (stopped) end = "stopped";
    else if (last) end = "budget";
    else if (patience !== null && runs.every(({ history }) => history.withoutGain >= patience)) end = "patience";
  }
  if (end === "patience") for (const run of runs) await writeTrainingState(run);
  if (end !== "stopped") for (const run of runs) await readModel(run.storage, run.trainer.model);
  return end;
}

interface Duties {
  readonly log: boolean;
  readonly validate: boolean;
  readonly checkpoint: boolean;
}

class Loop {
  private readonly intervals: Interval[];
  private lastStepSeconds = 0;
  private lastCheckpoint = performance.now();
  private lastBreath = performance.now();

  constructor(
    private readonly runs: readonly TrainingRun[],
    private readonly options: TrainingLoopOptions,
  ) {
    this.intervals = runs.map(() => new Interval());
  }

  private get seconds(): number {
    return this.runs.reduce((sum, { history }) => sum + history.seconds, 0);
  }

  /** Steps that every run has done. */
  get steps(): number {
    return Math.min(...this.runs.map(({ trainer }) => trainer.steps));
  }

  private get progress(): number {
    return progressOf(this.options.budget, this.steps, this.seconds);
  }

  isOver(): boolean {
    return this.progress >= 1;
  }

  /** Whether the budget ends with this step, as far as its time can be foreseen. */
  isLast(step: number): boolean {
    return progressOf(this.options.budget, step, this.seconds + this.lastStepSeconds) >= 1;
  }

  isCheckpointDue(): boolean {
    return performance.now() - this.lastCheckpoint > this.options.checkpointSeconds * 1000;
  }

  /** Takes every run to a step. */
  async step(number: number, duties: Duties): Promise<void> {
    const progress = scheduledProgress(this.options.budget, this.steps, this.seconds);
    const before = this.seconds;
    for (const [i, run] of this.runs.entries()) {
      if (run.trainer.steps < number) await this.stepOf(run, this.intervals[i], progress, duties);
      if (performance.now() - this.lastBreath > LONGEST_BLOCK_MS) {
        await breathe();
        this.lastBreath = performance.now();
      }
    }
    if (!duties.validate) this.lastStepSeconds = this.seconds - before;
    if (duties.checkpoint) {
      for (const run of this.runs) await writeTrainingState(run);
      this.lastCheckpoint = performance.now();
    }
  }

  private async stepOf(run: TrainingRun, interval: Interval, progress: number, duties: Duties): Promise<void> {
    const { trainer, storage, name } = run;
    const start = performance.now();
    const report = await trainer.step(progress, { gradientNorms: duties.log });
    const spent = (performance.now() - start) / 1000;
    run.history = { ...run.history, seconds: run.history.seconds + spent };
    interval.add(report, spent);
    await this.options.afterStep?.(run);
    if (!duties.log) return;
    const validation = duties.validate ? { validationLoss: await this.validate(run) } : {};
    const { sentences: _, ...step } = report;
    const line: MetricsLine = { model: name, ...step, seconds: run.history.seconds, ...interval.take(), ...validation };
    await appendMetrics(storage, line);
    const done = this.progress;
    const secondsLeft = done > 0 ? (this.seconds / done) * (1 - done) : null;
    this.options.onProgress?.({ model: name, line, progress: done, secondsLeft });
  }

  /** Measures the validation loss; the parameters of the lowest so far go to the model file. */
  private async validate(run: TrainingRun): Promise<number> {
    const { trainer, storage } = run;
    const start = performance.now();
    const loss = await meanLoss(trainer.model, this.options.validation);
    const seconds = run.history.seconds + (performance.now() - start) / 1000;
    const better = run.history.bestLoss === null || loss < run.history.bestLoss;
    if (better) await writeModel(storage, trainer.model);
    run.history = better
      ? { seconds, bestLoss: loss, bestStep: trainer.steps, withoutGain: 0 }
      : { ...run.history, seconds, withoutGain: run.history.withoutGain + 1 };
    return loss;
  }
}

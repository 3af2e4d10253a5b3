import "../autograd/methods.js";
import { noGrad } from "../autograd/mode.js";
import { type BatchPosition, BatchStream, type EncodedPair } from "../data/batches.js";
import { DataError, GraphError } from "../errors.js";
import type { Translator } from "../models/translator.js";
import { Adadelta } from "../nn/adadelta.js";
import { Adam } from "../nn/adam.js";
import { clipGradNorm } from "../nn/clip-grad-norm.js";
import type { Optimizer } from "../nn/optimizer.js";
import type { Random, RandomState } from "../tensor/random.js";
import { scope } from "../tensor/scope.js";
import { batchTensors, deviceOf, teacherForcedLoss } from "./batch-tensors.js";
import type { TensorData } from "./safetensors.js";
import { type ScheduleName, schedules } from "./schedule.js";
import { readTensors, tensorsFrom } from "./tensor-data.js";

export interface TrainerOptions {
  readonly optimizer: "adam" | "adadelta";
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  /** The gradient's L2 norm over all parameters is brought down to this. */
  readonly clipNorm: number;
  readonly batchSize: number;
  readonly labelSmoothing: number;
}

export interface StepReport {
  /** Steps done, this one among them. */
  readonly step: number;
  /** The epoch that the batch was from, counted from 0. */
  readonly epoch: number;
  /** Nats a target token, before the update. */
  readonly loss: number;
  /** L2 norm over all parameters, before clipping. */
  readonly gradientNorm: number;
  /** L2 norm of each parameter's gradient, where that was asked for. */
  readonly gradientNorms: Readonly<Record<string, number>> | null;
  readonly learningRate: number;
  readonly sentences: number;
}

/** All that a trainer needs to go on bit for bit. */
export interface TrainerState {
  readonly step: number;
  readonly position: BatchPosition;
  readonly random: RandomState;
  readonly parameters: Readonly<Record<string, TensorData>>;
  /** The optimiser's moments. */
  readonly optimizer: Readonly<Record<string, TensorData>>;
}

/** One model, its optimiser and its batches: each {@link step} is one update by teacher forcing. */
export class Trainer {
  private readonly optimizer: Optimizer;
  private readonly batches: BatchStream;
  private stepsDone = 0;

  /**
   * @param random the generator that the model's dropout draws from; its state is part of a checkpoint
   * @param options.seed orders the batches
   */
  constructor(
    readonly model: Translator,
    pairs: readonly EncodedPair[],
    private readonly random: Random,
    private readonly options: TrainerOptions & { readonly seed: number },
  ) {
    const { optimizer, learningRate, clipNorm, batchSize, seed } = options;
    for (const [name, value] of Object.entries({ learningRate, clipNorm })) {
      if (!(value > 0)) throw new DataError(`trainer: ${name} must be above 0, got ${value}`);
    }
    const choices: Record<"optimizer" | "schedule", readonly string[]> = {
      optimizer: ["adam", "adadelta"],
      schedule: Object.keys(schedules),
    };
    for (const [name, known] of Object.entries(choices)) {
      const value = options[name as keyof typeof choices];
      if (!known.includes(value)) throw new DataError(`trainer: no ${name} "${value}": there are ${known.join(", ")}`);
    }
    this.batches = new BatchStream(pairs, { batchSize, seed });
    this.optimizer = optimizer === "adam" ? new Adam(model, { learningRate }) : new Adadelta(model, { learningRate });
  }

  /** Steps done so far. */
  get steps(): number {
    return this.stepsDone;
  }

  /**
   * One update. Leaves no tensor behind.
   * @param progress the share of the training that is done, 0 to 1: the learning rate depends on it
   * @throws GraphError where the loss or the gradient is no number any more; the parameters stay as they were
   */
  async step(progress: number, options: { gradientNorms?: boolean } = {}): Promise<StepReport> {
    const { epoch } = this.batches.position();
    const batch = this.batches.next();
    const { clipNorm, labelSmoothing, learningRate: base, schedule } = this.options;
    const learningRate = base * schedules[schedule](progress);
    this.model.train();
    this.optimizer.zeroGrad();
    const loss = scope(() => {
      const loss = teacherForcedLoss(this.model, batchTensors(batch, deviceOf(this.model)), labelSmoothing);
      loss.backward();
      return loss.detach();
    });
    const report = {
      step: this.stepsDone + 1,
      epoch,
      loss: await loss.item(),
      gradientNorms: options.gradientNorms ? await this.gradientNorms() : null,
      learningRate,
      sentences: batch.batchSize,
    };
    loss.dispose();
    const norm = scope(() => clipGradNorm(this.optimizer, clipNorm));
    const gradientNorm = await norm.item();
    norm.dispose();
    if (!Number.isFinite(report.loss) || !Number.isFinite(gradientNorm)) {
      throw new GraphError(
        `training: at step ${report.step} the loss is ${report.loss} and the gradient's norm ${gradientNorm}: train with a lower learning rate than ${base}`,
      );
    }
    this.optimizer.learningRate = learningRate;
    this.optimizer.step();
    this.stepsDone++;
    return { ...report, gradientNorm };
  }

  /** The L2 norm of each parameter's gradient, by path. */
  private async gradientNorms(): Promise<Record<string, number>> {
    const squares = scope(() =>
      noGrad(() =>
        this.model.namedParameters().map(([path, { grad }]) => ({ path, square: grad ? grad.mul(grad).sum() : null })),
      ),
    );
    const norms: Record<string, number> = {};
    for (const { path, square } of squares) {
      norms[path] = square ? Math.sqrt(await square.item()) : 0;
      square?.dispose();
    }
    return norms;
  }

  /** A copy of all that the next steps depend on. */
  async state(): Promise<TrainerState> {
    const { step, tensors } = this.optimizer.state();
    const optimizer = await readTensors(tensors);
    for (const moment of Object.values(tensors)) moment.dispose();
    return {
      step,
      position: this.batches.position(),
      random: this.random.state(),
      parameters: await readTensors(this.model.stateDict()),
      optimizer,
    };
  }

  /**
   * Continues bit for bit where {@link state} was read.
   * @throws DataError or ShapeError where the state is another model's, another optimiser's, or of other data
   */
  restore({ step, position, random, parameters, optimizer }: TrainerState): void {
    this.batches.moveTo(position);
    scope(() => {
      const device = deviceOf(this.model);
      this.model.loadStateDict(tensorsFrom(parameters, device));
      this.optimizer.restore({
        step,
        learningRate: this.options.learningRate,
        tensors: tensorsFrom(optimizer, device),
      });
    });
    this.random.restore(random);
    this.stepsDone = step;
  }
}

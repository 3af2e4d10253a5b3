import { DataError } from "../errors.js";
import type { Backend, UpdateOptions } from "../kernels/backend.js";
import type { Tensor } from "../tensor/tensor.js";
import { FlatParameters, restoreParts } from "./flat-parameters.js";
import type { Module } from "./module.js";

/** All that an optimiser carries from step to step. */
export interface OptimizerState {
  /** Updates done. */
  readonly step: number;
  readonly learningRate: number;
  /**
   * Moments by name and parameter path, as `mean.encoder.weight_ih_l0`: views of the live numbers, to be written or
   * copied before the next step.
   */
  readonly tensors: Readonly<Record<string, Tensor>>;
}

export interface OptimizerOptions {
  learningRate?: number;
  weightDecay?: number;
}

/** Raises unless every setting is a number of 0 or more, and below 1 where it is the share of a mean that stays. */
export function checkSettings(
  settings: Readonly<Record<string, number>>,
  shares: Readonly<Record<string, number>> = {},
): void {
  for (const [name, value] of Object.entries({ ...settings, ...shares })) {
    const inside = Object.hasOwn(shares, name) ? value < 1 : Number.isFinite(value);
    if (!(value >= 0 && inside)) {
      const range = Object.hasOwn(shares, name) ? "lie in [0, 1)" : "be 0 or more";
      throw new DataError(`optimizer: ${name} must ${range}, got ${value}`);
    }
  }
}

/**
 * Updates parameters by their gradients. It takes the parameters over: they, their `.grad`s and its moments lie in flat
 * buffers from now on. So a parameter that the loss does not depend on has the gradient 0, and is updated by that.
 */
export abstract class Optimizer {
  /** May be changed between steps. */
  learningRate: number;
  protected readonly weightDecay: number;
  protected readonly flat: FlatParameters;
  private readonly moments = new Map<string, Tensor>();
  private steps = 0;
  private scale: Tensor | null = null;

  constructor(parameters: Module | readonly Tensor[], learningRate: number, weightDecay: number) {
    checkSettings({ learningRate, weightDecay });
    this.flat = new FlatParameters(parameters);
    this.learningRate = learningRate;
    this.weightDecay = weightDecay;
  }

  /** A moment of each parameter, zeros at first, that {@link state} holds. */
  protected moment(name: string): Tensor {
    const moment = this.flat.moment();
    this.moments.set(name, moment);
    return moment;
  }

  /** All gradients side by side, a view of the `.grad`s of the parameters (and of the zeros between them). */
  gradients(): Tensor {
    this.flat.gather();
    return this.flat.gradients;
  }

  /** Multiplies the gradients of the next step by a factor that stays on the device, and takes it over. See `clipGradNorm`. */
  scaleGradients(factor: Tensor): void {
    this.scale?.dispose();
    this.scale = factor;
  }

  /** Updates every parameter once. The gradients stay until {@link zeroGrad}. */
  step(): void {
    this.flat.gather();
    this.steps++;
    const { learningRate, weightDecay, scale } = this;
    this.update(this.flat.values.kernels, this.steps, { learningRate, weightDecay, scale });
    this.scale?.dispose();
    this.scale = null;
  }

  /** @param step counts from 1 */
  protected abstract update(kernels: Backend, step: number, options: UpdateOptions): void;

  /** Sets every gradient to 0. */
  zeroGrad(): void {
    this.flat.zeroGradients();
  }

  state(): OptimizerState {
    return { step: this.steps, learningRate: this.learningRate, tensors: Object.fromEntries(this.liveParts()) };
  }

  /**
   * Continues bit for bit where {@link state} was taken.
   * @throws DataError or ShapeError where the state is another optimiser's or another model's
   */
  restore({ step, learningRate, tensors }: OptimizerState): void {
    restoreParts(this.liveParts(), tensors);
    this.steps = step;
    this.learningRate = learningRate;
  }

  private liveParts(): Map<string, Tensor> {
    const parts = new Map<string, Tensor>();
    for (const [name, moment] of this.moments) {
      for (const [path, part] of this.flat.partsOf(moment)) parts.set(`${name}.${path}`, part);
    }
    return parts;
  }

  /** Gives the moments' and the gradients' memory back. The parameters stay. */
  dispose(): void {
    for (const moment of this.moments.values()) moment.dispose();
    this.scale?.dispose();
    this.flat.dispose();
  }
}

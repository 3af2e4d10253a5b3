import type { Backend, UpdateOptions } from "../kernels/backend.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Module } from "./module.js";
import { checkSettings, Optimizer, type OptimizerOptions } from "./optimizer.js";

export interface AdamOptions extends OptimizerOptions {
  /** How much of the gradient's and its square's running means stays at each step. Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  epsilon?: number;
}

/** Adam (Kingma & Ba 2015) with bias correction. Defaults: learningRate 0.001, epsilon 1e-8, weightDecay 0. */
export class Adam extends Optimizer {
  private readonly mean: Tensor;
  private readonly square: Tensor;
  private readonly hyper: { beta1: number; beta2: number; epsilon: number; decoupled: boolean };

  constructor(parameters: Module | readonly Tensor[], options: AdamOptions = {}, decoupled = false) {
    const { learningRate = 0.001, weightDecay = 0, betas = [0.9, 0.999], epsilon = 1e-8 } = options;
    checkSettings({ epsilon }, { "betas[0]": betas[0], "betas[1]": betas[1] });
    super(parameters, learningRate, weightDecay);
    this.hyper = { beta1: betas[0], beta2: betas[1], epsilon, decoupled };
    this.mean = this.moment("mean");
    this.square = this.moment("square");
  }

  protected override update(kernels: Backend, step: number, options: UpdateOptions): void {
    kernels.adam(this.flat.values, this.flat.gradients, this.mean, this.square, step, this.hyper, options);
  }
}

/** Adam whose weight decay shrinks the parameter itself, beside the gradient (Loshchilov & Hutter 2019). Default decay 0.01. */
export class AdamW extends Adam {
  constructor(parameters: Module | readonly Tensor[], options: AdamOptions = {}) {
    super(parameters, { weightDecay: 0.01, ...options }, true);
  }
}

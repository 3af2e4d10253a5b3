import type { Backend, UpdateOptions } from "../kernels/backend.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Module } from "./module.js";
import { checkSettings, Optimizer, type OptimizerOptions } from "./optimizer.js";

/**
 * Stochastic gradient descent, with momentum μ in PyTorch's form: velocity ← μ velocity + g, p ← p − learningRate velocity.
 * Defaults: learningRate 0.01, momentum 0.
 */
export class SGD extends Optimizer {
  private readonly momentum: number;
  private readonly velocity: Tensor | null;

  constructor(parameters: Module | readonly Tensor[], options: OptimizerOptions & { momentum?: number } = {}) {
    const { learningRate = 0.01, weightDecay = 0, momentum = 0 } = options;
    checkSettings({ momentum });
    super(parameters, learningRate, weightDecay);
    this.momentum = momentum;
    this.velocity = momentum === 0 ? null : this.moment("velocity");
  }

  protected override update(kernels: Backend, _step: number, options: UpdateOptions): void {
    kernels.sgd(this.flat.values, this.flat.gradients, this.velocity, this.momentum, options);
  }
}

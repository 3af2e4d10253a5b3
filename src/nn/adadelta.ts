import type { Backend, UpdateOptions } from "../kernels/backend.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Module } from "./module.js";
import { checkSettings, Optimizer, type OptimizerOptions } from "./optimizer.js";

/** Adadelta (Zeiler 2012), RNNsearch's own. Defaults, the paper's: rho 0.95, epsilon 1e-6, learningRate 1. */
export class Adadelta extends Optimizer {
  private readonly squares: Tensor;
  private readonly deltas: Tensor;
  private readonly hyper: { rho: number; epsilon: number };

  constructor(
    parameters: Module | readonly Tensor[],
    options: OptimizerOptions & { rho?: number; epsilon?: number } = {},
  ) {
    const { learningRate = 1, weightDecay = 0, rho = 0.95, epsilon = 1e-6 } = options;
    checkSettings({ epsilon }, { rho });
    super(parameters, learningRate, weightDecay);
    this.hyper = { rho, epsilon };
    this.squares = this.moment("squares");
    this.deltas = this.moment("deltas");
  }

  protected override update(kernels: Backend, _step: number, options: UpdateOptions): void {
    kernels.adadelta(this.flat.values, this.flat.gradients, this.squares, this.deltas, this.hyper, options);
  }
}

import { layerNorm } from "../autograd/operations/layer-norm.js";
import { ones, zeros } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { Module, type ParameterOptions } from "./module.js";

/**
 * y = (x − mean) / √(variance + ε) ⊙ weight + bias over the last axis (Ba, Kiros & Hinton 2016).
 * Parameters: `weight` [size] of ones and `bias` [size] of zeros at first.
 */
export class LayerNorm extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor;
  private readonly epsilon: number;

  constructor(size: number, { epsilon = 1e-5, dtype, device }: ParameterOptions & { epsilon?: number } = {}) {
    super();
    this.epsilon = epsilon;
    this.weight = this.parameter("weight", ones([size], { dtype, device }));
    this.bias = this.parameter("bias", zeros([size], { dtype, device }));
  }

  /** x [..., size] → the same shape. */
  forward(x: Tensor): Tensor {
    return layerNorm(x, this.weight, this.bias, { epsilon: this.epsilon });
  }
}

import { linear } from "../autograd/operations/matmul.js";
import type { Tensor } from "../tensor/tensor.js";
import { uniform } from "./initializers.js";
import { Module, type ParameterOptions } from "./module.js";

/** y = x·Wᵀ + b. Parameters: `weight` [out, in] and, unless left out, `bias` [out], uniform in ±1/√in at first. */
export class Linear extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor | null;

  constructor(inputSize: number, outputSize: number, options: ParameterOptions & { bias?: boolean } = {}) {
    super();
    const draw = uniform(inputSize === 0 ? 0 : 1 / Math.sqrt(inputSize));
    this.weight = this.parameter("weight", draw([outputSize, inputSize], options));
    this.bias = (options.bias ?? true) ? this.parameter("bias", draw([outputSize], options)) : null;
  }

  /** x [..., in] → [..., out]. */
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
}

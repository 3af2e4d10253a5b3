import { concat } from "../autograd/operations/concat.js";
import { linear } from "../autograd/operations/matmul.js";
import { DataError, ShapeError } from "../errors.js";
import { showShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { uniform } from "./initializers.js";
import { Module, type ParameterOptions } from "./module.js";

/**
 * Convolution over time (a cross-correlation, as everywhere): y[o, t] = bias[o] + Σ_{c,k} weight[o, c, k] x[c, t + k − padding].
 * Parameters: `weight` [out, in, kernel] and `bias` [out], uniform in ±1/√(in·kernel) at first.
 */
export class Conv1d extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor;
  private readonly padding: number;

  constructor(
    inputChannels: number,
    outputChannels: number,
    kernelSize: number,
    { padding = 0, ...options }: ParameterOptions & { padding?: number } = {},
  ) {
    super();
    if (!(kernelSize >= 1 && padding >= 0 && Number.isInteger(padding))) {
      throw new DataError(
        `conv1d: kernel size ${kernelSize} must be 1 or more, padding ${padding} 0 or more, both whole`,
      );
    }
    this.padding = padding;
    const draw = uniform(1 / Math.sqrt(inputChannels * kernelSize));
    this.weight = this.parameter("weight", draw([outputChannels, inputChannels, kernelSize], options));
    this.bias = this.parameter("bias", draw([outputChannels], options));
  }

  /** x [batch, in, time] → [batch, out, time + 2·padding − kernel + 1]. */
  forward(x: Tensor): Tensor {
    const [outputChannels, inputChannels, kernelSize] = this.weight.shape;
    const length = x.shape[2] + 2 * this.padding - kernelSize + 1;
    if (x.rank !== 3 || x.shape[1] !== inputChannels || length < 1) {
      throw new ShapeError(
        `conv1d: input ${showShape(x.shape)} must be [batch, ${inputChannels}, time], padded no shorter than the kernel, ${kernelSize}`,
      );
    }
    const padded = x
      .pad([
        [0, 0],
        [0, 0],
        [this.padding, this.padding],
      ])
      .permute([0, 2, 1]);
    // Windows side by side, [batch, length, kernel·in]: one product for all positions.
    const shifted = Array.from({ length: kernelSize }, (_, k) => padded.slice(null, [k, k + length]));
    const weight = this.weight.permute([0, 2, 1]).reshape([outputChannels, kernelSize * inputChannels]);
    return linear(concat(shifted, { axis: 2 }), weight, this.bias).permute([0, 2, 1]);
  }
}

import { dropout } from "../autograd/operations/dropout.js";
import { DataError } from "../errors.js";
import type { Random } from "../tensor/random.js";
import type { Tensor } from "../tensor/tensor.js";
import { Module } from "./module.js";

/** {@link dropout} with the given probability while training; the identity in evaluation mode. */
export class Dropout extends Module {
  constructor(
    readonly probability: number,
    private readonly options: { random?: Random } = {},
  ) {
    super();
    if (!(probability >= 0 && probability < 1)) {
      throw new DataError(`dropout: the probability must lie in [0, 1), got ${probability}`);
    }
  }

  forward(x: Tensor): Tensor {
    return dropout(x, { p: this.probability, training: this.training, random: this.options.random });
  }
}

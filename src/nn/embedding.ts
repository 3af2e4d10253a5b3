import { gather } from "../autograd/operations/gather.js";
import type { Tensor } from "../tensor/tensor.js";
import { gaussian } from "./initializers.js";
import { Module, type ParameterOptions } from "./module.js";

/** A vector for each of `count` words. Parameter: `weight` [count, size], standard normal at first. */
export class Embedding extends Module {
  readonly weight: Tensor;

  constructor(count: number, size: number, options: ParameterOptions = {}) {
    super();
    this.weight = this.parameter("weight", gaussian(1)([count, size], options));
  }

  /** ids (int32) [...] → [..., size]. */
  forward(ids: Tensor): Tensor {
    return gather(this.weight, ids);
  }
}

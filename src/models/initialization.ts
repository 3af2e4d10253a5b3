import { gaussian, type Initializer, orthogonal, zero } from "../nn/initializers.js";
import type { Module } from "../nn/module.js";
import type { Random } from "../tensor/random.js";
import type { Tensor } from "../tensor/tensor.js";

function initializerFor(path: string, { shape }: Tensor): Initializer {
  if (/(^|\.)bias/.test(path) || path === "v.weight") return zero;
  if (/(^|\.)weight_hh/.test(path)) return orthogonal(shape[0] / shape[1]);
  return path === "W.weight" || path === "U.weight" ? gaussian(0.001) : gaussian(0.01);
}

/**
 * Draws a translator's parameters anew as Bahdanau 2015, B.1: recurrent matrices orthogonal, one block a gate; Wₐ and Uₐ
 * normal with standard deviation 0.001; vₐ and all biases zero; all other weights normal with standard deviation 0.01.
 */
export function initializeAsBahdanau(model: Module, { random }: { random?: Random } = {}): void {
  for (const [path, parameter] of model.namedParameters()) {
    const draw = initializerFor(path, parameter);
    const value = draw(parameter.shape, { dtype: parameter.dtype, device: parameter.device, random });
    parameter.assign(value);
    value.dispose();
  }
}

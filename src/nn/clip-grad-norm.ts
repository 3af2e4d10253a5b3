import { noGrad } from "../autograd/mode.js";
import { div } from "../autograd/operations/arithmetic.js";
import { DataError } from "../errors.js";
import { scope, unscoped } from "../tensor/scope.js";
import { Tensor } from "../tensor/tensor.js";
import { Module } from "./module.js";
import { Optimizer } from "./optimizer.js";

const sumOfSquares = (x: Tensor): Tensor =>
  new Tensor(x.kernels.reduce("sumOfSquares", x, { outer: 1, length: x.size, inner: 1 }), [], x.device);

/**
 * Brings the gradients' L2 norm, over all of them together, down to `maxNorm` where it is larger (Pascanu 2013):
 * g ← g · min(1, maxNorm / (norm + 1e-6)), as PyTorch does. Nothing is read back from the device.
 *
 * Given an optimiser, its next step scales on the fly, and the `.grad`s themselves stay as they are; given a module or
 * parameters, their `.grad`s are scaled in place.
 * @returns the norm before, a scalar tensor
 * @throws DataError unless maxNorm is above 0, or where no parameter has a gradient
 */
export function clipGradNorm(target: Optimizer | Module | readonly Tensor[], maxNorm: number): Tensor {
  if (!(maxNorm > 0)) throw new DataError(`clipGradNorm: maxNorm must be above 0, got ${maxNorm}`);
  const gradients = target instanceof Optimizer ? [target.gradients()] : gradientsOf(target);
  if (gradients.length === 0) throw new DataError("clipGradNorm: no parameter has a gradient: call backward() first");
  return scope(() =>
    noGrad(() => {
      const norm = gradients
        .map(sumOfSquares)
        .reduce((total, square) => total.add(square))
        .sqrt();
      const factor = div(maxNorm, norm.add(1e-6)).minimum(1);
      if (target instanceof Optimizer) target.scaleGradients(unscoped(() => factor.view([])));
      else for (const gradient of gradients) gradient.assign(gradient.mul(factor));
      return norm;
    }),
  );
}

const gradientsOf = (source: Module | readonly Tensor[]): Tensor[] =>
  (source instanceof Module ? source.parameters() : source).flatMap(({ grad }) => (grad ? [grad] : []));

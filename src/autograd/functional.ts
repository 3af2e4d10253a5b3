import { GraphError, ShapeError } from "../errors.js";
import { tensor, zerosLike } from "../tensor/create.js";
import { sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { grad } from "./backward.js";
import { pushForward } from "./forward.js";
import { enableGrad } from "./mode.js";
import { mul } from "./operations/arithmetic.js";
import { stack } from "./operations/concat.js";
import { reshape } from "./operations/reshape.js";
import { at } from "./operations/slice.js";

/** A function of tensors whose derivative is wanted. */
export type TensorFunction = (...inputs: Tensor[]) => Tensor;

/** Fresh leaves over the same numbers, so that the caller's graph and `.grad` stay untouched. */
function leavesOver(inputs: readonly Tensor[]): Tensor[] {
  return inputs.map((input) => {
    const leaf = input.view(input.shape);
    leaf.requiresGrad = true;
    return leaf;
  });
}

/** f(inputs) and the vector-Jacobian product: uᵀ·∂f/∂input for each input. A zero tensor where f ignores an input. */
export function vjp(fn: TensorFunction, inputs: readonly Tensor[], u: Tensor): { output: Tensor; gradients: Tensor[] } {
  return enableGrad(() => {
    const leaves = leavesOver(inputs);
    const output = fn(...leaves);
    if (!output.requiresGrad) return { output, gradients: leaves.map(zerosLike) };
    const gradients = grad([output], leaves, { gradOutputs: [u] });
    return { output: output.detach(), gradients: gradients.map((g, i) => g ?? zerosLike(leaves[i] as Tensor)) };
  });
}

/**
 * f(inputs) and the Jacobian-vector product ∂f/∂inputs · tangents: how f changes when the inputs move along the
 * tangents. Forward mode, by each operation's own `tangent` rule: no backward pass is run.
 */
export function jvp(
  fn: TensorFunction,
  inputs: readonly Tensor[],
  tangents: readonly Tensor[],
): { output: Tensor; tangent: Tensor } {
  inputs.forEach((input, i) => {
    const tangent = tangents[i];
    if (!tangent || !sameShape(tangent.shape, input.shape)) {
      throw new ShapeError(`jvp: input ${i} is ${input.describe()}, its tangent ${tangent?.describe() ?? "missing"}`);
    }
  });
  return enableGrad(() => {
    const leaves = leavesOver(inputs);
    const output = fn(...leaves);
    const moved = new Map(leaves.map((leaf, i) => [leaf, tangents[i] as Tensor]));
    const [tangent] = pushForward([output], moved);
    return { output: output.detach(), tangent: tangent ?? zerosLike(output) };
  });
}

/** The matrix ∂f/∂x [outputs, inputs] of a function of one tensor, one backward pass a row. For small sizes. */
export function jacobian(fn: (x: Tensor) => Tensor, x: Tensor): Tensor {
  return enableGrad(() => {
    const [leaf] = leavesOver([x]) as [Tensor];
    const output = fn(leaf);
    const flat = reshape(output, [output.size]);
    const rows = Array.from({ length: output.size }, (_, i) => {
      const row = output.requiresGrad ? grad([at(flat, i)], [leaf], { retainGraph: true })[0] : null;
      return reshape(row ?? zerosLike(leaf), [x.size]);
    });
    return rows.length > 0
      ? stack(rows).detach()
      : tensor([], { dtype: x.dtype, device: x.device, shape: [0, x.size] });
  });
}

/** The matrix of second derivatives [n, n] of a scalar function of one tensor of n elements. For small sizes. */
export function hessian(fn: (x: Tensor) => Tensor, x: Tensor): Tensor {
  return jacobian((leaf) => {
    const value = fn(leaf);
    if (value.size !== 1) throw new GraphError(`hessian: the function must give a scalar, got ${value.describe()}`);
    const [gradient] = value.requiresGrad ? grad([value], [leaf], { createGraph: true }) : [null];
    return gradient ?? mul(leaf, 0);
  }, x);
}

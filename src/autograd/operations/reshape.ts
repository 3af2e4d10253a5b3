import { ShapeError } from "../../errors.js";
import { checkList, checkShape, type Shape, sameShape, showShape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineOp } from "../operation.js";

/** The same numbers under another shape, a view.   x̄ = ȳ in x's shape */
export const reshapeOp = defineOp<{ shape: Shape }>("reshape", {
  takes: ["any"],
  shape: (_, { shape }) => shape,
  backward: ({ inputs: [x] }, gy) => [gy.reshape(x.shape)],
  tangent: ({ options }, [t]) => reshape(t as Tensor, options.shape),
  backwardKernel: (_, { inputs: [x] }, gy) => [gy.view(x.shape)],
});

/** Fills in the one size given as −1. */
function completeShape(x: Tensor, shape: Shape): Shape {
  checkList("reshape", shape);
  const unknown = shape.indexOf(-1);
  const complete = [...shape];
  if (unknown >= 0) {
    const rest = shape.reduce((product, n, axis) => (axis === unknown ? product : product * n), 1);
    complete[unknown] = rest === 0 ? 0 : x.size / rest;
  }
  const fits = complete.every((n) => Number.isInteger(n) && n >= 0) && sizeOf(complete) === x.size;
  if (!fits || shape.lastIndexOf(-1) !== unknown) {
    throw new ShapeError(
      `reshape: ${x.describe()} has ${x.size} elements, which do not fill ${showShape(shape)}${unknown >= 0 ? " (one size may be −1)" : ""}`,
    );
  }
  checkShape("reshape", complete);
  return complete;
}

/** A view of x under another shape of the same size; one size may be −1. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return reshapeOp([x], { shape: completeShape(x, shape) });
}

/** The same tensor under another identity: its own node in the graph, so that one use of x can be told from another. */
export const aliasOp = defineOp<Record<never, never>>("alias", {
  takes: ["any"],
  shape: ([x]) => x.shape,
  backward: (_, gy) => [gy],
  tangent: (_, [t]) => t as Tensor,
  backwardKernel: (_kernels, _call, gy) => [gy],
});

/** A view of x with a gradient of its own: ∂loss/∂alias counts only what flows through this use of x. */
export const alias = (x: Tensor): Tensor => aliasOp([x], {});

import { ShapeError } from "../../errors.js";
import { broadcastShapes, broadcastStrides, checkShape, type Shape, sameShape, showShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineOp } from "../operation.js";

/** x repeated along axes of size 1.   x̄ = Σ ȳ over the repeated axes, which the engine does */
export const broadcastToOp = defineOp<{ shape: Shape }>("broadcastTo", {
  takes: ["any"],
  shape: ([x], { shape }) => {
    checkShape("broadcastTo", shape);
    if (!sameShape(broadcastShapes("broadcastTo", x.shape, shape), shape)) {
      throw new ShapeError(`broadcastTo: ${x.describe()} does not repeat to ${showShape(shape)}`);
    }
    return shape;
  },
  forward: (kernels, [x], _, shape) => kernels.copy(x, { shape, strides: broadcastStrides(x.shape, shape), start: 0 }),
  backward: (_, gy) => [gy],
  tangent: (_, [t]) => t as Tensor,
});

/** x repeated to a larger shape by NumPy's rules. */
export const broadcastTo = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : broadcastToOp([x], { shape });

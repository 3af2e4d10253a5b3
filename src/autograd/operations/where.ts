import { broadcastShapes } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import { defineOp } from "../operation.js";
import { scalarLike } from "./arithmetic.js";

/** z = c ? x : y.   x̄ = c ? z̄ : 0, ȳ = c ? 0 : z̄ */
export const whereOp = defineOp<Record<never, never>>("where", {
  takes: ["bool", "number"],
  shape: ([c, x, y]) => broadcastShapes("where", broadcastShapes("where", c.shape, x.shape), y.shape),
  forward: (kernels, [c, x, y], _, shape) => kernels.where(c, x, y, shape),
  backward: (call, gz) => {
    const [c] = call.inputs;
    return [null, call.needs(1) ? c.where(gz, 0) : null, call.needs(2) ? c.where(0, gz) : null];
  },
  tangent: ({ inputs: [c] }, [, tx, ty]) => where(c, tx ?? 0, ty ?? 0),
});

/**
 * Picks x where `condition` (bool) is true and y elsewhere, all three broadcast. One of x and y may be a number; two
 * numbers give float32.
 */
export function where(condition: Tensor, x: Tensor | number, y: Tensor | number): Tensor {
  if (x instanceof Tensor) return whereOp([condition, x, y instanceof Tensor ? y : scalarLike(x, y)], {});
  if (y instanceof Tensor) return whereOp([condition, scalarLike(y, x), y], {});
  const first = scalarLike(condition.cast("float32"), x);
  return whereOp([condition, first, scalarLike(first, y)], {});
}

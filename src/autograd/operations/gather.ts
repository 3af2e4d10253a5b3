import { ShapeError } from "../../errors.js";
import { axisLayout, checkShape, normalizeAxis, sameShape, showShape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineOp, type OperationFunction } from "../operation.js";

/** Indices are looked at where that is free: on the CPU. */
function checkIndices(operation: string, indices: Tensor, length: number): void {
  if (indices.device !== "cpu" || indices.dtype !== "int32") return;
  const ids = indices.dataSync();
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    if (id < 0 || id >= length) {
      throw new ShapeError(`${operation}: index ${id} at position ${i} is not in [0, ${length})`);
    }
  }
}

/** y[o, i, k] = x[o, indices[i], k].   x̄[o, indices[i], k] += ȳ[o, i, k] */
export const gatherOp: OperationFunction<{ axis: number }> = defineOp("gather", {
  takes: ["any", "int32"],
  shape: ([x, indices], { axis }) => {
    checkIndices("gather", indices, x.shape[axis] as number);
    return [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  },
  forward: (kernels, [x, indices], { axis }) => kernels.gather(x, indices, axisLayout(x.shape, axis)),
  backward: ({ inputs: [x, indices], options: { axis } }, gy) => [
    scatterAddOp([gy, indices], { axis, length: x.shape[axis] as number }),
    null,
  ],
  tangent: ({ inputs: [, indices], options }, [t]) => gatherOp([t as Tensor, indices], options),
  backwardKernel: (kernels, { inputs: [x, indices], options: { axis } }, gy) => [
    { into: (gradient) => kernels.scatterAddInto(gy, indices, axisLayout(x.shape, axis), gradient) },
    null,
  ],
});

/** y[o, indices[i], k] += x[o, i, k] from zeros.   x̄[o, i, k] = ȳ[o, indices[i], k] */
export const scatterAddOp: OperationFunction<{ axis: number; length: number }> = defineOp("scatterAdd", {
  takes: ["number", "int32"],
  shape: ([x, indices], { axis, length }) => {
    if (!sameShape(x.shape.slice(axis, axis + indices.rank), indices.shape)) {
      throw new ShapeError(
        `scatterAdd: values ${showShape(x.shape)} do not hold indices ${showShape(indices.shape)} at axis ${axis}`,
      );
    }
    checkShape("scatterAdd", [length]);
    checkIndices("scatterAdd", indices, length);
    return [...x.shape.slice(0, axis), length, ...x.shape.slice(axis + indices.rank)];
  },
  forward: (kernels, [x, indices], { axis, length }) => {
    const outer = sizeOf(x.shape.slice(0, axis));
    const inner = sizeOf(x.shape.slice(axis + indices.rank));
    return kernels.scatterAdd(x, indices, { outer, length, inner });
  },
  backward: ({ inputs: [, indices], options: { axis } }, gy) => [gatherOp([gy, indices], { axis }), null],
  tangent: ({ inputs: [, indices], options }, [t]) => scatterAddOp([t as Tensor, indices], options),
});

/**
 * Takes slices of x at `indices` (int32, any shape) along an axis, as NumPy's `take`: the axis is replaced by the
 * indices' shape. An index out of range raises {@link ShapeError} on the CPU.
 */
export const gather = (x: Tensor, indices: Tensor, { axis = 0 }: { axis?: number } = {}): Tensor =>
  gatherOp([x, indices], { axis: normalizeAxis("gather", axis, x.rank) });

/**
 * Adds slices of x into zeros at `indices` along an axis: the reverse of {@link gather}.
 * @param length size of the result along the axis
 */
export const scatterAdd = (
  x: Tensor,
  indices: Tensor,
  { axis = 0, length }: { axis?: number; length: number },
): Tensor => scatterAddOp([x, indices], { axis: normalizeAxis("scatterAdd", axis, x.rank - indices.rank + 1), length });

import { ShapeError } from "../../errors.js";
import { axisLayout, normalizeAxis, type Shape, sameShape, showShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineOp, type OperationFunction } from "../operation.js";

const showAll = (tensors: readonly Tensor[]): string => tensors.map((t) => showShape(t.shape)).join(", ");

/** y = [x₁; x₂; …] along an axis.   x̄ᵢ = its part of ȳ */
export const concatOp: OperationFunction<{ axis: number }> = defineOp<{ axis: number }>("concat", {
  takes: ["any"],
  shape: (inputs, { axis }): Shape => {
    const [first] = inputs;
    const rest = (shape: Shape): number[] => shape.filter((_, a) => a !== axis);
    if (!inputs.every((x) => x.rank === first.rank && sameShape(rest(x.shape), rest(first.shape)))) {
      throw new ShapeError(`concat: shapes ${showAll(inputs)} may differ along axis ${axis} only`);
    }
    const length = inputs.reduce((sum, x) => sum + (x.shape[axis] as number), 0);
    return first.shape.map((n, a) => (a === axis ? length : n));
  },
  forward: (kernels, inputs, { axis }) => {
    const { outer, inner } = axisLayout(inputs[0].shape, axis);
    return kernels.concat(inputs, { outer, lengths: inputs.map((x) => x.shape[axis] as number), inner });
  },
  backward: ({ inputs, options: { axis } }, gy) =>
    gy.split(
      inputs.map((x) => x.shape[axis] as number),
      { axis },
    ),
  tangent: ({ inputs, options }, tangents) =>
    concatOp(
      inputs.map((x, i) => tangents[i] ?? x.mul(0)),
      options,
    ),
});

/** Joins tensors along an axis; all other sizes agree. */
export function concat(tensors: readonly Tensor[], { axis = 0 }: { axis?: number } = {}): Tensor {
  const [first] = tensors;
  if (!first) throw new ShapeError("concat: give at least one tensor");
  if (first.rank === 0) throw new ShapeError("concat: scalars have no axis to join along: use stack()");
  return concatOp(tensors, { axis: normalizeAxis("concat", axis, first.rank) });
}

/** Joins tensors of one shape along a new axis. */
export function stack(tensors: readonly Tensor[], { axis = 0 }: { axis?: number } = {}): Tensor {
  const [first] = tensors;
  if (!first) throw new ShapeError("stack: give at least one tensor");
  if (!tensors.every((t) => sameShape(t.shape, first.shape))) {
    throw new ShapeError(`stack: shapes differ: ${showAll(tensors)}`);
  }
  const at = normalizeAxis("stack", axis, first.rank + 1);
  const expanded = [...first.shape.slice(0, at), 1, ...first.shape.slice(at)];
  return concat(
    tensors.map((t) => t.reshape(expanded)),
    { axis: at },
  );
}

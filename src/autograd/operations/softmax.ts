import { ShapeError } from "../../errors.js";
import { axisLayout, checkOptions, normalizeAxis, sameShape, showShape, sizeOf } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import { defineOp } from "../operation.js";

export interface Axis {
  readonly axis: number;
}

/** y ⊙ t − y Σ y ⊙ t: the softmax's Jacobian diag(y) − y yᵀ, which is symmetric, times t. */
function softmaxTangent(y: Tensor, t: Tensor, axis: number): Tensor {
  const moved = y.mul(t);
  return moved.sub(y.mul(moved.sum({ axis, keepDims: true })));
}

/** y = softmax(x) along one axis.   x̄ = y ⊙ (ȳ − Σ ȳ ⊙ y) */
export const softmaxOp = defineOp<Axis>("softmax", {
  takes: ["float"],
  shape: ([x]) => x.shape,
  forward: (kernels, [x], { axis }) => kernels.softmax(x, axisLayout(x.shape, axis), null, 1),
  backward: ({ output: y, options: { axis } }, gy) => [gy.sub(gy.mul(y).sum({ axis, keepDims: true })).mul(y)],
  tangent: ({ output: y, options: { axis } }, [t]) => softmaxTangent(y, t as Tensor, axis),
  backwardKernel: (kernels, { output: y, options: { axis } }, gy) => [
    new Tensor(kernels.softmaxBackward(y, gy, axisLayout(y.shape, axis)), y.shape, y.device),
  ],
});

/** softmax over the true places of a mask; 0 elsewhere.   x̄ = y ⊙ (ȳ − Σ ȳ ⊙ y), so 0 where masked */
export const maskedSoftmaxOp = defineOp<Record<never, never>>("maskedSoftmax", {
  takes: ["float", "bool"],
  shape: ([x, mask]) => {
    const [leading, n] = [mask.shape.slice(0, -1), mask.shape[mask.rank - 1]];
    const covers = sizeOf(leading) === 1 || sameShape(leading, x.shape.slice(0, mask.rank - 1));
    if (mask.rank > x.rank || n !== x.shape[x.rank - 1] || !covers) {
      throw new ShapeError(`softmax: mask ${showShape(mask.shape)} does not cover the rows of ${showShape(x.shape)}`);
    }
    return x.shape;
  },
  forward: (kernels, [x, mask]) =>
    kernels.softmax(x, axisLayout(x.shape, x.rank - 1), mask, sizeOf(x.shape) / Math.max(1, sizeOf(mask.shape))),
  backward: ({ output: y }, gy) => [gy.sub(gy.mul(y).sum({ axis: -1, keepDims: true })).mul(y), null],
  tangent: ({ output: y }, [t]) => softmaxTangent(y, t as Tensor, -1),
  backwardKernel: (kernels, { output: y }, gy) => [
    new Tensor(kernels.softmaxBackward(y, gy, axisLayout(y.shape, y.rank - 1)), y.shape, y.device),
    null,
  ],
});

/** y = x − ln Σ eˣ along one axis.   x̄ = ȳ − eʸ Σ ȳ */
export const logSoftmaxOp = defineOp<Axis>("logSoftmax", {
  takes: ["float"],
  shape: ([x]) => x.shape,
  forward: (kernels, [x], { axis }) => kernels.logSoftmax(x, axisLayout(x.shape, axis)),
  backward: ({ output: y, options: { axis } }, gy) => [gy.sub(y.exp().mul(gy.sum({ axis, keepDims: true })))],
  tangent: ({ output: y, options: { axis } }, [t]) => {
    const mean = y
      .exp()
      .mul(t as Tensor)
      .sum({ axis, keepDims: true });
    return (t as Tensor).sub(mean);
  },
  backwardKernel: (kernels, { output: y, options: { axis } }, gy) => [
    new Tensor(kernels.logSoftmaxBackward(y, gy, axisLayout(y.shape, axis)), y.shape, y.device),
  ],
});

/**
 * exp(x) / Σ exp(x) along an axis, the maximum subtracted first.
 * @param mask bool, for the last axis only: false places get weight 0 and no gradient. Its shape is x's with trailing
 *   query axes left out: x [batch, queries, n] takes [batch, n]. A row with no true place gives zeros.
 */
export function softmax(x: Tensor, options: { axis?: number; mask?: Tensor | null } = {}): Tensor {
  checkOptions("softmax", options);
  const { axis = -1, mask } = options;
  const normal = normalizeAxis("softmax", axis, x.rank);
  if (!mask) return softmaxOp([x], { axis: normal });
  if (normal !== x.rank - 1) throw new ShapeError(`softmax: a mask goes with the last axis, not with axis ${axis}`);
  return maskedSoftmaxOp([x, mask], {});
}

/** ln softmax(x) along an axis, without overflow. */
export function logSoftmax(x: Tensor, options: { axis?: number } = {}): Tensor {
  checkOptions("logSoftmax", options);
  return logSoftmaxOp([x], { axis: normalizeAxis("logSoftmax", options.axis ?? -1, x.rank) });
}

import { ShapeError } from "../../errors.js";
import { checkList, normalizeAxis, rowMajor, showShape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineOp } from "../operation.js";

/** y[…] with the axes in another order.   x̄ = ȳ with the order undone */
export const permuteOp = defineOp<{ axes: readonly number[] }>("permute", {
  takes: ["any"],
  shape: ([x], { axes }) => axes.map((axis) => x.shape[axis] as number),
  forward: (kernels, [x], { axes }, shape) => {
    const strides = rowMajor(x.shape);
    return kernels.copy(x, { shape, strides: axes.map((axis) => strides[axis] as number), start: 0 });
  },
  backward: ({ options: { axes } }, gy) => [gy.permute(inverse(axes))],
  tangent: ({ options }, [t]) => permute(t as Tensor, options.axes),
});

function inverse(axes: readonly number[]): number[] {
  const back = new Array<number>(axes.length);
  for (const [to, from] of axes.entries()) back[from] = to;
  return back;
}

/** Reorders the axes: axis i of the result is axis `axes[i]` of x. */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  checkList("permute", axes);
  const normal = axes.map((axis) => normalizeAxis("permute", axis, x.rank));
  if (normal.length !== x.rank || new Set(normal).size !== x.rank) {
    throw new ShapeError(`permute: ${showShape(axes)} must name each axis of ${x.describe()} once`);
  }
  return permuteOp([x], { axes: normal });
}

/** Swaps two axes: the last two where none are named. */
export function transpose(x: Tensor, axis1 = -2, axis2 = -1): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const a = normalizeAxis("transpose", axis1, x.rank);
  const b = normalizeAxis("transpose", axis2, x.rank);
  axes[a] = b;
  axes[b] = a;
  return permuteOp([x], { axes });
}

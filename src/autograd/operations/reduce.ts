import { DTypeError, ShapeError } from "../../errors.js";
import type { Backend, Reduction } from "../../kernels/backend.js";
import type { Operand, Storage } from "../../kernels/storage.js";
import { arange } from "../../tensor/create.js";
import { isFloat } from "../../tensor/devices.js";
import {
  axisLayout,
  broadcastAxes,
  checkOptions,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
} from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { defineOp, type OperationFunction } from "../operation.js";

/** Which axes to reduce (all where none is named), and whether they stay with size 1. */
export interface ReduceOptions {
  axis?: number | readonly number[];
  keepDims?: boolean;
}

export interface Axes {
  /** Sorted, not negative. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

function reducedShape(shape: Shape, { axes, keepDims }: Axes): number[] {
  if (keepDims) return shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** Reduces one axis after another, from the last; neighbouring axes go as one. */
function reduceAxes(kernels: Backend, f: Reduction, x: Operand, axes: readonly number[]): Storage {
  let current: Operand = x;
  let remaining = [...axes];
  if (remaining.length === 0) return kernels.reduce(f, x, { outer: 1, length: 1, inner: sizeOf(x.shape) });
  while (remaining.length > 0) {
    const last = remaining[remaining.length - 1] as number;
    let first = last;
    while (remaining.includes(first - 1)) first--;
    const merged = [
      ...current.shape.slice(0, first),
      sizeOf(current.shape.slice(first, last + 1)),
      ...current.shape.slice(last + 1),
    ];
    const storage = kernels.reduce(f, current, axisLayout(merged, first));
    if (current !== x) current.storage.release();
    current = { storage, offset: 0, shape: merged.filter((_, axis) => axis !== first) };
    remaining = remaining.filter((axis) => axis < first);
  }
  return current.storage;
}

/** y = Σ x over axes.   x̄ = ȳ repeated over them */
export const sumOp = defineOp<Axes>("sum", {
  takes: ["any"],
  shape: ([x], options) => reducedShape(x.shape, options),
  forward: (kernels, [x], { axes }) => reduceAxes(kernels, "sum", x, axes),
  backward: ({ inputs: [x], options: { axes } }, gy) => [
    gy.reshape(reducedShape(x.shape, { axes, keepDims: true })).broadcastTo(x.shape),
  ],
  tangent: ({ options: { axes, keepDims } }, [t]) => sum(t as Tensor, { axis: axes, keepDims }),
});

/** The sum over axes (all of them where none is named). */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkOptions("sum", options);
  return sumOp([x], { axes: normalizeAxes("sum", options.axis, x.rank), keepDims: options.keepDims ?? false });
}

/** The mean over axes (all of them where none is named). Floats only: a mean of whole numbers or truths is none of them. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkOptions("mean", options);
  if (!isFloat(x.dtype)) throw new DTypeError(`mean: ${x.describe()} is no float: convert it with cast()`);
  const { axis, keepDims = false } = options;
  const axes = normalizeAxes("mean", axis, x.rank);
  const count = axes.reduce((product, a) => product * (x.shape[a] as number), 1);
  return sumOp([x], { axes, keepDims }).div(count);
}

/** The inverse of broadcasting: sums over the axes that were repeated to make `x` of `shape`. */
export const sumTo = (x: Tensor, shape: Shape): Tensor => {
  if (sameShape(x.shape, shape)) return x;
  return sumOp([x], { axes: broadcastAxes(shape, x.shape), keepDims: false }).reshape(shape);
};

export interface OneAxis {
  readonly axis: number;
  readonly keepDims: boolean;
}

const oneAxisShape = (operation: string, x: Tensor, { axis, keepDims }: OneAxis): number[] => {
  if (x.shape[axis] === 0) throw new ShapeError(`${operation}: axis ${axis} of ${x.describe()} is empty`);
  return reducedShape(x.shape, { axes: [axis], keepDims });
};

function defineIndex(name: "argmax" | "argmin"): OperationFunction<OneAxis> {
  return defineOp<OneAxis>(name, {
    takes: ["any"],
    shape: ([x], options) => oneAxisShape(name, x, options),
    forward: (kernels, [x], { axis }) => kernels.reduce(name, x, axisLayout(x.shape, axis)),
  });
}

const indexOps = { argmax: defineIndex("argmax"), argmin: defineIndex("argmin") };

/** True at the first extreme along an axis. */
function firstExtreme(index: "argmax" | "argmin", x: Tensor, axis: number): Tensor {
  const winner = indexOps[index]([x], { axis, keepDims: true });
  const column = x.shape.map((n, a) => (a === axis ? n : 1));
  return winner.equal(arange(0, x.shape[axis], 1, { dtype: "int32", device: x.device }).reshape(column));
}

/** The extreme over one axis.   x̄ = ȳ at the first place that holds it, 0 elsewhere */
function defineExtreme(name: "max" | "min", index: "argmax" | "argmin"): OperationFunction<OneAxis> {
  return defineOp<OneAxis>(name, {
    takes: ["any"],
    shape: ([x], options) => oneAxisShape(name, x, options),
    forward: (kernels, [x], { axis }) => kernels.reduce(name, x, axisLayout(x.shape, axis)),
    backward: ({ inputs: [x], options: { axis } }, gy) => {
      const keep = reducedShape(x.shape, { axes: [axis], keepDims: true });
      return [firstExtreme(index, x, axis).where(gy.reshape(keep), 0)];
    },
    tangent: ({ inputs: [x], options: { axis, keepDims } }, [t]) =>
      firstExtreme(index, x, axis)
        .where(t as Tensor, 0)
        .sum({ axis, keepDims }),
  });
}

/** y = max x over one axis.   x̄ = ȳ at the first maximum */
export const maxOp = defineExtreme("max", "argmax");
/** y = min x over one axis.   x̄ = ȳ at the first minimum */
export const minOp = defineExtreme("min", "argmin");

/** Over several axes or all: they are brought together into one first. */
function extreme(name: string, operation: OperationFunction<OneAxis>, x: Tensor, options: ReduceOptions): Tensor {
  checkOptions(name, options);
  const { axis, keepDims = false } = options;
  const axes = normalizeAxes(name, axis, x.rank);
  if (axes.length === 1) return operation([x], { axis: axes[0] as number, keepDims });
  const others = x.shape.map((_, a) => a).filter((a) => !axes.includes(a));
  const rest = others.map((a) => x.shape[a] as number);
  const count = sizeOf(axes.map((a) => x.shape[a] as number));
  const together = x.permute([...others, ...axes]).reshape([...rest, count]);
  const reduced = operation([together], { axis: rest.length, keepDims: false });
  return reduced.reshape(reducedShape(x.shape, { axes, keepDims }));
}

/** The largest element over axes. On a tie the gradient goes to the first. */
export const max = (x: Tensor, options: ReduceOptions = {}): Tensor => extreme("max", maxOp, x, options);

/** The smallest element over axes. On a tie the gradient goes to the first. */
export const min = (x: Tensor, options: ReduceOptions = {}): Tensor => extreme("min", minOp, x, options);

/** Where the largest element lies along one axis, int32; the first on a tie. No gradient. */
export function argmax(x: Tensor, options: { axis?: number; keepDims?: boolean } = {}): Tensor {
  checkOptions("argmax", options);
  const { axis = -1, keepDims = false } = options;
  if (x.rank === 0) throw new ShapeError(`argmax: ${showShape(x.shape)} is a scalar: it has no axis`);
  return indexOps.argmax([x], { axis: normalizeAxis("argmax", axis, x.rank), keepDims });
}

/** Where the smallest element lies along one axis, int32; the first on a tie. No gradient. */
export function argmin(x: Tensor, options: { axis?: number; keepDims?: boolean } = {}): Tensor {
  checkOptions("argmin", options);
  const { axis = -1, keepDims = false } = options;
  if (x.rank === 0) throw new ShapeError(`argmin: ${showShape(x.shape)} is a scalar: it has no axis`);
  return indexOps.argmin([x], { axis: normalizeAxis("argmin", axis, x.rank), keepDims });
}

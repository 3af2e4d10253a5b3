import { ShapeError } from "../../errors.js";
import { normalizeAxis, rowMajor, type Shape, showShape, sizeOf } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import { defineOp, type OperationFunction } from "../operation.js";

/** `[start, end, step]` as in NumPy: negative counts from the end, null means the natural bound. */
export type SliceRange = readonly [start: number | null, end?: number | null, step?: number];

export interface Section {
  /** In elements. */
  readonly start: number;
  readonly shape: Shape;
}

/** Elements that lie together, a view.   x̄ = ȳ at its place, zeros elsewhere */
export const sectionOp: OperationFunction<Section> = defineOp<Section>("section", {
  takes: ["any"],
  shape: (_, { shape }) => shape,
  viewOffset: (x, { start }) => x.offset + start,
  backward: ({ inputs: [x], options: { start } }, gy) => {
    const whole = { shape: [x.size], before: [start], steps: [1], value: 0 };
    return [padOp([gy.reshape([gy.size])], whole).reshape(x.shape)];
  },
  tangent: ({ options }, [t]) => sectionOp([t as Tensor], options),
  backwardKernel: (kernels, { options: { start } }, gy) => [
    {
      into: ({ storage, offset }) => kernels.accumulate({ storage, offset: offset + start, shape: gy.shape }, gy),
    },
  ],
});

export interface Slice {
  readonly shape: Shape;
  readonly before: readonly number[];
  readonly steps: readonly number[];
}

/** y[i] = x[before + steps ⊙ i].   x̄ = ȳ spread out again, zeros between */
export const sliceOp: OperationFunction<Slice> = defineOp("slice", {
  takes: ["any"],
  shape: (_, { shape }) => shape,
  forward: (kernels, [x], { before, steps, shape }) => {
    const own = rowMajor(x.shape);
    const start = before.reduce((sum, b, axis) => sum + b * (own[axis] as number), 0);
    return kernels.copy(x, { shape, strides: own.map((stride, axis) => stride * (steps[axis] as number)), start });
  },
  backward: ({ inputs: [x], options: { before, steps } }, gy) => [
    padOp([gy], { shape: x.shape, before, steps, value: 0 }),
  ],
  tangent: ({ options }, [t]) => sliceOp([t as Tensor], options),
  backwardKernel: (kernels, { inputs: [x], options: { before, steps } }, gy) => [
    {
      into: (gradient) => kernels.padInto(gy, before, steps, gradient),
      alone: () => new Tensor(kernels.pad(gy, x.shape, before, steps, 0), x.shape, x.device),
    },
  ],
});

export interface Pad extends Slice {
  readonly value: number;
}

/** y[before + steps ⊙ i] = x[i], `value` elsewhere.   x̄ = ȳ at those places */
export const padOp: OperationFunction<Pad> = defineOp("pad", {
  takes: ["any"],
  shape: (_, { shape }) => shape,
  forward: (kernels, [x], { shape, before, steps, value }) => kernels.pad(x, shape, before, steps, value),
  backward: ({ inputs: [x], options: { before, steps } }, gy) => [sliceOp([gy], { shape: x.shape, before, steps })],
  tangent: ({ options }, [t]) => padOp([t as Tensor], { ...options, value: 0 }),
});

/** First index and number of indices of a range along an axis of n. */
function resolveRange(
  range: Partial<SliceRange> | null | undefined,
  n: number,
): { before: number; step: number; length: number } {
  const [from = null, to = null, step = 1] = range ?? [];
  if (!Number.isInteger(step) || step === 0)
    throw new ShapeError(`slice: the step must be a whole number ≠ 0, got ${step}`);
  for (const bound of [from, to]) {
    if (bound !== null && !Number.isInteger(bound))
      throw new ShapeError(`slice: a bound must be a whole number or null, got ${bound}`);
  }
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? n : n - 1;
  const bound = (value: number | null, natural: number): number =>
    value === null ? natural : Math.min(high, Math.max(low, value < 0 ? value + n : value));
  const before = bound(from, step > 0 ? low : high);
  const end = bound(to, step > 0 ? high : low);
  return { before, step, length: Math.max(0, Math.ceil((end - before) / step)) };
}

/**
 * A part of x, one range an axis, axes left out taken whole. `x.slice([1, 3], [null, null, 2])` is NumPy's `x[1:3, ::2]`.
 * Consecutive indices of the leading axis alone are a view.
 */
export function slice(x: Tensor, ...ranges: readonly (SliceRange | null)[]): Tensor {
  if (ranges.length > x.rank) {
    throw new ShapeError(`slice: ${ranges.length} ranges for ${x.describe()} of rank ${x.rank}`);
  }
  const resolved = x.shape.map((n, axis) => resolveRange(ranges[axis], n));
  const shape = resolved.map(({ length }) => length);
  const wholeBehind = resolved.every(
    ({ step, length }, axis) => step === 1 && (axis === 0 || length === x.shape[axis]),
  );
  if (wholeBehind && x.rank > 0) {
    const [first] = resolved;
    return sectionOp([x], { start: first.before * sizeOf(shape.slice(1)), shape });
  }
  return sliceOp([x], { shape, before: resolved.map((r) => r.before), steps: resolved.map((r) => r.step) });
}

/** The sub-tensor at one index of an axis, the axis left out. On the leading axis a view. */
export function at(x: Tensor, index: number, { axis = 0 }: { axis?: number } = {}): Tensor {
  const along = normalizeAxis("at", axis, x.rank);
  const n = x.shape[along] as number;
  const start = index < 0 ? index + n : index;
  if (!Number.isInteger(index) || start < 0 || start >= n) {
    throw new ShapeError(`at: no index ${index} along axis ${axis} of ${x.describe()}, which has ${n}`);
  }
  if (along === 0) {
    const shape = x.shape.slice(1);
    return sectionOp([x], { start: start * sizeOf(shape), shape });
  }
  const ranges = x.shape.map((_, a): SliceRange | null => (a === along ? [start, start + 1] : null));
  return slice(x, ...ranges).reshape(x.shape.filter((_, a) => a !== along));
}

/**
 * Adds borders: `widths[axis] = [before, after]`, axes left out get none.
 * @param value what the border is filled with
 */
export function pad(x: Tensor, widths: readonly (readonly [number, number])[], value = 0): Tensor {
  if (widths.length > x.rank || widths.some((pair) => pair.some((w) => !Number.isInteger(w) || w < 0))) {
    throw new ShapeError(
      `pad: widths must be one pair [before, after] of whole numbers ≥ 0 an axis of ${x.describe()}, got ${JSON.stringify(widths)}`,
    );
  }
  const before = x.shape.map((_, axis) => widths[axis]?.[0] ?? 0);
  const shape = x.shape.map((n, axis) => n + (widths[axis]?.[0] ?? 0) + (widths[axis]?.[1] ?? 0));
  return padOp([x], { shape, before, steps: x.shape.map(() => 1), value });
}

/** Cuts an axis into parts: a number of equal ones, or the given sizes. */
export function split(x: Tensor, parts: number | readonly number[], { axis = 0 }: { axis?: number } = {}): Tensor[] {
  const along = normalizeAxis("split", axis, x.rank);
  const n = x.shape[along] as number;
  const sizes = typeof parts === "number" ? Array.from({ length: parts }, () => n / parts) : parts;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.some((size) => !Number.isInteger(size) || size < 0) || total !== n) {
    throw new ShapeError(
      `split: ${typeof parts === "number" ? `${parts} equal parts` : showShape(parts)} do not make up axis ${axis} of ${x.describe()}, which has ${n}`,
    );
  }
  let start = 0;
  return sizes.map((size) => {
    const ranges = x.shape.map((_, a): SliceRange | null => (a === along ? [start, start + size] : null));
    start += size;
    return slice(x, ...ranges);
  });
}

/** How arrays lie in memory: strides, in elements. */

/** Elements from one index to the next along each axis of a contiguous row-major array. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/**
 * Strides that read an array of shape `from` as if it had shape `to`, by NumPy's rule: shapes line up at their last axis,
 * and an axis of size 1 or a missing one repeats (stride 0).
 */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const own = rowMajor(from);
  const missing = to.length - from.length;
  return to.map((_, axis) => (axis < missing || from[axis - missing] === 1 ? 0 : own[axis - missing]));
}

/** Where the places before + i ⊙ steps of an array of `shape` start, and how far they lie apart. */
export function spread(
  shape: readonly number[],
  before: readonly number[],
  steps: readonly number[],
): { start: number; strides: number[] } {
  const own = rowMajor(shape);
  const start = own.reduce((total, stride, axis) => total + stride * before[axis], 0);
  return { start, strides: own.map((stride, axis) => stride * steps[axis]) };
}

/** One axis after merging: its size, and for every operand the distance between neighbours along it. */
export interface MergedAxis {
  size: number;
  readonly strides: readonly number[];
}

/**
 * The axes of a shape, innermost first, neighbours merged wherever every operand crosses them evenly: operands of one
 * shape come out as a single axis. Axes of size 1 vanish. Never empty.
 */
export function mergedAxes(shape: readonly number[], strides: readonly (readonly number[])[]): MergedAxis[] {
  const merged: MergedAxis[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1) continue;
    const inside = merged.at(-1);
    if (inside !== undefined && strides.every((s, p) => s[axis] === inside.strides[p] * inside.size)) {
      inside.size *= shape[axis];
    } else {
      merged.push({ size: shape[axis], strides: strides.map((s) => s[axis]) });
    }
  }
  return merged.length > 0 ? merged : [{ size: 1, strides: strides.map(() => 0) }];
}

import { ShapeError } from "../errors.js";

/** Sizes along each axis, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

export { sizeOf } from "../kernels/storage.js";
export { broadcastStrides, rowMajor } from "../kernels/strides.js";

/** `[2, 3]` as it stands in every message. */
export const showShape = (shape: readonly unknown[]): string => `[${shape.join(", ")}]`;

export const sameShape = (a: Shape, b: Shape): boolean => {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** The index along each axis of a row-major position. */
export function unravel(position: number, shape: Shape): number[] {
  const index = new Array<number>(shape.length);
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const n = shape[axis] as number;
    index[axis] = rest % n;
    rest = Math.floor(rest / n);
  }
  return index;
}

/** Raises where a caller without TypeScript gives `reshape(2, 3)` for `reshape([2, 3])`. */
export function checkList(operation: string, list: readonly number[]): void {
  if (!Array.isArray(list))
    throw new ShapeError(`${operation}: give an array of whole numbers, as [2, 3], not ${list}`);
}

/** Raises where a caller without TypeScript gives `sum(0)` for `sum({ axis: 0 })`: it would be read as no options at all. */
export function checkOptions(operation: string, options: object): void {
  if (typeof options !== "object") throw new ShapeError(`${operation}: give options, as { axis: 0 }, not ${options}`);
}

/** Raises unless every size is a whole number ≥ 0. */
export function checkShape(operation: string, shape: Shape): void {
  checkList(operation, shape);
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new ShapeError(`${operation}: sizes must be whole numbers of 0 or more, got ${showShape(shape)}`);
    }
  }
}

/** A negative axis counts from the end; out of range raises. */
export function normalizeAxis(operation: string, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    const range = rank === 0 ? "a scalar has no axis" : `axes of rank ${rank} run from ${-rank} to ${rank - 1}`;
    throw new ShapeError(`${operation}: no axis ${axis}: ${range}`);
  }
  return normal;
}

/** The axes as a sorted list without repeats; `undefined` means all of them. */
export function normalizeAxes(operation: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = typeof axes === "number" ? [axes] : axes;
  const normal = list.map((axis) => normalizeAxis(operation, axis, rank)).sort((a, b) => a - b);
  normal.forEach((axis, i) => {
    if (i > 0 && axis === normal[i - 1]) throw new ShapeError(`${operation}: axis ${axis} is named twice`);
  });
  return normal;
}

/** NumPy's broadcasting: sizes agree from the right, or one of them is 1. */
export function broadcastShapes(operation: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const m = a[a.length - i] ?? 1;
    const n = b[b.length - i] ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `${operation}: cannot broadcast ${showShape(a)} with ${showShape(b)}: sizes ${m} and ${n} at axis ${-i} differ and neither is 1`,
      );
    }
    shape[rank - i] = m === 1 ? n : m;
  }
  return shape;
}

/** Which axes of `from` were repeated to make it of `to`: those to sum over on the way back. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const lead = to.length - from.length;
  const axes: number[] = [];
  for (let axis = 0; axis < to.length; axis++) {
    if (axis < lead || (from[axis - lead] === 1 && to[axis] !== 1)) axes.push(axis);
  }
  return axes;
}

/** An array seen along one axis: [outer, length, inner]. */
export function axisLayout(shape: Shape, axis: number): { outer: number; length: number; inner: number } {
  let outer = 1;
  for (let i = 0; i < axis; i++) outer *= shape[i] as number;
  let inner = 1;
  for (let i = axis + 1; i < shape.length; i++) inner *= shape[i] as number;
  return { outer, length: shape[axis] as number, inner };
}

import { sizeOf } from "../storage.js";
import { broadcastStrides, type MergedAxis, mergedAxes } from "../strides.js";

/**
 * Visits the elements of a shape in row-major order, row by row, and keeps where each of several operands stands.
 *
 * A row is the innermost axis after neighbouring axes that every operand crosses evenly have been merged: operands of
 * one shape are a single long row. A caller loops
 *
 *     for (let row = 0; row < walk.rows; row++, walk.next())
 *       for (let k = 0; k < walk.length; k++)  … x[walk.starts[0] + k * walk.strides[0]] …
 */
export class Walk {
  readonly rows: number;
  /** Elements in a row. */
  readonly length: number;
  /** Per operand: elements from one place in the row to the next. */
  readonly strides: readonly number[];
  /** Per operand: where the current row begins. */
  readonly starts: number[];
  /** The merged axes outside the row, innermost first. */
  readonly #outer: MergedAxis[];
  readonly #index: number[];

  /** `strides[p][axis]` belongs to operand p, which begins at `starts[p]`. */
  constructor(shape: readonly number[], strides: readonly (readonly number[])[], starts: readonly number[]) {
    const [row, ...outer] = mergedAxes(shape, strides);
    this.length = row.size;
    this.strides = row.strides;
    this.starts = [...starts];
    this.#outer = outer;
    this.#index = outer.map(() => 0);
    this.rows = outer.reduce((product, axis) => product * axis.size, 1);
  }

  /** On to the next row: the odometer's last wheel turns, and carries. */
  next(): void {
    for (let a = 0; a < this.#outer.length; a++) {
      const { size, strides } = this.#outer[a];
      this.#index[a]++;
      const carry = this.#index[a] === size;
      if (carry) this.#index[a] = 0;
      for (let p = 0; p < strides.length; p++) this.starts[p] += carry ? strides[p] * (1 - size) : strides[p];
      if (!carry) return;
    }
  }
}

/** Walks operands of these shapes, broadcast to `shape`. Where each is whole or a single number, no axis is looked at. */
export function broadcastWalk(shape: readonly number[], operands: readonly (readonly number[])[]): Walk {
  const size = sizeOf(shape);
  const starts = operands.map(() => 0);
  const flat = operands.map((operand) => {
    const own = sizeOf(operand);
    return own === size ? 1 : own === 1 ? 0 : -1;
  });
  if (!flat.includes(-1)) {
    return new Walk(
      [size],
      flat.map((stride) => [stride]),
      starts,
    );
  }
  return new Walk(
    shape,
    operands.map((operand) => broadcastStrides(operand, shape)),
    starts,
  );
}

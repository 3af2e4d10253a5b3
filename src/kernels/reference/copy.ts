import type { StridedLayout } from "../backend.js";
import { hostView, type Operand, type Storage, sizeOf } from "../storage.js";
import { spread } from "../strides.js";
import { allocate, store } from "./storage.js";
import { Walk } from "./walk.js";

/** y[i₀, …] = x[start + Σ iₐ strideₐ] */
export function copy(x: Operand, { shape, strides, start }: StridedLayout): Storage {
  const from = hostView(x);
  const y = allocate(x.storage.dtype, sizeOf(shape));
  const walk = new Walk(shape, [strides], [start]);
  const step = walk.strides[0];
  let at = 0;
  for (let row = 0; row < walk.rows; row++, walk.next()) {
    let i = walk.starts[0];
    for (let k = 0; k < walk.length; k++, i += step) y[at++] = from[i];
  }
  return store(x.storage.dtype, y);
}

/** y[o, Σ_{q<p} lengths[q] + j, i] = parts[p][o, j, i] */
export function concat(
  parts: readonly Operand[],
  { outer, lengths, inner }: { outer: number; lengths: readonly number[]; inner: number },
): Storage {
  const { dtype } = parts[0].storage;
  const rowLength = sizeOf([lengths.reduce((total, n) => total + n, 0), inner]);
  const y = allocate(dtype, outer * rowLength);
  let before = 0;
  for (let p = 0; p < parts.length; p++) {
    const from = hostView(parts[p]);
    const block = lengths[p] * inner;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < block; i++) y[o * rowLength + before + i] = from[o * block + i];
    }
    before += block;
  }
  return store(dtype, y);
}

/** Walks the places before + i ⊙ steps of an array of `shape`, i over x. */
function places(x: Operand, shape: readonly number[], before: readonly number[], steps: readonly number[]): Walk {
  const { start, strides } = spread(shape, before, steps);
  return new Walk(x.shape, [strides], [start]);
}

/** y = value but for y[before + i ⊙ steps] = x[i] */
export function pad(
  x: Operand,
  shape: readonly number[],
  before: readonly number[],
  steps: readonly number[],
  value: number,
): Storage {
  const from = hostView(x);
  const y = allocate(x.storage.dtype, sizeOf(shape)).fill(value);
  const walk = places(x, shape, before, steps);
  const step = walk.strides[0];
  let at = 0;
  for (let row = 0; row < walk.rows; row++, walk.next()) {
    let i = walk.starts[0];
    for (let k = 0; k < walk.length; k++, i += step) y[i] = from[at++];
  }
  return store(x.storage.dtype, y);
}

/** into[before + i ⊙ steps] += x[i] */
export function padInto(x: Operand, before: readonly number[], steps: readonly number[], into: Operand): void {
  const from = hostView(x);
  const y = hostView(into);
  into.storage.version++;
  const walk = places(x, into.shape, before, steps);
  const step = walk.strides[0];
  let at = 0;
  for (let row = 0; row < walk.rows; row++, walk.next()) {
    let i = walk.starts[0];
    for (let k = 0; k < walk.length; k++, i += step) y[i] += from[at++];
  }
}

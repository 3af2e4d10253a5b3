// Moving elements without looking at them: strided copies, rows joined and taken apart, look-up and its adjoint.
// Elements are of four bytes (float32, int32) or of one (bool).

import { integer, parallel, setInteger } from "./threads";
import { storeFirst } from "./vector";

const GRAIN = 65536;

/** A row of n four-byte elements. Short rows are common (a head, a gate), so no call to memory.copy for them. */
// @ts-expect-error: decorator
@inline
function copyRow(x: usize, y: usize, n: i32): void {
  if (n > 256) {
    memory.copy(y, x, <usize>n << 2);
    return;
  }
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, v128.load(x));
  if (n > 0) storeFirst(y, v128.load(x), n);
}

// @ts-expect-error: decorator
@inline
function stridedRow<T>(x: usize, xStep: i32, y: usize, yStep: i32, n: i32): void {
  const xBytes = xStep * sizeof<T>();
  const yBytes = yStep * sizeof<T>();
  for (; n > 0; n--, x += xBytes, y += yBytes) store<T>(y, load<T>(x));
}

/** y += x, a row of n float32. */
// @ts-expect-error: decorator
@inline
function addRow(x: usize, y: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
  addStridedRow(x, 1, y, 1, n);
}

// @ts-expect-error: decorator
@inline
function addStridedRow(x: usize, xStep: i32, y: usize, yStep: i32, n: i32): void {
  const xBytes = <usize>xStep << 2;
  const yBytes = <usize>yStep << 2;
  for (; n > 0; n--, x += xBytes, y += yBytes) store<f32>(y, load<f32>(y) + load<f32>(x));
}

/** to[4, 4] = from[4, 4]ᵀ, in registers. */
// @ts-expect-error: decorator
@inline
function transposeSquare(from: usize, xBytes: usize, to: usize, yBytes: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + xBytes);
  const c = v128.load(from + 2 * xBytes);
  const d = v128.load(from + 3 * xBytes);
  const ab = i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const cd = i8x16.shuffle(c, d, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const abHigh = i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  const cdHigh = i8x16.shuffle(c, d, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  v128.store(to, i8x16.shuffle(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
  v128.store(to + yBytes, i8x16.shuffle(ab, cd, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
  to += yBytes << 1;
  v128.store(to, i8x16.shuffle(abHigh, cdHigh, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
  v128.store(to + yBytes, i8x16.shuffle(abHigh, cdHigh, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
}

/**
 * y[c, r] = x[r, c]: rows × n elements, x's rows xRow apart, y's rows yRow apart. Sixteen rows at a time, so that each
 * row of y is written a whole cache line after the other.
 */
function transposePlane(x: usize, xRow: i32, y: usize, yRow: i32, rows: i32, n: i32): void {
  const xBytes = <usize>xRow << 2;
  const yBytes = <usize>yRow << 2;
  const wholeRows = rows & ~3;
  const wholeColumns = n & ~3;
  for (let first = 0; first < wholeRows; first += 16) {
    const stop = min(first + 16, wholeRows);
    for (let c = 0; c < wholeColumns; c += 4) {
      for (let r = first; r < stop; r += 4) {
        const from = x + <usize>r * xBytes + (<usize>c << 2);
        transposeSquare(from, xBytes, y + <usize>c * yBytes + (<usize>r << 2), yBytes);
      }
    }
  }
  for (let c = wholeColumns; c < n; c++) {
    stridedRow<i32>(x + (<usize>c << 2), xRow, y + <usize>c * yBytes, 1, wholeRows);
  }
  for (let r = wholeRows; r < rows; r++) stridedRow<i32>(x + <usize>r * xBytes, 1, y + (<usize>r << 2), yRow, n);
}

/** Element offsets of plane number `plane` in x (operand 0) or y (operand 1); the table is as in zip. */
// @ts-expect-error: decorator
@inline
function planeOffset(plane: i32, axes: usize, count: i32, operand: usize): i32 {
  let offset = 0;
  for (let axis = 0; axis < count; axis++, axes += 16) {
    const size = load<i32>(axes);
    const outer = plane / size;
    offset += (plane - outer * size) * load<i32>(axes + (operand << 2), 4);
    plane = outer;
  }
  return offset;
}

/** Items are planes of rows × n elements, copied or, float32, added. */
// @ts-expect-error: decorator
@inline
function planes<T>(begin: i32, end: i32, adds: bool): void {
  const xStep = <i32>integer(1);
  const xRow = <i32>integer(2);
  const yStep = <i32>integer(4);
  const yRow = <i32>integer(5);
  const n = <i32>integer(6);
  const rows = <i32>integer(7);
  const axes = integer(8);
  const axisCount = <i32>integer(9);
  for (let plane = begin; plane < end; plane++) {
    const x = integer(0) + planeOffset(plane, axes, axisCount, 0) * sizeof<T>();
    const y = integer(3) + planeOffset(plane, axes, axisCount, 1) * sizeof<T>();
    if (adds) {
      for (let r = 0; r < rows; r++) {
        const from = x + (<usize>(r * xRow) << 2);
        const to = y + (<usize>(r * yRow) << 2);
        if (xStep == 1 && yStep == 1) addRow(from, to, n);
        else addStridedRow(from, xStep, to, yStep, n);
      }
    } else if (sizeof<T>() == 4 && xRow == 1 && yStep == 1 && xStep != 1) {
      transposePlane(x, xStep, y, yRow, n, rows);
    } else if (sizeof<T>() == 4 && xStep == 1 && yStep == 1) {
      for (let r = 0; r < rows; r++) copyRow(x + (<usize>(r * xRow) << 2), y + (<usize>(r * yRow) << 2), n);
    } else {
      for (let r = 0; r < rows; r++) {
        stridedRow<T>(x + r * xRow * sizeof<T>(), xStep, y + r * yRow * sizeof<T>(), yStep, n);
      }
    }
  }
}

function wordPlanes(begin: i32, end: i32): void {
  planes<i32>(begin, end, false);
}

function bytePlanes(begin: i32, end: i32): void {
  planes<u8>(begin, end, false);
}

function addedPlanes(begin: i32, end: i32): void {
  planes<f32>(begin, end, true);
}

/**
 * y[…] = x[…] over [planes, rows, n], each side with its own strides (in elements), for elements of so many bytes; with 0
 * bytes y[…] += x[…], float32, where no two places of y are one.
 */
export function moveStrided(
  bytes: i32,
  x: usize,
  xStep: i32,
  xRow: i32,
  y: usize,
  yStep: i32,
  yRow: i32,
  n: i32,
  rows: i32,
  planeCount: i32,
  axes: usize,
  axisCount: i32,
): void {
  setInteger(0, x);
  setInteger(1, xStep);
  setInteger(2, xRow);
  setInteger(3, y);
  setInteger(4, yStep);
  setInteger(5, yRow);
  setInteger(6, n);
  setInteger(7, rows);
  setInteger(8, axes);
  setInteger(9, axisCount);
  const range = bytes == 0 ? addedPlanes : bytes == 4 ? wordPlanes : bytePlanes;
  parallel(range, planeCount, max(1, GRAIN / max(1, n * rows)));
}

/** Items are (outer, index) pairs: y[o, i, k] = x[o, indices[i], k]. */
function gatherRange(begin: i32, end: i32): void {
  const indices = integer(1);
  const length = <i32>integer(3);
  const inner = <i32>integer(4);
  const count = <i32>integer(5);
  for (let item = begin; item < end; item++) {
    const o = item / count;
    const index = load<i32>(indices + (<usize>(item - o * count) << 2));
    copyRow(integer(0) + (<usize>((o * length + index) * inner) << 2), integer(2) + (<usize>(item * inner) << 2), inner);
  }
}

/** y[outer, count, inner] = x[outer, indices[count], inner], four-byte elements. */
export function gather(x: usize, indices: usize, y: usize, outer: i32, length: i32, inner: i32, count: i32): void {
  setInteger(0, x);
  setInteger(1, indices);
  setInteger(2, y);
  setInteger(3, length);
  setInteger(4, inner);
  setInteger(5, count);
  parallel(gatherRange, outer * count, max(1, GRAIN / max(1, inner)));
}

/** Items are groups of SCATTER_COLUMNS inner columns of one outer index; within one, the order of i is kept. */
const SCATTER_COLUMNS = 64;

function scatterRange(begin: i32, end: i32): void {
  const indices = integer(1);
  const length = <i32>integer(3);
  const inner = <i32>integer(4);
  const count = <i32>integer(5);
  const groups = (inner + SCATTER_COLUMNS - 1) / SCATTER_COLUMNS;
  for (let item = begin; item < end; item++) {
    const o = item / groups;
    const first = (item - o * groups) * SCATTER_COLUMNS;
    const width = min(SCATTER_COLUMNS, inner - first);
    for (let i = 0; i < count; i++) {
      const index = load<i32>(indices + (<usize>i << 2));
      const x = integer(0) + (<usize>((o * count + i) * inner + first) << 2);
      const y = integer(2) + (<usize>((o * length + index) * inner + first) << 2);
      addRow(x, y, width);
    }
  }
}

/** y[outer, indices[i], inner] += x[outer, i, inner], float32. */
export function scatterAdd(x: usize, indices: usize, y: usize, outer: i32, length: i32, inner: i32, count: i32): void {
  setInteger(0, x);
  setInteger(1, indices);
  setInteger(2, y);
  setInteger(3, length);
  setInteger(4, inner);
  setInteger(5, count);
  const items = outer * ((inner + SCATTER_COLUMNS - 1) / SCATTER_COLUMNS);
  parallel(scatterRange, items, max(1, GRAIN / (SCATTER_COLUMNS * max(1, count))));
}

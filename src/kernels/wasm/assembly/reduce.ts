// Reductions of x[outer, length, inner] along its middle axis.
//
// Sums run in blocks of a thousand elements with 16 partial sums each; the blocks are added up in float64. So the
// rounding error grows with the logarithm of a block and not with the length.

import { integer, parallel, scratch, setInteger } from "./threads";
import { keepFirst, madd, maxLanes, minLanes, storeFirst, sumLanes } from "./vector";

// The numbers of the reductions, as in `reductionNames` on the JavaScript side.
const SUM = 0;
const MAX = 1;
const MIN = 2;
const SUM_OF_SQUARES = 3;
const ARGMAX = 4;
const ARGMIN = 5;

const BLOCK = 1024;
/** Up to here the sums of the blocks of one row fit the scratch memory. */
const LONGEST_TABLE = BLOCK << 14;
const GRAIN = 65536;

// @ts-expect-error: decorator
@inline
function identity(f: i32): v128 {
  if (f == MAX) return f32x4.splat(-Infinity);
  if (f == MIN) return f32x4.splat(Infinity);
  return f32x4.splat(0);
}

// @ts-expect-error: decorator
@inline
function combine(f: i32, total: v128, x: v128): v128 {
  if (f == MAX) return f32x4.max(total, x);
  if (f == MIN) return f32x4.min(total, x);
  if (f == SUM_OF_SQUARES) return madd(x, x, total);
  return f32x4.add(total, x);
}

/** Two partial results into one. */
// @ts-expect-error: decorator
@inline
function join(f: i32, a: v128, b: v128): v128 {
  if (f == MAX) return f32x4.max(a, b);
  if (f == MIN) return f32x4.min(a, b);
  return f32x4.add(a, b);
}

// @ts-expect-error: decorator
@inline
function block(f: i32, x: usize, n: i32): v128 {
  let a = identity(f);
  let b = a;
  let c = a;
  let d = a;
  for (; n >= 16; n -= 16, x += 64) {
    a = combine(f, a, v128.load(x));
    b = combine(f, b, v128.load(x, 16));
    c = combine(f, c, v128.load(x, 32));
    d = combine(f, d, v128.load(x, 48));
  }
  for (; n >= 4; n -= 4, x += 16) a = combine(f, a, v128.load(x));
  if (n > 0) b = combine(f, b, keepFirst(v128.load(x), n, identity(f)));
  return join(f, join(f, a, b), join(f, c, d));
}

// @ts-expect-error: decorator
@inline
function row(f: i32, x: usize, n: i32): f64 {
  if (f == MAX || f == MIN) {
    const v = block(f, x, n);
    return f == MAX ? maxLanes(v) : minLanes(v);
  }
  let total: f64 = 0;
  for (; n > BLOCK; n -= BLOCK, x += BLOCK << 2) total += sumLanes(block(f, x, BLOCK));
  return total + sumLanes(block(f, x, n));
}

export function rowMax(x: usize, n: i32): f32 {
  return <f32>row(MAX, x, n);
}

function rowMin(x: usize, n: i32): f32 {
  return <f32>row(MIN, x, n);
}

/** The first index where x is `best`, or NaN if `best` is. */
function firstIndex(x: usize, n: i32, best: f32): i32 {
  const isNaN = best != best;
  const wanted = f32x4.splat(best);
  for (let i = 0; i < n; i += 4, x += 16) {
    const v = v128.load(x);
    const hits = i32x4.bitmask(isNaN ? f32x4.ne(v, v) : f32x4.eq(v, wanted));
    if (hits) return min(i + ctz(hits), n - 1);
  }
  return 0;
}

function rowResult(f: i32, x: usize, n: i32, y: usize): void {
  switch (f) {
    case SUM:
      return store<f32>(y, <f32>row(SUM, x, n));
    case MAX:
      return store<f32>(y, rowMax(x, n));
    case MIN:
      return store<f32>(y, rowMin(x, n));
    case SUM_OF_SQUARES:
      return store<f32>(y, <f32>row(SUM_OF_SQUARES, x, n));
    case ARGMAX:
      return store<i32>(y, firstIndex(x, n, rowMax(x, n)));
    default:
      return store<i32>(y, firstIndex(x, n, rowMin(x, n)));
  }
}

function rowsRange(begin: i32, end: i32): void {
  const n = <i32>integer(3);
  let x = integer(1) + ((<usize>begin * n) << 2);
  for (let i = begin; i < end; i++, x += <usize>n << 2) {
    rowResult(<i32>integer(0), x, n, integer(2) + (<usize>i << 2));
  }
}

/** Sums of the blocks [begin, end) of one long row, float64, into the table. */
function blocksRange(begin: i32, end: i32): void {
  const n = <i32>integer(3);
  for (let i = begin; i < end; i++) {
    const x = integer(1) + (<usize>(i * BLOCK) << 2);
    const count = min(BLOCK, n - i * BLOCK);
    const lanes = <i32>integer(0) == SUM ? block(SUM, x, count) : block(SUM_OF_SQUARES, x, count);
    store<f64>(integer(4) + (<usize>i << 3), <f64>sumLanes(lanes));
  }
}

/** One long sum, its blocks shared by the threads and added in order. */
function longSum(f: i32, x: usize, y: usize, n: i32): void {
  const blocks = (n + BLOCK - 1) / BLOCK;
  const table = scratch();
  setInteger(0, f);
  setInteger(1, x);
  setInteger(3, n);
  setInteger(4, table);
  parallel(blocksRange, blocks, GRAIN / BLOCK);
  let total: f64 = 0;
  for (let i = 0; i < blocks; i++) total += load<f64>(table + (<usize>i << 3));
  store<f32>(y, <f32>total);
}

const COLUMN_BLOCK = 64;

/** Four columns of x[length, inner]: blocks of rows first, then the sum of the blocks. */
// @ts-expect-error: decorator
@inline
function columns(f: i32, x: usize, length: i32, rowBytes: usize): v128 {
  let total = identity(f);
  while (length > 0) {
    const rows = min(length, COLUMN_BLOCK);
    let a = identity(f);
    for (let i = rows; i > 0; i--, x += rowBytes) a = combine(f, a, v128.load(x));
    total = join(f, total, a);
    length -= rows;
  }
  return total;
}

/** Sixteen columns, a cache line of each row, with the same order of adding. */
// @ts-expect-error: decorator
@inline
function wideColumns(f: i32, x: usize, y: usize, length: i32, rowBytes: usize): void {
  let t0 = identity(f);
  let t1 = t0;
  let t2 = t0;
  let t3 = t0;
  while (length > 0) {
    const rows = min(length, COLUMN_BLOCK);
    let a = identity(f);
    let b = a;
    let c = a;
    let d = a;
    for (let i = rows; i > 0; i--, x += rowBytes) {
      a = combine(f, a, v128.load(x));
      b = combine(f, b, v128.load(x, 16));
      c = combine(f, c, v128.load(x, 32));
      d = combine(f, d, v128.load(x, 48));
    }
    t0 = join(f, t0, a);
    t1 = join(f, t1, b);
    t2 = join(f, t2, c);
    t3 = join(f, t3, d);
    length -= rows;
  }
  v128.store(y, t0);
  v128.store(y, t1, 16);
  v128.store(y, t2, 32);
  v128.store(y, t3, 48);
}

/** Four columns' first index of the largest or smallest. */
// @ts-expect-error: decorator
@inline
function columnIndices(f: i32, x: usize, length: i32, rowBytes: usize): v128 {
  let best = v128.load(x);
  let index = i32x4.splat(0);
  for (let i = 1; i < length; i++) {
    x += rowBytes;
    const v = v128.load(x);
    const beats = f == ARGMAX ? f32x4.gt(v, best) : f32x4.lt(v, best);
    const firstNaN = v128.andnot(f32x4.ne(v, v), f32x4.ne(best, best));
    const better = v128.or(v128.and(beats, f32x4.eq(best, best)), firstNaN);
    best = v128.bitselect(v, best, better);
    index = v128.bitselect(i32x4.splat(i), index, better);
  }
  return index;
}

function columnResult(f: i32, x: usize, length: i32, rowBytes: usize): v128 {
  switch (f) {
    case SUM:
      return columns(SUM, x, length, rowBytes);
    case MAX:
      return columns(MAX, x, length, rowBytes);
    case MIN:
      return columns(MIN, x, length, rowBytes);
    case SUM_OF_SQUARES:
      return columns(SUM_OF_SQUARES, x, length, rowBytes);
    case ARGMAX:
      return columnIndices(ARGMAX, x, length, rowBytes);
    default:
      return columnIndices(ARGMIN, x, length, rowBytes);
  }
}

function wideResult(f: i32, x: usize, y: usize, length: i32, rowBytes: usize): void {
  switch (f) {
    case SUM:
      return wideColumns(SUM, x, y, length, rowBytes);
    case MAX:
      return wideColumns(MAX, x, y, length, rowBytes);
    case MIN:
      return wideColumns(MIN, x, y, length, rowBytes);
    default:
      return wideColumns(SUM_OF_SQUARES, x, y, length, rowBytes);
  }
}

/** Items are groups of sixteen columns of one outer index. */
function columnsRange(begin: i32, end: i32): void {
  const f = <i32>integer(0);
  const length = <i32>integer(3);
  const inner = <i32>integer(4);
  const groups = (inner + 15) >> 4;
  const rowBytes = <usize>inner << 2;
  for (let item = begin; item < end; item++) {
    const o = item / groups;
    const first = (item - o * groups) << 4;
    const x = integer(1) + (<usize>(o * length * inner) << 2);
    const y = integer(2) + (<usize>(o * inner) << 2);
    if (inner - first >= 16 && f < ARGMAX) {
      wideResult(f, x + (<usize>first << 2), y + (<usize>first << 2), length, rowBytes);
      continue;
    }
    const stop = min(inner, first + 16);
    for (let j = first; j < stop; j += 4) {
      const at = <usize>j << 2;
      const v = columnResult(f, x + at, length, rowBytes);
      if (stop - j >= 4) v128.store(y + at, v);
      else storeFirst(y + at, v, stop - j);
    }
  }
}

/** y[outer, inner] = f over the middle axis of x[outer, length, inner]; argmax and argmin give int32. */
export function reduce(f: i32, x: usize, y: usize, outer: i32, length: i32, inner: i32): void {
  if (inner == 1 && outer == 1 && length > GRAIN && length <= LONGEST_TABLE && (f == SUM || f == SUM_OF_SQUARES)) {
    longSum(f, x, y, length);
    return;
  }
  setInteger(0, f);
  setInteger(1, x);
  setInteger(2, y);
  setInteger(3, length);
  setInteger(4, inner);
  if (inner == 1) parallel(rowsRange, outer, max(1, GRAIN / max(1, length)));
  else parallel(columnsRange, outer * ((inner + 15) >> 4), max(1, GRAIN / (16 * max(1, length))));
}

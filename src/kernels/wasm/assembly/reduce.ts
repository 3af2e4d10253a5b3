// Reductions of x[outer, length, inner] along its middle axis.
//
// Sums run in blocks of a thousand elements with 16 partial sums each; the blocks are added up in float64. So the
// rounding error grows with the logarithm of a block and not with the length.

import { integer, parallel, scratch, setInteger } from "./threads";
import { keepFirst, madd, maxLanes, minLanes, put, sumLanes } from "./vector";

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
function choose(f: i32, best: v128, x: v128): v128 {
  return f == MAX ? f32x4.pmax(best, x) : f32x4.pmin(best, x);
}

/** The largest or smallest by single comparisons, several times as fast as `block`; but of 0 and −0 it may take either. */
// @ts-expect-error: decorator
@inline
function extreme(f: i32, x: usize, n: i32): f32 {
  let a = identity(f);
  let b = a;
  let c = a;
  let d = a;
  let unordered = i32x4.splat(0);
  for (; n >= 16; n -= 16, x += 64) {
    const p = v128.load(x);
    const q = v128.load(x, 16);
    const r = v128.load(x, 32);
    const s = v128.load(x, 48);
    a = choose(f, a, p);
    b = choose(f, b, q);
    c = choose(f, c, r);
    d = choose(f, d, s);
    const first = v128.or(f32x4.ne(p, p), f32x4.ne(q, q));
    unordered = v128.or(unordered, v128.or(first, v128.or(f32x4.ne(r, r), f32x4.ne(s, s))));
  }
  for (; n > 0; n -= 4, x += 16) {
    const p = keepFirst(v128.load(x), n, identity(f));
    a = choose(f, a, p);
    unordered = v128.or(unordered, f32x4.ne(p, p));
  }
  if (v128.any_true(unordered)) return NaN;
  const best = choose(f, choose(f, a, b), choose(f, c, d));
  return f == MAX ? maxLanes(best) : minLanes(best);
}

// @ts-expect-error: decorator
@inline
function row(f: i32, x: usize, n: i32): f64 {
  if (f == MAX || f == MIN) {
    const best = extreme(f, x, n);
    if (best != 0) return best;
    const v = block(f, x, n);
    return f == MAX ? maxLanes(v) : minLanes(v);
  }
  let total: f64 = 0;
  for (; n > BLOCK; n -= BLOCK, x += BLOCK << 2) total += sumLanes(block(f, x, BLOCK));
  return total + sumLanes(block(f, x, n));
}

export function rowSum(x: usize, n: i32): f64 {
  return row(SUM, x, n);
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

// @ts-expect-error: decorator
@inline
function rowResult(f: i32, x: usize, n: i32, y: usize): void {
  if (f == ARGMAX) store<i32>(y, firstIndex(x, n, rowMax(x, n)));
  else if (f == ARGMIN) store<i32>(y, firstIndex(x, n, rowMin(x, n)));
  else store<f32>(y, f == MAX ? rowMax(x, n) : f == MIN ? rowMin(x, n) : <f32>row(f, x, n));
}

// @ts-expect-error: decorator
@inline
function rows(f: i32, begin: i32, end: i32): void {
  const n = <i32>integer(3);
  let x = integer(1) + ((<usize>begin * n) << 2);
  for (let i = begin; i < end; i++, x += <usize>n << 2) rowResult(f, x, n, integer(2) + (<usize>i << 2));
}

/** Every reduction has a loop in a function of its own: in one, the compiler would fold them to a loop that asks which. */
function rowsJob(f: i32): (begin: i32, end: i32) => void {
  switch (f) {
    case SUM:
      return (begin: i32, end: i32): void => rows(SUM, begin, end);
    case MAX:
      return (begin: i32, end: i32): void => rows(MAX, begin, end);
    case MIN:
      return (begin: i32, end: i32): void => rows(MIN, begin, end);
    case SUM_OF_SQUARES:
      return (begin: i32, end: i32): void => rows(SUM_OF_SQUARES, begin, end);
    case ARGMAX:
      return (begin: i32, end: i32): void => rows(ARGMAX, begin, end);
    default:
      return (begin: i32, end: i32): void => rows(ARGMIN, begin, end);
  }
}

/** Sums of the blocks [begin, end) of one long row, float64, into the table. */
// @ts-expect-error: decorator
@inline
function blocks(f: i32, begin: i32, end: i32): void {
  const n = <i32>integer(3);
  for (let i = begin; i < end; i++) {
    const lanes = block(f, integer(1) + (<usize>(i * BLOCK) << 2), min(BLOCK, n - i * BLOCK));
    store<f64>(integer(4) + (<usize>i << 3), <f64>sumLanes(lanes));
  }
}

function sumBlocks(begin: i32, end: i32): void {
  blocks(SUM, begin, end);
}

function squareBlocks(begin: i32, end: i32): void {
  blocks(SUM_OF_SQUARES, begin, end);
}

/** One long sum, its blocks shared by the threads and added in order. */
function longSum(f: i32, x: usize, y: usize, n: i32): void {
  const count = (n + BLOCK - 1) / BLOCK;
  const table = scratch();
  setInteger(1, x);
  setInteger(3, n);
  setInteger(4, table);
  parallel(f == SUM ? sumBlocks : squareBlocks, count, GRAIN / BLOCK);
  let total: f64 = 0;
  for (let i = 0; i < count; i++) total += load<f64>(table + (<usize>i << 3));
  store<f32>(y, <f32>total);
}

/** Rows whose partial results are joined before they meet the total, and columns that one pass over the rows takes. */
const COLUMN_BLOCK = 64;
const WIDTH = 128;

/** One vector of eight rows. */
// @ts-expect-error: decorator
@inline
function eightRows(f: i32, x: usize, rowBytes: usize): v128 {
  const y = x + (rowBytes << 1);
  const z = y + (rowBytes << 1);
  const w = z + (rowBytes << 1);
  let a = combine(f, identity(f), v128.load(x));
  let b = combine(f, identity(f), v128.load(x + rowBytes));
  a = combine(f, a, v128.load(y));
  b = combine(f, b, v128.load(y + rowBytes));
  a = combine(f, a, v128.load(z));
  b = combine(f, b, v128.load(z + rowBytes));
  a = combine(f, a, v128.load(w));
  b = combine(f, b, v128.load(w + rowBytes));
  return join(f, a, b);
}

/** y[width] of x[length, width], whose rows are rowBytes apart. */
// @ts-expect-error: decorator
@inline
function columns(f: i32, x: usize, y: usize, length: i32, rowBytes: usize, width: i32): void {
  const bytes = <usize>width << 2;
  const total = scratch();
  const part = total + (WIDTH << 2);
  for (let at: usize = 0; at < bytes; at += 16) v128.store(total + at, identity(f));
  while (length > 0) {
    let rows = min(length, COLUMN_BLOCK);
    length -= rows;
    for (let at: usize = 0; at < bytes; at += 16) v128.store(part + at, identity(f));
    for (; rows >= 8; rows -= 8, x += rowBytes << 3) {
      for (let at: usize = 0; at < bytes; at += 16) {
        v128.store(part + at, join(f, v128.load(part + at), eightRows(f, x + at, rowBytes)));
      }
    }
    for (; rows > 0; rows--, x += rowBytes) {
      for (let at: usize = 0; at < bytes; at += 16) {
        v128.store(part + at, combine(f, v128.load(part + at), v128.load(x + at)));
      }
    }
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(total + at, join(f, v128.load(total + at), v128.load(part + at)));
    }
  }
  for (let at: usize = 0; at < bytes; at += 16) put(y + at, v128.load(total + at), width - <i32>(at >> 2));
}

/** Four columns' first index of the largest or smallest. */
// @ts-expect-error: decorator
@inline
function fourIndices(f: i32, x: usize, length: i32, rowBytes: usize): v128 {
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

// @ts-expect-error: decorator
@inline
function indices(f: i32, x: usize, y: usize, length: i32, rowBytes: usize, width: i32): void {
  for (; width > 0; width -= 4, x += 16, y += 16) put(y, fourIndices(f, x, length, rowBytes), width);
}

/** Items are groups of WIDTH columns of one outer index. */
// @ts-expect-error: decorator
@inline
function columnGroups(f: i32, begin: i32, end: i32): void {
  const length = <i32>integer(3);
  const inner = <i32>integer(4);
  const rowBytes = <usize>inner << 2;
  const groups = (inner + WIDTH - 1) / WIDTH;
  for (let item = begin; item < end; item++) {
    const o = item / groups;
    const first = (item - o * groups) * WIDTH;
    const x = integer(1) + (<usize>(o * length * inner + first) << 2);
    const y = integer(2) + (<usize>(o * inner + first) << 2);
    const width = min(WIDTH, inner - first);
    if (f == ARGMAX || f == ARGMIN) indices(f, x, y, length, rowBytes, width);
    else columns(f, x, y, length, rowBytes, width);
  }
}

function columnsJob(f: i32): (begin: i32, end: i32) => void {
  switch (f) {
    case SUM:
      return (begin: i32, end: i32): void => columnGroups(SUM, begin, end);
    case MAX:
      return (begin: i32, end: i32): void => columnGroups(MAX, begin, end);
    case MIN:
      return (begin: i32, end: i32): void => columnGroups(MIN, begin, end);
    case SUM_OF_SQUARES:
      return (begin: i32, end: i32): void => columnGroups(SUM_OF_SQUARES, begin, end);
    case ARGMAX:
      return (begin: i32, end: i32): void => columnGroups(ARGMAX, begin, end);
    default:
      return (begin: i32, end: i32): void => columnGroups(ARGMIN, begin, end);
  }
}

/** y[outer, inner] = f over the middle axis of x[outer, length, inner]; argmax and argmin give int32. */
export function reduce(f: i32, x: usize, y: usize, outer: i32, length: i32, inner: i32): void {
  if (inner == 1 && outer == 1 && length > GRAIN && length <= LONGEST_TABLE && (f == SUM || f == SUM_OF_SQUARES)) {
    longSum(f, x, y, length);
    return;
  }
  setInteger(1, x);
  setInteger(2, y);
  setInteger(3, length);
  setInteger(4, inner);
  if (inner == 1) parallel(rowsJob(f), outer, max(1, GRAIN / max(1, length)));
  else parallel(columnsJob(f), outer * ((inner + WIDTH - 1) / WIDTH), max(1, GRAIN / (WIDTH * max(1, length))));
}

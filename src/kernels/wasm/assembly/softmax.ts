// softmax and log-softmax along the middle axis of [outer, length, inner], and their gradients. Along contiguous rows (inner = 1) a vector holds four places of one row, else four neighbouring rows.

import { exp, expNonPositive, log } from "./functions";
import { rowMax } from "./reduce";
import { integer, parallel, scratch, setInteger } from "./threads";
import { keepFirst, loadMask, madd, maxLanes, negativeMadd, put, storeFirst, sumLanes } from "./vector";

const GRAIN = 8192;

/** 2⁻¹²⁶ */
const SMALLEST_NORMAL: f32 = 1.17549435e-38;

/** y[n] = exp(x[n] − max), and the sum of that. */
export function exponentials(x: usize, y: usize, n: i32, max: v128): f32 {
  let a = f32x4.splat(0);
  let b = a;
  for (; n >= 8; n -= 8, x += 32, y += 32) {
    const e = expNonPositive(f32x4.sub(v128.load(x), max), true);
    const f = expNonPositive(f32x4.sub(v128.load(x, 16), max), true);
    v128.store(y, e);
    v128.store(y, f, 16);
    a = f32x4.add(a, e);
    b = f32x4.add(b, f);
  }
  if (n >= 4) {
    const e = expNonPositive(f32x4.sub(v128.load(x), max), false);
    v128.store(y, e);
    a = f32x4.add(a, e);
    n -= 4;
    x += 16;
    y += 16;
  }
  if (n > 0) {
    const e = expNonPositive(f32x4.sub(v128.load(x), max), false);
    storeFirst(y, e, n);
    b = f32x4.add(b, keepFirst(e, n, f32x4.splat(0)));
  }
  return sumLanes(f32x4.add(a, b));
}

/** Σ exp(x[n] − max) */
export function sumOfExponentials(x: usize, n: i32, max: v128): f32 {
  let a = f32x4.splat(0);
  let b = a;
  for (; n >= 8; n -= 8, x += 32) {
    a = f32x4.add(a, expNonPositive(f32x4.sub(v128.load(x), max), true));
    b = f32x4.add(b, expNonPositive(f32x4.sub(v128.load(x, 16), max), true));
  }
  for (; n > 0; n -= 4, x += 16) {
    a = f32x4.add(a, keepFirst(expNonPositive(f32x4.sub(v128.load(x), max), false), n, f32x4.splat(0)));
  }
  return sumLanes(f32x4.add(a, b));
}

/** Below it a share of `total` is denormal: in bits, which are in the order of the numbers, and less 1, to leave out 0. */
// @ts-expect-error: decorator
@inline
function denormalShare(total: v128): v128 {
  return i32x4.sub(f32x4.mul(total, f32x4.splat(SMALLEST_NORMAL)), i32x4.splat(1));
}

/** e · factor for an exponential e ≥ 0 and factor = 1 / total, limit = denormalShare(total). */
// @ts-expect-error: decorator
@inline
function share(e: v128, factor: v128, limit: v128): v128 {
  const small = i32x4.lt_u(i32x4.sub(e, i32x4.splat(1)), limit);
  return v128.any_true(small) ? smallShare(e, factor, small) : f32x4.mul(e, factor);
}

/**
 * The same where some come out denormal: those are worked out in units of 2⁻¹⁴⁹, which are their very bits, because
 * processors take a hundred cycles for a product that is too small, or of a factor that is.
 */
function smallShare(e: v128, factor: v128, small: v128): v128 {
  const denormal = i32x4.lt_s(e, f32x4.splat(SMALLEST_NORMAL));
  const units = v128.bitselect(f32x4.convert_i32x4_s(e), i32x4.add(e, i32x4.splat(149 << 23)), denormal);
  const bits = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(units, factor)));
  return v128.bitselect(bits, f32x4.mul(v128.andnot(e, small), factor), small);
}

/** y[n] ← y[n] / total, for exponentials. */
function toShares(y: usize, n: i32, total: f32): void {
  const factor = f32x4.splat(1 / total);
  const limit = denormalShare(f32x4.splat(total));
  for (; n >= 16; n -= 16, y += 64) {
    const a = v128.load(y);
    const b = v128.load(y, 16);
    const c = v128.load(y, 32);
    const d = v128.load(y, 48);
    const least = i32x4.min_s(i32x4.min_s(a, b), i32x4.min_s(c, d));
    if (v128.any_true(i32x4.le_s(least, limit))) {
      for (let i: usize = 0; i < 64; i += 16) v128.store(y + i, share(v128.load(y + i), factor, limit));
    } else {
      v128.store(y, f32x4.mul(a, factor));
      v128.store(y, f32x4.mul(b, factor), 16);
      v128.store(y, f32x4.mul(c, factor), 32);
      v128.store(y, f32x4.mul(d, factor), 48);
    }
  }
  for (; n >= 4; n -= 4, y += 16) v128.store(y, share(v128.load(y), factor, limit));
  if (n > 0) storeFirst(y, share(v128.load(y), factor, limit), n);
}

/** Σ x[n] y[n] */
export function dot(x: usize, y: usize, n: i32): f32 {
  let a = f32x4.splat(0);
  let b = a;
  for (; n >= 8; n -= 8, x += 32, y += 32) {
    a = madd(v128.load(x), v128.load(y), a);
    b = madd(v128.load(x, 16), v128.load(y, 16), b);
  }
  for (; n > 0; n -= 4, x += 16, y += 16) {
    a = f32x4.add(a, keepFirst(f32x4.mul(v128.load(x), v128.load(y)), n, f32x4.splat(0)));
  }
  return sumLanes(f32x4.add(a, b));
}

/** One row in which only places with mask ≠ 0 count; all zeros if there is none. */
function maskedRow(x: usize, mask: usize, y: usize, n: i32): void {
  const none = f32x4.splat(-Infinity);
  let best = none;
  let any = i32x4.splat(0);
  for (let i = 0; i < n; i += 4) {
    const open = keepFirst(loadMask(mask + i), n - i, i32x4.splat(0));
    any = v128.or(any, open);
    best = f32x4.max(best, v128.bitselect(v128.load(x + (<usize>i << 2)), none, open));
  }
  if (!v128.any_true(any)) {
    memory.fill(y, 0, <usize>n << 2);
    return;
  }
  const shift = f32x4.splat(maxLanes(best));
  let total = f32x4.splat(0);
  for (let i = 0; i < n; i += 4) {
    const open = keepFirst(loadMask(mask + i), n - i, i32x4.splat(0));
    const e = v128.and(expNonPositive(f32x4.sub(v128.load(x + (<usize>i << 2)), shift), false), open);
    total = f32x4.add(total, e);
    if (n - i >= 4) v128.store(y + (<usize>i << 2), e);
    else storeFirst(y + (<usize>i << 2), e, n - i);
  }
  const sum = sumLanes(total);
  const factor = f32x4.splat(1 / sum);
  const limit = denormalShare(f32x4.splat(sum));
  for (let i = 0; i < n; i += 4) {
    const open = keepFirst(loadMask(mask + i), n - i, i32x4.splat(0));
    const e = v128.and(share(v128.load(y + (<usize>i << 2)), factor, limit), open);
    if (n - i >= 4) v128.store(y + (<usize>i << 2), e);
    else storeFirst(y + (<usize>i << 2), e, n - i);
  }
}

/** One row; with a mask only the places where it is not 0 count. */
export function softmaxRow(x: usize, mask: usize, y: usize, n: i32): void {
  if (mask) maskedRow(x, mask, y, n);
  else {
    const total = exponentials(x, y, n, f32x4.splat(rowMax(x, n)));
    toShares(y, n, total);
  }
}

function softmaxRows(begin: i32, end: i32): void {
  const n = <i32>integer(2);
  const mask = integer(3);
  const repeat = <i32>integer(4);
  for (let r = begin; r < end; r++) {
    const x = integer(0) + (<usize>(r * n) << 2);
    softmaxRow(x, mask ? mask + <usize>((r / repeat) * n) : 0, integer(1) + (<usize>(r * n) << 2), n);
  }
}

function logSoftmaxRows(begin: i32, end: i32): void {
  const n = <i32>integer(2);
  for (let r = begin; r < end; r++) {
    const x = integer(0) + (<usize>(r * n) << 2);
    const max = f32x4.splat(rowMax(x, n));
    const shift = log(f32x4.splat(sumOfExponentials(x, n, max)));
    let from = x;
    let to = integer(1) + (<usize>(r * n) << 2);
    let left = n;
    for (; left >= 4; left -= 4, from += 16, to += 16) {
      v128.store(to, f32x4.sub(f32x4.sub(v128.load(from), max), shift));
    }
    if (left > 0) storeFirst(to, f32x4.sub(f32x4.sub(v128.load(from), max), shift), left);
  }
}

/**
 * Neighbouring rows side by side, up to this many: each pass reads a few whole cache lines of every place. The rows'
 * maxima and sums lie in the scratch memory.
 */
const ACROSS = 64;

/** Items are groups of ACROSS inner indices of one outer index. */
// @ts-expect-error: decorator
@inline
function acrossRows(logarithm: bool, begin: i32, end: i32): void {
  const n = <i32>integer(2);
  const inner = <i32>integer(5);
  const groups = (inner + ACROSS - 1) / ACROSS;
  const step = <usize>inner << 2;
  const maxima = scratch();
  const sums = maxima + (ACROSS << 2);
  for (let item = begin; item < end; item++) {
    const o = item / groups;
    const first = (item - o * groups) * ACROSS;
    const width = min(inner - first, ACROSS);
    const bytes = <usize>width << 2;
    const start = <usize>(o * n * inner + first) << 2;
    const x = integer(0) + start;
    const y = integer(1) + start;
    for (let j: usize = 0; j < bytes; j += 16) {
      v128.store(maxima + j, v128.load(x + j));
      v128.store(sums + j, f32x4.splat(0));
    }
    for (let i = 1; i < n; i++) {
      const at = x + <usize>i * step;
      for (let j: usize = 0; j < bytes; j += 16) {
        v128.store(maxima + j, f32x4.max(v128.load(maxima + j), v128.load(at + j)));
      }
    }
    for (let i = 0; i < n; i++) {
      const at = <usize>i * step;
      for (let j: usize = 0; j < bytes; j += 16) {
        const e = expNonPositive(f32x4.sub(v128.load(x + at + j), v128.load(maxima + j)), true);
        v128.store(sums + j, f32x4.add(v128.load(sums + j), e));
        if (!logarithm) put(y + at + j, e, width - <i32>(j >> 2));
      }
    }
    for (let j: usize = 0; j < bytes; j += 16) {
      const total = v128.load(sums + j);
      v128.store(sums + j, logarithm ? log(total) : f32x4.div(f32x4.splat(1), total));
      // The maxima have been used.
      if (!logarithm) v128.store(maxima + j, denormalShare(total));
    }
    for (let i = 0; i < n; i++) {
      const at = <usize>i * step;
      for (let j: usize = 0; j < bytes; j += 16) {
        const value = logarithm
          ? f32x4.sub(f32x4.sub(v128.load(x + at + j), v128.load(maxima + j)), v128.load(sums + j))
          : share(v128.load(y + at + j), v128.load(sums + j), v128.load(maxima + j));
        put(y + at + j, value, width - <i32>(j >> 2));
      }
    }
  }
}

function softmaxAcross(begin: i32, end: i32): void {
  acrossRows(false, begin, end);
}

function logSoftmaxAcross(begin: i32, end: i32): void {
  acrossRows(true, begin, end);
}

function softmaxBackwardRows(begin: i32, end: i32): void {
  const n = <i32>integer(2);
  for (let r = begin; r < end; r++) {
    const start = <usize>(r * n) << 2;
    let y = integer(0) + start;
    let gy = integer(6) + start;
    let gx = integer(1) + start;
    const total = f32x4.splat(dot(y, gy, n));
    let left = n;
    for (; left >= 4; left -= 4, y += 16, gy += 16, gx += 16) {
      v128.store(gx, f32x4.mul(v128.load(y), f32x4.sub(v128.load(gy), total)));
    }
    if (left > 0) storeFirst(gx, f32x4.mul(v128.load(y), f32x4.sub(v128.load(gy), total)), left);
  }
}

function logSoftmaxBackwardRows(begin: i32, end: i32): void {
  const n = <i32>integer(2);
  for (let r = begin; r < end; r++) {
    const start = <usize>(r * n) << 2;
    let y = integer(0) + start;
    let gy = integer(6) + start;
    let gx = integer(1) + start;
    let sum = f32x4.splat(0);
    for (let i = 0; i < n; i += 4) {
      sum = f32x4.add(sum, keepFirst(v128.load(gy + (<usize>i << 2)), n - i, f32x4.splat(0)));
    }
    const total = f32x4.splat(sumLanes(sum));
    let left = n;
    for (; left > 0; left -= 4, y += 16, gy += 16, gx += 16) {
      const value = f32x4.sub(v128.load(gy), f32x4.mul(exp(v128.load(y)), total));
      if (left >= 4) v128.store(gx, value);
      else storeFirst(gx, value, left);
    }
  }
}

// @ts-expect-error: decorator
@inline
function backwardAcross(logarithm: bool, begin: i32, end: i32): void {
  const n = <i32>integer(2);
  const inner = <i32>integer(5);
  const groups = (inner + ACROSS - 1) / ACROSS;
  const step = <usize>inner << 2;
  for (let item = begin; item < end; item++) {
    const o = item / groups;
    const first = (item - o * groups) * ACROSS;
    const stop = min(inner, first + ACROSS);
    for (let j = first; j < stop; j += 4) {
      const start = <usize>(o * n * inner + j) << 2;
      const y = integer(0) + start;
      const gy = integer(6) + start;
      const gx = integer(1) + start;
      let total = f32x4.splat(0);
      for (let i = 0; i < n; i++) {
        const at = <usize>i * step;
        total = logarithm ? f32x4.add(total, v128.load(gy + at)) : madd(v128.load(y + at), v128.load(gy + at), total);
      }
      for (let i = 0; i < n; i++) {
        const at = <usize>i * step;
        const value = logarithm
          ? negativeMadd(exp(v128.load(y + at)), total, v128.load(gy + at))
          : f32x4.mul(v128.load(y + at), f32x4.sub(v128.load(gy + at), total));
        put(gx + at, value, stop - j);
      }
    }
  }
}

function softmaxBackwardAcross(begin: i32, end: i32): void {
  backwardAcross(false, begin, end);
}

function logSoftmaxBackwardAcross(begin: i32, end: i32): void {
  backwardAcross(true, begin, end);
}

/** y[outer, length, inner]; a mask (a byte an element, row ⌊o / repeat⌋) goes with inner = 1. No mask is 0. */
export function softmax(x: usize, y: usize, outer: i32, length: i32, inner: i32, mask: usize, repeat: i32): void {
  setInteger(0, x);
  setInteger(1, y);
  setInteger(2, length);
  setInteger(3, mask);
  setInteger(4, repeat);
  setInteger(5, inner);
  if (inner == 1) parallel(softmaxRows, outer, max(1, GRAIN / length));
  else parallel(softmaxAcross, outer * ((inner + ACROSS - 1) / ACROSS), max(1, GRAIN / (length * ACROSS)));
}

export function logSoftmax(x: usize, y: usize, outer: i32, length: i32, inner: i32): void {
  setInteger(0, x);
  setInteger(1, y);
  setInteger(2, length);
  setInteger(5, inner);
  if (inner == 1) parallel(logSoftmaxRows, outer, max(1, GRAIN / length));
  else parallel(logSoftmaxAcross, outer * ((inner + ACROSS - 1) / ACROSS), max(1, GRAIN / (length * ACROSS)));
}

export function softmaxBackward(y: usize, gy: usize, gx: usize, outer: i32, length: i32, inner: i32): void {
  setInteger(0, y);
  setInteger(1, gx);
  setInteger(2, length);
  setInteger(5, inner);
  setInteger(6, gy);
  if (inner == 1) parallel(softmaxBackwardRows, outer, max(1, (4 * GRAIN) / length));
  else parallel(softmaxBackwardAcross, outer * ((inner + ACROSS - 1) / ACROSS), max(1, GRAIN / (length * ACROSS)));
}

export function logSoftmaxBackward(y: usize, gy: usize, gx: usize, outer: i32, length: i32, inner: i32): void {
  setInteger(0, y);
  setInteger(1, gx);
  setInteger(2, length);
  setInteger(5, inner);
  setInteger(6, gy);
  if (inner == 1) parallel(logSoftmaxBackwardRows, outer, max(1, GRAIN / length));
  else parallel(logSoftmaxBackwardAcross, outer * ((inner + ACROSS - 1) / ACROSS), max(1, GRAIN / (length * ACROSS)));
}

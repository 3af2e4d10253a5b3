// The cross-entropy of rows of logits. The exponentials are kept for the way back, and the sum of each row.

import { log } from "./functions";
import { rowMax } from "./reduce";
import { exponentials } from "./softmax";
import { float, integer, parallel, setFloat, setInteger } from "./threads";
import { keepFirst, madd, storeFirst, sumLanes } from "./vector";

const GRAIN = 8192;

/** y[n] = x[n] · factor + term */
// @ts-expect-error: decorator
@inline
function affine(x: usize, y: usize, n: i32, factor: v128, term: v128): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, madd(v128.load(x), factor, term));
  if (n > 0) storeFirst(y, madd(v128.load(x), factor, term), n);
}

/** Σ x[n] − shift */
// @ts-expect-error: decorator
@inline
function sumOfShifted(x: usize, n: i32, shift: v128): f32 {
  let a = f32x4.splat(0);
  for (let i = 0; i < n; i += 4, x += 16) {
    a = f32x4.add(a, keepFirst(f32x4.sub(v128.load(x), shift), n - i, f32x4.splat(0)));
  }
  return sumLanes(a);
}

function crossEntropyRows(begin: i32, end: i32): void {
  const n = <i32>integer(3);
  const ignore = <i32>integer(4);
  const smoothing = float(5);
  for (let r = begin; r < end; r++) {
    const target = load<i32>(integer(1) + (<usize>r << 2));
    const out = integer(2) + (<usize>r << 2);
    if (target == ignore) {
      store<f32>(out, 0);
      continue;
    }
    const x = integer(0) + (<usize>(r * n) << 2);
    const max = rowMax(x, n);
    const shift = f32x4.splat(max);
    const total = exponentials(x, integer(7) + (<usize>(r * n) << 2), n, shift);
    store<f32>(integer(6) + (<usize>r << 2), total);
    const logTotal = f32x4.extract_lane(log(f32x4.splat(total)), 0);
    let loss = logTotal - (load<f32>(x + (<usize>target << 2)) - max);
    if (smoothing != 0) {
      const all = <f32>n * logTotal - sumOfShifted(x, n, shift);
      loss = (1 - smoothing) * loss + (smoothing / <f32>n) * all;
    }
    store<f32>(out, loss);
  }
}

/**
 * loss[rows] of logits[rows, classes] against targets[rows]; totals[rows] and exponents[rows, classes] are for
 * {@link crossEntropyBackward}.
 */
export function crossEntropy(
  logits: usize,
  targets: usize,
  loss: usize,
  totals: usize,
  exponents: usize,
  rows: i32,
  classes: i32,
  ignore: i32,
  smoothing: f32,
): void {
  setInteger(0, logits);
  setInteger(1, targets);
  setInteger(2, loss);
  setInteger(3, classes);
  setInteger(4, ignore);
  setFloat(5, smoothing);
  setInteger(6, totals);
  setInteger(7, exponents);
  parallel(crossEntropyRows, rows, max(1, GRAIN / classes));
}

/** x̄ⱼ = ḡ (pⱼ − (1 − ε) [j = target] − ε / classes) */
function crossEntropyBackwardRows(begin: i32, end: i32): void {
  const n = <i32>integer(3);
  const ignore = <i32>integer(4);
  const smoothing = float(5);
  for (let r = begin; r < end; r++) {
    const target = load<i32>(integer(1) + (<usize>r << 2));
    const gx = integer(2) + (<usize>(r * n) << 2);
    if (target == ignore) {
      memory.fill(gx, 0, <usize>n << 2);
      continue;
    }
    const e = integer(0) + (<usize>(r * n) << 2);
    const g = load<f32>(integer(6) + (<usize>r << 2));
    const total = load<f32>(integer(7) + (<usize>r << 2));
    const atTarget = load<f32>(e + (<usize>target << 2)) / total - (1 - smoothing) - smoothing / <f32>n;
    affine(e, gx, n, f32x4.splat(g / total), f32x4.splat((-g * smoothing) / <f32>n));
    store<f32>(gx + (<usize>target << 2), g * atTarget);
  }
}

export function crossEntropyBackward(
  exponents: usize,
  totals: usize,
  targets: usize,
  gy: usize,
  gx: usize,
  rows: i32,
  classes: i32,
  ignore: i32,
  smoothing: f32,
): void {
  setInteger(0, exponents);
  setInteger(1, targets);
  setInteger(2, gx);
  setInteger(3, classes);
  setInteger(4, ignore);
  setFloat(5, smoothing);
  setInteger(6, gy);
  setInteger(7, totals);
  parallel(crossEntropyBackwardRows, rows, max(1, GRAIN / classes));
}

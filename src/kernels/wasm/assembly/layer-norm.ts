// Layer normalisation of rows x[rows, n]: y = x̂ ⊙ weight + bias with x̂ = (x − mean) / √(variance + ε), and its gradients.
//
// The mean is kept as the sum of two float32: where it is large beside the spread of a row, its own rounding would show
// in every x − mean. Sums run in blocks of a thousand elements, which are added up in float64.

import { rowSum } from "./reduce";
import { float, integer, parallel, setFloat, setInteger } from "./threads";
import { keepFirst, madd, negativeMadd, put, storeFirst, sumLanes } from "./vector";

const BLOCK = 1024;
const GRAIN = 32768;

/** The row that this thread looks at: its mean in two parts, and 1 / √(variance + ε). */
let meanHigh: f32 = 0;
let meanLow: f32 = 0;
let scale: f32 = 0;

// @ts-expect-error: decorator
@inline
function centre(x: v128, high: v128, low: v128): v128 {
  return f32x4.sub(f32x4.sub(x, high), low);
}

/** Σ (x − mean)² of one block. */
// @ts-expect-error: decorator
@inline
function squares(x: usize, n: i32, high: v128, low: v128): f32 {
  const zero = f32x4.splat(0);
  let a = zero;
  let b = zero;
  let c = zero;
  let d = zero;
  for (; n >= 16; n -= 16, x += 64) {
    const p = centre(v128.load(x), high, low);
    const q = centre(v128.load(x, 16), high, low);
    const r = centre(v128.load(x, 32), high, low);
    const s = centre(v128.load(x, 48), high, low);
    a = madd(p, p, a);
    b = madd(q, q, b);
    c = madd(r, r, c);
    d = madd(s, s, d);
  }
  for (; n > 0; n -= 4, x += 16) {
    const p = keepFirst(centre(v128.load(x), high, low), n, zero);
    a = madd(p, p, a);
  }
  return sumLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

/** Finds a row's mean and scale. */
function measure(x: usize, n: i32, epsilon: f32): void {
  const mean = rowSum(x, n) / n;
  meanHigh = <f32>mean;
  meanLow = <f32>(mean - meanHigh);
  const high = f32x4.splat(meanHigh);
  const low = f32x4.splat(meanLow);
  let total: f64 = 0;
  for (let i = 0; i < n; i += BLOCK) total += squares(x + (<usize>i << 2), min(BLOCK, n - i), high, low);
  scale = <f32>(1 / sqrt(total / n + epsilon));
}

// @ts-expect-error: decorator
@inline
function normal(x: usize, high: v128, low: v128, factor: v128): v128 {
  return f32x4.mul(centre(v128.load(x), high, low), factor);
}

function forwardRange(begin: i32, end: i32): void {
  const n = <i32>integer(4);
  let x = integer(0) + ((<usize>begin * n) << 2);
  let y = integer(3) + ((<usize>begin * n) << 2);
  for (let i = begin; i < end; i++) {
    measure(x, n, float(5));
    const high = f32x4.splat(meanHigh);
    const low = f32x4.splat(meanLow);
    const factor = f32x4.splat(scale);
    let w = integer(1);
    let b = integer(2);
    let left = n;
    for (; left >= 8; left -= 8, x += 32, y += 32, w += 32, b += 32) {
      v128.store(y, madd(normal(x, high, low, factor), v128.load(w), v128.load(b)));
      v128.store(y, madd(normal(x + 16, high, low, factor), v128.load(w, 16), v128.load(b, 16)), 16);
    }
    for (let at: usize = 0; left > 0; left -= 4, at += 16) {
      put(y + at, madd(normal(x + at, high, low, factor), v128.load(w + at), v128.load(b + at)), left);
    }
    x += <usize>(n & 7) << 2;
    y += <usize>(n & 7) << 2;
  }
}

/** y[rows, n] */
export function layerNorm(x: usize, weight: usize, bias: usize, y: usize, rows: i32, n: i32, epsilon: f32): void {
  setInteger(0, x);
  setInteger(1, weight);
  setInteger(2, bias);
  setInteger(3, y);
  setInteger(4, n);
  setFloat(5, epsilon);
  parallel(forwardRange, rows, max(1, GRAIN / n));
}

// @ts-expect-error: decorator
@inline
function rowGradient(
  x: usize,
  weight: usize,
  gy: usize,
  high: v128,
  low: v128,
  factor: v128,
  mean: v128,
  along: v128,
): v128 {
  const g = f32x4.sub(f32x4.mul(v128.load(gy), v128.load(weight)), mean);
  return f32x4.mul(factor, negativeMadd(normal(x, high, low, factor), along, g));
}

/** One row's gradient; what it adds to those of weight and bias goes to gw[n] and gb[n]. */
// @ts-expect-error: decorator
@inline
function backwardRow(x: usize, weight: usize, gy: usize, gx: usize, gw: usize, gb: usize, n: i32): void {
  const zero = f32x4.splat(0);
  const high = f32x4.splat(meanHigh);
  const low = f32x4.splat(meanLow);
  const factor = f32x4.splat(scale);
  let sum: f64 = 0;
  let dot: f64 = 0;
  for (let first = 0; first < n; first += BLOCK) {
    const stop = min(n, first + BLOCK);
    let sums = zero;
    let dots = zero;
    let otherSums = zero;
    let otherDots = zero;
    let j = first;
    for (; j <= stop - 8; j += 8) {
      const at = <usize>j << 2;
      const dy = v128.load(gy + at);
      const otherDy = v128.load(gy + at, 16);
      const hat = normal(x + at, high, low, factor);
      const otherHat = normal(x + at + 16, high, low, factor);
      v128.store(gw + at, madd(dy, hat, v128.load(gw + at)));
      v128.store(gw + at, madd(otherDy, otherHat, v128.load(gw + at, 16)), 16);
      v128.store(gb + at, f32x4.add(dy, v128.load(gb + at)));
      v128.store(gb + at, f32x4.add(otherDy, v128.load(gb + at, 16)), 16);
      const g = f32x4.mul(dy, v128.load(weight + at));
      const otherG = f32x4.mul(otherDy, v128.load(weight + at, 16));
      sums = f32x4.add(sums, g);
      dots = madd(g, hat, dots);
      otherSums = f32x4.add(otherSums, otherG);
      otherDots = madd(otherG, otherHat, otherDots);
    }
    for (; j < stop; j += 4) {
      const at = <usize>j << 2;
      const dy = v128.load(gy + at);
      const hat = normal(x + at, high, low, factor);
      put(gw + at, madd(dy, hat, v128.load(gw + at)), n - j);
      put(gb + at, f32x4.add(dy, v128.load(gb + at)), n - j);
      const g = f32x4.mul(dy, v128.load(weight + at));
      sums = f32x4.add(sums, keepFirst(g, n - j, zero));
      dots = f32x4.add(dots, keepFirst(f32x4.mul(g, hat), n - j, zero));
    }
    sum += sumLanes(f32x4.add(sums, otherSums));
    dot += sumLanes(f32x4.add(dots, otherDots));
  }
  const mean = f32x4.splat(<f32>(sum / n));
  const along = f32x4.splat(<f32>(dot / n));
  for (; n >= 4; n -= 4, x += 16, weight += 16, gy += 16, gx += 16) {
    v128.store(gx, rowGradient(x, weight, gy, high, low, factor, mean, along));
  }
  if (n > 0) storeFirst(gx, rowGradient(x, weight, gy, high, low, factor, mean, along), n);
}

/** Items are groups of rows, each with sums of its own for the gradients of weight and bias. */
function backwardRange(begin: i32, end: i32): void {
  const n = <i32>integer(6);
  const rows = <i32>integer(7);
  const group = <i32>integer(8);
  const bytes = <usize>n << 2;
  for (let item = begin; item < end; item++) {
    const gw = integer(4) + bytes * item;
    const gb = integer(5) + bytes * item;
    memory.fill(gw, 0, bytes);
    memory.fill(gb, 0, bytes);
    const stop = min(rows, (item + 1) * group);
    for (let i = item * group; i < stop; i++) {
      const at = bytes * i;
      const x = integer(0) + at;
      measure(x, n, float(9));
      backwardRow(x, integer(1), integer(2) + at, integer(3) + at, gw, gb, n);
    }
  }
}

/** gx[rows, n]; gw and gb [⌈rows / group⌉, n] are what each group of rows adds to the gradients of weight and bias. */
export function layerNormBackward(
  x: usize,
  weight: usize,
  gy: usize,
  gx: usize,
  gw: usize,
  gb: usize,
  rows: i32,
  n: i32,
  group: i32,
  epsilon: f32,
): void {
  setInteger(0, x);
  setInteger(1, weight);
  setInteger(2, gy);
  setInteger(3, gx);
  setInteger(4, gw);
  setInteger(5, gb);
  setInteger(6, n);
  setInteger(7, rows);
  setInteger(8, group);
  setFloat(9, epsilon);
  parallel(backwardRange, (rows + group - 1) / group, max(1, GRAIN / (n * group)));
}

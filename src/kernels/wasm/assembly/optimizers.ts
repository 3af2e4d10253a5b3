// The optimisers' updates, in place over flat buffers. `scale` points at one number that multiplies the gradient, or is 0.

import { float, integer, parallel, setFloat, setInteger } from "./threads";
import { madd, storeFirst } from "./vector";

const GRAIN = 32768;

// @ts-expect-error: decorator
@inline
function put(p: usize, x: v128, width: i32): void {
  if (width >= 4) v128.store(p, x);
  else storeFirst(p, x, width);
}

// @ts-expect-error: decorator
@inline
function factor(scale: usize): v128 {
  return scale ? v128.load32_splat(scale) : f32x4.splat(1);
}

/** g ← scale g + weightDecay p;  velocity ← momentum velocity + g;  p ← p − learningRate velocity */
function sgdRange(begin: i32, end: i32): void {
  const start = <usize>begin << 2;
  const scale = factor(integer(3));
  const momentum = f32x4.splat(float(4));
  const rate = f32x4.splat(-float(5));
  const decay = f32x4.splat(float(6));
  let p = integer(0) + start;
  let g = integer(1) + start;
  let velocity = integer(2);
  const hasVelocity = velocity != 0;
  velocity += start;
  for (let left = end - begin; left > 0; left -= 4, p += 16, g += 16, velocity += 16) {
    const x = v128.load(p);
    let step = madd(decay, x, f32x4.mul(scale, v128.load(g)));
    if (hasVelocity) {
      step = madd(momentum, v128.load(velocity), step);
      put(velocity, step, left);
    }
    put(p, madd(rate, step, x), left);
  }
}

export function sgd(
  p: usize,
  g: usize,
  velocity: usize,
  scale: usize,
  n: i32,
  momentum: f32,
  learningRate: f32,
  weightDecay: f32,
): void {
  setInteger(0, p);
  setInteger(1, g);
  setInteger(2, velocity);
  setInteger(3, scale);
  setFloat(4, momentum);
  setFloat(5, learningRate);
  setFloat(6, weightDecay);
  parallel(sgdRange, n, GRAIN);
}

/**
 * g ← scale g + weightDecay p;  m ← m + (1 − β₁)(g − m);  v ← β₂ v + (1 − β₂) g²
 * p ← shrink p − rate m / (√v · correction + ε)
 */
function adamRange(begin: i32, end: i32): void {
  const start = <usize>begin << 2;
  const scale = factor(integer(4));
  const decay = f32x4.splat(float(5));
  const shrink = f32x4.splat(float(6));
  const beta1 = f32x4.splat(float(7));
  const rest1 = f32x4.splat(float(8));
  const beta2 = f32x4.splat(float(9));
  const rest2 = f32x4.splat(float(10));
  const rate = f32x4.splat(float(11));
  const correction = f32x4.splat(float(12));
  const epsilon = f32x4.splat(float(13));
  let p = integer(0) + start;
  let g = integer(1) + start;
  let m = integer(2) + start;
  let v = integer(3) + start;
  for (let left = end - begin; left > 0; left -= 4, p += 16, g += 16, m += 16, v += 16) {
    const x = v128.load(p);
    const slope = madd(decay, x, f32x4.mul(scale, v128.load(g)));
    const mean = madd(beta1, v128.load(m), f32x4.mul(rest1, slope));
    const square = madd(beta2, v128.load(v), f32x4.mul(f32x4.mul(rest2, slope), slope));
    const root = madd(f32x4.sqrt(square), correction, epsilon);
    put(m, mean, left);
    put(v, square, left);
    put(p, f32x4.sub(f32x4.mul(x, shrink), f32x4.div(f32x4.mul(rate, mean), root)), left);
  }
}

/** `correction` is 1 / √(1 − β₂ᵗ), `rate` is learningRate / (1 − β₁ᵗ); rest = 1 − β. */
export function adam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  scale: usize,
  n: i32,
  weightDecay: f32,
  shrink: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  rate: f32,
  correction: f32,
  epsilon: f32,
): void {
  setInteger(0, p);
  setInteger(1, g);
  setInteger(2, m);
  setInteger(3, v);
  setInteger(4, scale);
  setFloat(5, weightDecay);
  setFloat(6, shrink);
  setFloat(7, beta1);
  setFloat(8, rest1);
  setFloat(9, beta2);
  setFloat(10, rest2);
  setFloat(11, rate);
  setFloat(12, correction);
  setFloat(13, epsilon);
  parallel(adamRange, n, GRAIN);
}

/**
 * g ← scale g + weightDecay p,  E[g²] ← ρ E[g²] + (1 − ρ) g²
 * Δ = √(E[Δ²] + ε) / √(E[g²] + ε) · g,  E[Δ²] ← ρ E[Δ²] + (1 − ρ) Δ²,  p ← p − learningRate Δ
 */
function adadeltaRange(begin: i32, end: i32): void {
  const start = <usize>begin << 2;
  const scale = factor(integer(4));
  const rho = f32x4.splat(float(5));
  const rest = f32x4.splat(float(6));
  const epsilon = f32x4.splat(float(7));
  const rate = f32x4.splat(-float(8));
  const decay = f32x4.splat(float(9));
  let p = integer(0) + start;
  let g = integer(1) + start;
  let squares = integer(2) + start;
  let deltas = integer(3) + start;
  for (let left = end - begin; left > 0; left -= 4, p += 16, g += 16, squares += 16, deltas += 16) {
    const x = v128.load(p);
    const slope = madd(decay, x, f32x4.mul(scale, v128.load(g)));
    const square = madd(rho, v128.load(squares), f32x4.mul(f32x4.mul(rest, slope), slope));
    const before = v128.load(deltas);
    const ratio = f32x4.sqrt(f32x4.div(f32x4.add(before, epsilon), f32x4.add(square, epsilon)));
    const delta = f32x4.mul(ratio, slope);
    put(squares, square, left);
    put(deltas, madd(rho, before, f32x4.mul(f32x4.mul(rest, delta), delta)), left);
    put(p, madd(rate, delta, x), left);
  }
}

export function adadelta(
  p: usize,
  g: usize,
  squares: usize,
  deltas: usize,
  scale: usize,
  n: i32,
  rho: f32,
  rest: f32,
  epsilon: f32,
  learningRate: f32,
  weightDecay: f32,
): void {
  setInteger(0, p);
  setInteger(1, g);
  setInteger(2, squares);
  setInteger(3, deltas);
  setInteger(4, scale);
  setFloat(5, rho);
  setFloat(6, rest);
  setFloat(7, epsilon);
  setFloat(8, learningRate);
  setFloat(9, weightDecay);
  parallel(adadeltaRange, n, GRAIN);
}

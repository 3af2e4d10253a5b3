// y = f(x) element by element. The results are new storages, whose blocks end on a whole vector: no tail is needed.

import { exp, log, sigmoid, softplus, tanh } from "./functions";
import { float, integer, parallel, setFloat, setInteger } from "./threads";
import { storeFirst } from "./vector";

// The numbers of the unary functions, as in `unaryNames` on the JavaScript side.
const NEG = 0;
const EXP = 1;
const LOG = 2;
const SQRT = 3;
const ABS = 4;
const TANH = 5;
const SIGMOID = 6;
const RELU = 7;
const SOFTPLUS = 8;

const CHEAP_GRAIN = 65536;
const COSTLY_GRAIN = 8192;

// @ts-expect-error: decorator
@inline
function value(f: i32, x: v128): v128 {
  if (f == NEG) return f32x4.neg(x);
  if (f == EXP) return exp(x);
  if (f == LOG) return log(x);
  if (f == SQRT) return f32x4.sqrt(x);
  if (f == ABS) return f32x4.abs(x);
  if (f == TANH) return tanh(x);
  if (f == SIGMOID) return sigmoid(x);
  if (f == RELU) return v128.andnot(x, f32x4.le(x, f32x4.splat(0)));
  return softplus(x);
}

/** f′(x), from x or from y = f(x). */
// @ts-expect-error: decorator
@inline
function derivative(f: i32, x: v128, y: v128): v128 {
  const one = f32x4.splat(1);
  if (f == NEG) return f32x4.splat(-1);
  if (f == EXP) return y;
  if (f == LOG) return f32x4.div(one, x);
  if (f == SQRT) return f32x4.div(f32x4.splat(0.5), y);
  if (f == ABS) {
    const zero = f32x4.splat(0);
    const sign = v128.or(v128.and(x, i32x4.splat(<i32>0x80000000)), one);
    return v128.bitselect(sign, x, f32x4.ne(f32x4.abs(x), zero));
  }
  if (f == TANH) return f32x4.sub(one, f32x4.mul(y, y));
  if (f == SIGMOID) return f32x4.mul(y, f32x4.sub(one, y));
  return sigmoid(x);
}

/** gy ⊙ f′(x); of relu a choice, since ∞ · 0 would be NaN. */
// @ts-expect-error: decorator
@inline
function gradient(f: i32, x: v128, y: v128, gy: v128): v128 {
  if (f == RELU) return v128.andnot(gy, f32x4.le(x, f32x4.splat(0)));
  return f32x4.mul(gy, derivative(f, x, y));
}

/** Every function has a loop of its own, in a function of its own: in one, the compiler would fold them to a loop that asks which. */
// @ts-expect-error: decorator
@inline
function valueLoop(f: i32, begin: i32, end: i32): void {
  const start = (<usize>begin) << 2;
  let x = integer(0) + start;
  let y = integer(1) + start;
  const stop = integer(0) + ((<usize>end) << 2);
  for (; x < stop; x += 16, y += 16) v128.store(y, value(f, v128.load(x)));
}

function valueJob(f: i32): (begin: i32, end: i32) => void {
  switch (f) {
    case NEG:
      return (begin: i32, end: i32): void => valueLoop(NEG, begin, end);
    case EXP:
      return (begin: i32, end: i32): void => valueLoop(EXP, begin, end);
    case LOG:
      return (begin: i32, end: i32): void => valueLoop(LOG, begin, end);
    case SQRT:
      return (begin: i32, end: i32): void => valueLoop(SQRT, begin, end);
    case ABS:
      return (begin: i32, end: i32): void => valueLoop(ABS, begin, end);
    case TANH:
      return (begin: i32, end: i32): void => valueLoop(TANH, begin, end);
    case SIGMOID:
      return (begin: i32, end: i32): void => valueLoop(SIGMOID, begin, end);
    case RELU:
      return (begin: i32, end: i32): void => valueLoop(RELU, begin, end);
    default:
      return (begin: i32, end: i32): void => valueLoop(SOFTPLUS, begin, end);
  }
}

const isCostly = (f: i32): bool => f == EXP || f == LOG || f == TANH || f == SIGMOID || f == SOFTPLUS;

/** y[n] = f(x[n]) */
export function map(f: i32, x: usize, y: usize, n: i32): void {
  setInteger(0, x);
  setInteger(1, y);
  parallel(valueJob(f), n, isCostly(f) ? COSTLY_GRAIN : CHEAP_GRAIN);
}

// @ts-expect-error: decorator
@inline
function gradientLoop(f: i32, begin: i32, end: i32): void {
  const start = (<usize>begin) << 2;
  let x = integer(0) + start;
  let y = integer(1) + start;
  let gy = integer(2) + start;
  let gx = integer(3) + start;
  const stop = integer(3) + ((<usize>end) << 2);
  for (; gx < stop; x += 16, y += 16, gy += 16, gx += 16) {
    v128.store(gx, gradient(f, v128.load(x), v128.load(y), v128.load(gy)));
  }
}

function gradientJob(f: i32): (begin: i32, end: i32) => void {
  switch (f) {
    case NEG:
      return (begin: i32, end: i32): void => gradientLoop(NEG, begin, end);
    case EXP:
      return (begin: i32, end: i32): void => gradientLoop(EXP, begin, end);
    case LOG:
      return (begin: i32, end: i32): void => gradientLoop(LOG, begin, end);
    case SQRT:
      return (begin: i32, end: i32): void => gradientLoop(SQRT, begin, end);
    case ABS:
      return (begin: i32, end: i32): void => gradientLoop(ABS, begin, end);
    case TANH:
      return (begin: i32, end: i32): void => gradientLoop(TANH, begin, end);
    case SIGMOID:
      return (begin: i32, end: i32): void => gradientLoop(SIGMOID, begin, end);
    case RELU:
      return (begin: i32, end: i32): void => gradientLoop(RELU, begin, end);
    default:
      return (begin: i32, end: i32): void => gradientLoop(SOFTPLUS, begin, end);
  }
}

/** gx[n] = gy[n] ⊙ f′(x[n]) with y = f(x) */
export function mapBackward(f: i32, x: usize, y: usize, gy: usize, gx: usize, n: i32): void {
  setInteger(0, x);
  setInteger(1, y);
  setInteger(2, gy);
  setInteger(3, gx);
  parallel(gradientJob(f), n, CHEAP_GRAIN);
}

function fillRange(begin: i32, end: i32): void {
  const v = f32x4.splat(float(1));
  let p = integer(0) + ((<usize>begin) << 2);
  for (let i = (end - begin) >> 2; i > 0; i--, p += 16) v128.store(p, v);
  if ((end - begin) & 3) storeFirst(p, v, (end - begin) & 3);
}

/** x[n] ← value */
export function fill(x: usize, fillValue: f32, n: i32): void {
  setInteger(0, x);
  setFloat(1, fillValue);
  parallel(fillRange, n, CHEAP_GRAIN);
}

/** x[n] ← x[n] + y[n], on this thread. */
export function addTo(x: usize, y: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(x, f32x4.add(v128.load(x), v128.load(y)));
  if (n > 0) storeFirst(x, f32x4.add(v128.load(x), v128.load(y)), n);
}

/** y[n] ← x[n], on this thread. */
export function copyRow(x: usize, y: usize, n: i32): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, v128.load(x));
  if (n > 0) storeFirst(y, v128.load(x), n);
}

function accumulateRange(begin: i32, end: i32): void {
  const start = (<usize>begin) << 2;
  addTo(integer(0) + start, integer(1) + start, end - begin);
}

/** x[n] ← x[n] + y[n] */
export function accumulate(x: usize, y: usize, n: i32): void {
  setInteger(0, x);
  setInteger(1, y);
  parallel(accumulateRange, n, CHEAP_GRAIN);
}

/** y[n] ← x[n] in memory, any element type. */
export function copyBytes(x: usize, y: usize, bytes: usize): void {
  memory.copy(y, x, bytes);
}

/** x ← 0 in memory, any element type. */
export function clear(x: usize, bytes: usize): void {
  memory.fill(x, 0, bytes);
}

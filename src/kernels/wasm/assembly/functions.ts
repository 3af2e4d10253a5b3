// The transcendental functions on four float32 at once, each within 2 units in the last place of the exact value over
// its whole range; infinities, NaN and denormals included. The polynomials are minimax fits (Lawson's iteration) whose
// coefficients were rounded to float32 one after the other, lowest degree first.

import { madd } from "./vector";

// A splat of a literal inside a loop is built anew at every use; a broadcast load from this table is one instruction.
const TABLE: usize = memory.data<f32>([
  // 0: 1, ½, 2
  1, 0.5, 2,
  // 3: log₂e, and ln 2 in two parts, of which the first has so few bits that its product with an exponent is exact
  1.4426950408889634, 0.693359375, -2.12194440e-4,
  // 6: 1.5 · 2²³, which rounds what is added to it to an integer
  12582912,
  // 7: (eʳ − 1 − r) / r² on |r| ≤ ½ ln 2, highest degree first
  1.3821055181e-3, 8.3686746657e-3, 4.1668262333e-2, 0.16666521132, 0.4999999404,
  // 12: where eˣ has underflowed to 0 and overflowed to ∞
  -104, 89,
  // 14: (ln(1 + f) − f + f²/2) / f³ on √½ − 1 ≤ f ≤ √2 − 1, highest degree first
  -7.6381891966e-2, 0.12764763832, -0.13160189986, 0.14201273024, -0.16623315215, 0.20001250505, -0.25000822544,
  0.33333331347,
  // 22: (tanh x − x) / x³ in x² for |x| < 0.625, highest degree first
  -5.6922966614e-3, 2.0628167316e-2, -5.3736515343e-2, 0.13331405818, -0.33333280683,
  // 27: 0.625
  0.625,
  // 28: 2⁻¹²⁶, 2²³, ∞
  1.1754943508222875e-38, 8388608, Infinity,
  // 31: 2⁻⁶⁴
  5.421010862427522e-20,
]);

// @ts-expect-error: decorator
@inline
function constant(i: i32): v128 {
  return v128.load32_splat(TABLE + (<usize>i << 2));
}

// @ts-expect-error: decorator
@inline
const SIGN: i32 = <i32>0x80000000;

// @ts-expect-error: decorator
@inline
function expPolynomial(r: v128): v128 {
  let p = madd(constant(7), r, constant(8));
  p = madd(p, r, constant(9));
  p = madd(p, r, constant(10));
  p = madd(p, r, constant(11));
  return f32x4.add(madd(p, f32x4.mul(r, r), r), constant(0));
}

/** r = x − n ln 2, given n as a float. */
// @ts-expect-error: decorator
@inline
function expRemainder(x: v128, n: v128): v128 {
  return f32x4.sub(f32x4.sub(x, f32x4.mul(n, constant(4))), f32x4.mul(n, constant(5)));
}

/** eˣ = 2ⁿ eʳ with |r| ≤ ½ ln 2; 2ⁿ in two factors, so that denormals and the edge of overflow come out right. */
// @ts-expect-error: decorator
@inline
export function exp(v: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(v, constant(12)), constant(13));
  const shifted = madd(x, constant(3), constant(6));
  const p = expPolynomial(expRemainder(x, f32x4.sub(shifted, constant(6))));
  const n = i32x4.sub(shifted, constant(6));
  const half = i32x4.shr_s(n, 1);
  const one = constant(0);
  const first = i32x4.add(i32x4.shl(half, 23), one);
  const second = i32x4.add(i32x4.shl(i32x4.sub(n, half), 23), one);
  return f32x4.mul(f32x4.mul(p, first), second);
}

/** eˣ for x ≤ 0 (or NaN), where n ≥ −150: scaled by 2ⁿ⁺⁶⁴ and then by 2⁻⁶⁴. */
// @ts-expect-error: decorator
@inline
export function expNonPositive(v: v128): v128 {
  const x = f32x4.pmax(v, constant(12));
  const shifted = madd(x, constant(3), constant(6));
  const p = expPolynomial(expRemainder(x, f32x4.sub(shifted, constant(6))));
  const scale = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(0x5f800000));
  return f32x4.mul(f32x4.mul(p, scale), constant(31));
}

/** ln x for normal, positive, finite x: x = 2ᵉ (1 + f). */
// @ts-expect-error: decorator
@inline
function logNormal(x: v128, shift: v128): v128 {
  const e = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(e, 23)), constant(0));
  const n = f32x4.sub(f32x4.convert_i32x4_s(e), shift);
  let p = madd(constant(14), f, constant(15));
  p = madd(p, f, constant(16));
  p = madd(p, f, constant(17));
  p = madd(p, f, constant(18));
  p = madd(p, f, constant(19));
  p = madd(p, f, constant(20));
  p = madd(p, f, constant(21));
  const square = f32x4.mul(f, f);
  let y = f32x4.mul(p, f32x4.mul(square, f));
  y = madd(n, constant(5), y);
  y = f32x4.sub(y, f32x4.mul(square, constant(1)));
  return madd(n, constant(4), f32x4.add(f, y));
}

/** ln x; −∞ at 0, NaN below. */
// @ts-expect-error: decorator
@inline
export function log(x: v128): v128 {
  const zero = f32x4.splat(0);
  const small = f32x4.lt(x, constant(28));
  const normal = v128.bitselect(f32x4.mul(x, constant(29)), x, small);
  const y = logNormal(normal, v128.and(small, f32x4.splat(23)));
  const infinity = constant(30);
  const edge = v128.bitselect(f32x4.neg(infinity), f32x4.div(zero, zero), f32x4.eq(x, zero));
  const ordinary = v128.bitselect(y, edge, f32x4.gt(x, zero));
  return v128.bitselect(ordinary, x, f32x4.lt(x, infinity));
}

/** σ(x) = 1 / (1 + e^−x) = e^min(x, 0) / (1 + e^−|x|) */
// @ts-expect-error: decorator
@inline
export function sigmoid(x: v128): v128 {
  const e = expNonPositive(v128.or(x, i32x4.splat(SIGN)));
  const one = constant(0);
  const numerator = v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0)));
  return f32x4.div(numerator, f32x4.add(e, one));
}

/** tanh x = x + x³ P(x²) near 0, else ±(1 − e^−2|x|) / (1 + e^−2|x|). */
// @ts-expect-error: decorator
@inline
export function tanh(x: v128): v128 {
  const sign = i32x4.splat(SIGN);
  const one = constant(0);
  const magnitude = v128.andnot(x, sign);
  const e = expNonPositive(f32x4.mul(v128.or(x, sign), constant(2)));
  const large = v128.or(f32x4.div(f32x4.sub(one, e), f32x4.add(one, e)), v128.and(x, sign));
  const square = f32x4.mul(x, x);
  let p = madd(constant(22), square, constant(23));
  p = madd(p, square, constant(24));
  p = madd(p, square, constant(25));
  p = madd(p, square, constant(26));
  const small = madd(f32x4.mul(p, square), x, x);
  return v128.bitselect(small, large, f32x4.lt(magnitude, constant(27)));
}

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|), where ln(1 + t) = ln u + (t − (u − 1)) / u with u = 1 + t as rounded. */
// @ts-expect-error: decorator
@inline
export function softplus(x: v128): v128 {
  const one = constant(0);
  const t = expNonPositive(v128.or(x, i32x4.splat(SIGN)));
  const u = f32x4.add(one, t);
  const lost = f32x4.div(f32x4.sub(t, f32x4.sub(u, one)), u);
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.add(logNormal(u, f32x4.splat(0)), lost));
}

// The transcendental functions on four float32 at once, each within 2 units in the last place of the exact value over
// its whole range; infinities, NaN and denormals included. The polynomials are minimax fits (Lawson's iteration) whose
// coefficients were rounded to float32 one after the other, lowest degree first.

import { madd, negativeMadd, select } from "./vector";

// A splat of a literal inside a loop is built anew at every use; a broadcast load from this table is one instruction.
const TABLE: usize = memory.data<f32>([
  // 0: 1, ½
  1, 0.5,
  // 2: log₂e, and ln 2 in two parts, of which the first has so few bits that its product with an exponent is exact
  1.4426950408889634, 0.693359375, -2.12194440e-4,
  // 5: 1.5 · 2²³, which rounds what is added to it to an integer
  12582912,
  // 6: (eʳ − 1 − r) / r² on |r| ≤ ½ ln 2, highest degree first
  1.3821055181e-3, 8.3686746657e-3, 4.1668262333e-2, 0.16666521132, 0.4999999404,
  // 11: where eˣ has underflowed to 0 and overflowed to ∞
  -104, 89,
  // 13: (ln(1 + f) − f + f²/2) / f³ on √½ − 1 ≤ f ≤ √2 − 1, highest degree first
  -7.6381891966e-2, 0.12764763832, -0.13160189986, 0.14201273024, -0.16623315215, 0.20001250505, -0.25000822544,
  0.33333331347,
  // 21: where tanh x has become 1
  10,
  // 22: 2⁻¹²⁶, 2²³, ∞
  1.1754943508222875e-38, 8388608, Infinity,
  // 25: −2 log₂e, and ½ ln 2 in two parts as above
  -2.8853900817779268, 0.3466796875, -1.06097220e-4,
  // 28: (e⁻²ʳ − 1 + 2r) / r², highest degree first
  0.0884547531584, -0.2677975893024, 0.6666921732980, -1.33332169056, 1.9999997616,
  // 33: above which eˣ is no denormal
  -87,
]);

// @ts-expect-error: decorator
@inline
function constant(i: i32): v128 {
  return v128.load32_splat(TABLE + (<usize>i << 2));
}

// @ts-expect-error: decorator
@inline
const SIGN: i32 = <i32>0x80000000;

/** eʳ − 1 = r + r² q for r = x − n ln 2, given n as a float. x − n ln 2 comes in two parts, the first exact. */
// @ts-expect-error: decorator
@inline
function expRemainder(x: v128, n: v128): v128 {
  const r = negativeMadd(n, constant(4), negativeMadd(n, constant(3), x));
  let q = madd(constant(6), r, constant(7));
  q = madd(q, r, constant(8));
  q = madd(q, r, constant(9));
  q = madd(q, r, constant(10));
  return madd(f32x4.mul(r, r), q, r);
}

/** eˣ = 2ⁿ eʳ with |r| ≤ ½ ln 2; 2ⁿ in two factors, so that denormals and the edge of overflow come out right. */
// @ts-expect-error: decorator
@inline
export function exp(v: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(v, constant(11)), constant(12));
  const magic = constant(5);
  const shifted = madd(x, constant(2), magic);
  const p = expRemainder(x, f32x4.sub(shifted, magic));
  const n = i32x4.sub(shifted, magic);
  const half = i32x4.shr_s(n, 1);
  const one = constant(0);
  const first = i32x4.add(i32x4.shl(half, 23), one);
  const second = i32x4.add(i32x4.shl(i32x4.sub(n, half), 23), one);
  return f32x4.mul(madd(first, p, first), second);
}

/** eˣ for x ≤ 0 (or NaN). The rare road is a call, or, `inPlace`, code of its own: faster in a loop, and longer. */
// @ts-expect-error: decorator
@inline
export function expNonPositive(x: v128, inPlace: bool): v128 {
  if (v128.any_true(f32x4.lt(x, constant(33)))) return inPlace ? expUnderflowing(x) : underflowing(x);
  const magic = constant(5);
  const shifted = madd(x, constant(2), magic);
  const p = expRemainder(x, f32x4.sub(shifted, magic));
  const scale = i32x4.add(i32x4.shl(shifted, 23), constant(0));
  return madd(scale, p, scale);
}

/**
 * The same where some results are denormal or 0: those are counted in units of 2⁻¹⁴⁹, which are their very bits, because
 * processors take a hundred cycles for a product that is too small.
 */
// @ts-expect-error: decorator
@inline
function expUnderflowing(v: v128): v128 {
  const small = f32x4.lt(v, constant(33));
  const x = f32x4.pmax(v, constant(11));
  const magic = constant(5);
  const one = constant(0);
  const shifted = madd(x, constant(2), magic);
  const p = expRemainder(x, f32x4.sub(shifted, magic));
  const scale = i32x4.add(i32x4.shl(shifted, 23), one);
  const units = i32x4.add(i32x4.shl(i32x4.add(shifted, i32x4.splat(149)), 23), one);
  const bits = i32x4.trunc_sat_f32x4_s(f32x4.nearest(madd(units, p, units)));
  return v128.bitselect(bits, madd(scale, p, scale), small);
}

function underflowing(v: v128): v128 {
  return expUnderflowing(v);
}

/** ln x for normal, positive, finite x: x = 2ᵉ (1 + f). */
// @ts-expect-error: decorator
@inline
function logNormal(x: v128, shift: v128): v128 {
  const e = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(e, 23)), constant(0));
  const n = f32x4.sub(f32x4.convert_i32x4_s(e), shift);
  let p = madd(constant(13), f, constant(14));
  p = madd(p, f, constant(15));
  p = madd(p, f, constant(16));
  p = madd(p, f, constant(17));
  p = madd(p, f, constant(18));
  p = madd(p, f, constant(19));
  p = madd(p, f, constant(20));
  const square = f32x4.mul(f, f);
  const y = madd(p, f32x4.mul(square, f), f32x4.mul(n, constant(4)));
  return madd(n, constant(3), f32x4.add(f, negativeMadd(square, constant(1), y)));
}

/** ln x; −∞ at 0, NaN below. */
// @ts-expect-error: decorator
@inline
export function log(x: v128): v128 {
  const zero = f32x4.splat(0);
  const small = f32x4.lt(x, constant(22));
  const normal = select(f32x4.mul(x, constant(23)), x, small);
  const y = logNormal(normal, v128.and(small, f32x4.splat(23)));
  const infinity = constant(24);
  const edge = select(f32x4.neg(infinity), f32x4.div(zero, zero), f32x4.eq(x, zero));
  const ordinary = select(y, edge, f32x4.gt(x, zero));
  return select(ordinary, x, f32x4.lt(x, infinity));
}

/**
 * σ(x) = 1 / (1 + e^−x) = e^min(x, 0) / (1 + e^−|x|). What 1 + e loses by rounding is taken off the quotient: just
 * below a power of two, where a unit in the last place halves, it alone would cost a whole one.
 */
// @ts-expect-error: decorator
@inline
export function sigmoid(x: v128): v128 {
  const e = expNonPositive(v128.or(x, i32x4.splat(SIGN)), false);
  const one = constant(0);
  const numerator = select(e, one, i32x4.shr_s(x, 31));
  const denominator = f32x4.add(e, one);
  const lost = f32x4.sub(e, f32x4.sub(denominator, one));
  const quotient = f32x4.div(numerator, denominator);
  return negativeMadd(quotient, lost, quotient);
}

/**
 * tanh x = ±F / (2 − F) with F = 1 − e^−2|x|, where e^−2|x| = s e⁻²ʳ with s = 2ⁿ and r = |x| + n ½ ln 2: with
 * p = 1 − e⁻²ʳ, exact near 0, F = (1 − s) + s p and 2 − F = (1 + s) − s p, each rounded once.
 */
// @ts-expect-error: decorator
@inline
export function tanh(x: v128): v128 {
  const one = constant(0);
  const magnitude = f32x4.pmin(f32x4.abs(x), constant(21));
  const magic = constant(5);
  const shifted = madd(magnitude, constant(25), magic);
  const n = f32x4.sub(shifted, magic);
  const r = madd(n, constant(27), madd(n, constant(26), magnitude));
  let q = madd(constant(28), r, constant(29));
  q = madd(q, r, constant(30));
  q = madd(q, r, constant(31));
  q = madd(q, r, constant(32));
  const p = negativeMadd(f32x4.mul(r, r), q, f32x4.add(r, r));
  const s = i32x4.add(i32x4.shl(shifted, 23), one);
  const quotient = f32x4.div(madd(s, p, f32x4.sub(one, s)), negativeMadd(s, p, f32x4.add(one, s)));
  return v128.or(quotient, v128.and(x, i32x4.splat(SIGN)));
}

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|), where ln(1 + t) = ln u + (t − (u − 1)) / u with u = 1 + t as rounded. */
// @ts-expect-error: decorator
@inline
export function softplus(x: v128): v128 {
  const one = constant(0);
  const t = expNonPositive(v128.or(x, i32x4.splat(SIGN)), false);
  const u = f32x4.add(one, t);
  const lost = f32x4.div(f32x4.sub(t, f32x4.sub(u, one)), u);
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.add(logNormal(u, f32x4.splat(0)), lost));
}

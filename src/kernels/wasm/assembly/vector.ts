// What every kernel needs of a vector of four float32: fused multiply-add, sums across lanes, rows that do not end on
// a whole vector.

/** a·b + c, in one rounding where the relaxed-SIMD build runs on a machine that has FMA. */
// @ts-expect-error: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c − a·b, likewise. */
// @ts-expect-error: decorator
@inline
export function negativeMadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** a where the mask's lanes are all ones, b where they are all zeros. */
// @ts-expect-error: decorator
@inline
export function select(a: v128, b: v128, mask: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_laneselect(a, b, mask);
  return v128.bitselect(a, b, mask);
}

// @ts-expect-error: decorator
@inline
export function sumLanes(x: v128): f32 {
  const pairs = f32x4.add(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The largest lane; NaN if one is NaN. */
// @ts-expect-error: decorator
@inline
export function maxLanes(x: v128): f32 {
  const pairs = f32x4.max(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** The smallest lane; NaN if one is NaN. */
// @ts-expect-error: decorator
@inline
export function minLanes(x: v128): f32 {
  const pairs = f32x4.min(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return min<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

const LANES: usize = memory.data<i32>([0, 1, 2, 3]);

/** The first `count` lanes of x, `other` in the rest. */
// @ts-expect-error: decorator
@inline
export function keepFirst(x: v128, count: i32, other: v128): v128 {
  return select(x, other, i32x4.lt_s(v128.load(LANES), i32x4.splat(count)));
}

/** Stores the first `count` lanes (1, 2 or 3). */
// @ts-expect-error: decorator
@inline
export function storeFirst(p: usize, x: v128, count: i32): void {
  if (count & 2) {
    v128.store64_lane(p, x, 0);
    if (count & 1) v128.store32_lane(p, x, 2, 8);
  } else {
    v128.store32_lane(p, x, 0);
  }
}

/** Stores what of x lies before the end of a row: `width` lanes, or all four. */
// @ts-expect-error: decorator
@inline
export function put(p: usize, x: v128, width: i32): void {
  if (width >= 4) v128.store(p, x);
  else storeFirst(p, x, width);
}

/** Four bools (bytes, 0 or 1) as four lanes, all ones where true. */
// @ts-expect-error: decorator
@inline
export function loadMask(p: usize): v128 {
  const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(p)));
  return i32x4.gt_s(words, i32x4.splat(0));
}

/** Sixteen lanes of comparisons as bytes, 0 or 1. */
// @ts-expect-error: decorator
@inline
export function maskBytes(a: v128, b: v128, c: v128, d: v128): v128 {
  return v128.and(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)), i8x16.splat(1));
}

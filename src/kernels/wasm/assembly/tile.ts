// One register tile of a product: 6 rows × 8 columns of c where there is fused multiply-add, else 4 × 8. That is what the
// SIMD registers hold without spilling: 12 vectors of c, two of b and one of a, where a multiplication apart needs one more.

import { madd } from "./vector";

/** Eight numbers, in bytes. */
const TILE_ROW: usize = 8 * 4;

/** Bytes of the tallest tile. */
// @ts-expect-error: decorator
@inline
export const TILE_BYTES: usize = 6 * TILE_ROW;

/**
 * c[rows, 8] = init + Σ a[k, rows] b[k, 8], where rows is 6 or 4. Steps of b, and rows of c and init, are in bytes.
 * The sums begin with init: added at the end, it makes the engine spill.
 */
// @ts-expect-error: decorator
@inline
function tile(
  rows: i32,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  k: i32,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
): void {
  const tall = rows == 6;
  let c00 = v128.load(init);
  let c01 = v128.load(init, 16);
  init += initRow;
  let c10 = v128.load(init);
  let c11 = v128.load(init, 16);
  init += initRow;
  let c20 = v128.load(init);
  let c21 = v128.load(init, 16);
  init += initRow;
  let c30 = v128.load(init);
  let c31 = v128.load(init, 16);
  init += initRow;
  let c40 = tall ? v128.load(init) : c00;
  let c41 = tall ? v128.load(init, 16) : c00;
  init += initRow;
  let c50 = tall ? v128.load(init) : c00;
  let c51 = tall ? v128.load(init, 16) : c00;
  // One step a turn: unrolled, the engine hoists the later loads, runs out of registers and gains nothing.
  for (; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    if (tall) {
      x = v128.load32_splat(a, 16);
      c40 = madd(x, b0, c40);
      c41 = madd(x, b1, c41);
      x = v128.load32_splat(a, 20);
      c50 = madd(x, b0, c50);
      c51 = madd(x, b1, c51);
    }
    a += aStep;
    b += bStep;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += cRow;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += cRow;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += cRow;
  v128.store(c, c30);
  v128.store(c, c31, 16);
  if (tall) {
    c += cRow;
    v128.store(c, c40);
    v128.store(c, c41, 16);
    c += cRow;
    v128.store(c, c50);
    v128.store(c, c51, 16);
  }
}

export function tile6(
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  k: i32,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
): void {
  tile(6, a, aStep, b, bStep, k, c, cRow, init, initRow);
}

export function tile4(
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  k: i32,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
): void {
  tile(4, a, aStep, b, bStep, k, c, cRow, init, initRow);
}

/** A few numbers from one place to another; rows are in bytes. */
function copySmall(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, columns: i32): void {
  for (; rows > 0; rows--, from += fromRow, to += toRow) {
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) store<f32>(to + j, load<f32>(from + j));
  }
}

/** A tile of which only rows × columns lie inside c: computed aside, where there is room for a whole one. */
export function edgeTile(
  height: i32,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  k: i32,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
  rows: i32,
  columns: i32,
  aside: usize,
): void {
  copySmall(init, initRow, aside, TILE_ROW, rows, columns);
  if (height == 6) tile6(a, aStep, b, bStep, k, aside, TILE_ROW, aside, TILE_ROW);
  else tile4(a, aStep, b, bStep, k, aside, TILE_ROW, aside, TILE_ROW);
  copySmall(aside, TILE_ROW, c, cRow, rows, columns);
}

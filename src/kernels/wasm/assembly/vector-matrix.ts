// Products that reuse nothing, at the speed of reading the matrix once: one row times a matrix, and column times row.

import { integer, parallel, setInteger } from "./threads";
import { keepFirst, madd, storeFirst, sumLanes } from "./vector";

const GRAIN = 65536;

// @ts-expect-error: decorator
@inline
function start(init: usize, offset: usize): v128 {
  return init ? v128.load(init + offset) : f32x4.splat(0);
}

/** y[n] = init[n] + Σₖ x[k] b[k, n]: sixteen columns at a time down the whole of b. */
export function rowTimesMatrix(x: usize, b: usize, y: usize, init: usize, k: i32, n: i32): void {
  const row = <usize>n << 2;
  let j = 0;
  for (; j + 16 <= n; j += 16) {
    const at = <usize>j << 2;
    let c0 = start(init, at);
    let c1 = start(init, at + 16);
    let c2 = start(init, at + 32);
    let c3 = start(init, at + 48);
    let p = b + at;
    let q = x;
    for (let i = k; i > 0; i--, p += row, q += 4) {
      const s = v128.load32_splat(q);
      c0 = madd(s, v128.load(p), c0);
      c1 = madd(s, v128.load(p, 16), c1);
      c2 = madd(s, v128.load(p, 32), c2);
      c3 = madd(s, v128.load(p, 48), c3);
    }
    v128.store(y + at, c0);
    v128.store(y + at, c1, 16);
    v128.store(y + at, c2, 32);
    v128.store(y + at, c3, 48);
  }
  for (; j < n; j += 4) {
    const at = <usize>j << 2;
    let even = start(init, at);
    let odd = f32x4.splat(0);
    let p = b + at;
    let q = x;
    let i = k;
    for (; i >= 2; i -= 2, p += row << 1, q += 8) {
      even = madd(v128.load32_splat(q), v128.load(p), even);
      odd = madd(v128.load32_splat(q, 4), v128.load(p + row), odd);
    }
    if (i > 0) even = madd(v128.load32_splat(q), v128.load(p), even);
    const sum = f32x4.add(even, odd);
    if (n - j >= 4) v128.store(y + at, sum);
    else storeFirst(y + at, sum, n - j);
  }
}

function vectorMatrixRange(begin: i32, end: i32): void {
  const k = <i32>integer(4);
  const n = <i32>integer(5);
  for (let i = <usize>begin; i < <usize>end; i++) {
    const init = integer(3) ? integer(3) + ((i * integer(8)) << 2) : 0;
    const x = integer(0) + ((i * integer(6)) << 2);
    rowTimesMatrix(x, integer(1) + ((i * integer(7)) << 2), integer(2) + ((i * n) << 2), init, k, n);
  }
}

/** y[batch, n] = init + x[batch, k] · b[batch, k, n] */
export function vectorMatrix(
  x: usize,
  b: usize,
  y: usize,
  batch: i32,
  k: i32,
  n: i32,
  strideX: i32,
  strideB: i32,
  init: usize,
  initStride: i32,
): void {
  setInteger(0, x);
  setInteger(1, b);
  setInteger(2, y);
  setInteger(3, init);
  setInteger(4, k);
  setInteger(5, n);
  setInteger(6, strideX);
  setInteger(7, strideB);
  setInteger(8, initStride);
  parallel(vectorMatrixRange, batch, max(1, GRAIN / (k * n)));
}

/** y[n] = init[n] + Σₖ b[n, k] x[k]: four rows of b at a time. */
function matrixTimesColumn(x: usize, b: usize, y: usize, init: usize, k: i32, n: i32): void {
  const row = <usize>k << 2;
  const zero = f32x4.splat(0);
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    let p = b + <usize>j * row;
    let q = x;
    let c0 = zero;
    let c1 = zero;
    let c2 = zero;
    let c3 = zero;
    let i = k;
    for (; i >= 4; i -= 4, p += 16, q += 16) {
      const s = v128.load(q);
      c0 = madd(s, v128.load(p), c0);
      c1 = madd(s, v128.load(p + row), c1);
      c2 = madd(s, v128.load(p + 2 * row), c2);
      c3 = madd(s, v128.load(p + 3 * row), c3);
    }
    if (i > 0) {
      const s = v128.load(q);
      c0 = f32x4.add(c0, keepFirst(f32x4.mul(s, v128.load(p)), i, zero));
      c1 = f32x4.add(c1, keepFirst(f32x4.mul(s, v128.load(p + row)), i, zero));
      c2 = f32x4.add(c2, keepFirst(f32x4.mul(s, v128.load(p + 2 * row)), i, zero));
      c3 = f32x4.add(c3, keepFirst(f32x4.mul(s, v128.load(p + 3 * row)), i, zero));
    }
    const at = <usize>j << 2;
    const sums = f32x4(sumLanes(c0), sumLanes(c1), sumLanes(c2), sumLanes(c3));
    v128.store(y + at, init ? f32x4.add(sums, v128.load(init + at)) : sums);
  }
  for (; j < n; j++) {
    let p = b + <usize>j * row;
    let q = x;
    let c = zero;
    for (let i = k; i > 0; i -= 4, p += 16, q += 16) {
      c = f32x4.add(c, keepFirst(f32x4.mul(v128.load(q), v128.load(p)), i, zero));
    }
    const at = <usize>j << 2;
    store<f32>(y + at, sumLanes(c) + (init ? load<f32>(init + at) : 0));
  }
}

function vectorTransposedRange(begin: i32, end: i32): void {
  const k = <i32>integer(4);
  const n = <i32>integer(5);
  for (let i = <usize>begin; i < <usize>end; i++) {
    const init = integer(3) ? integer(3) + ((i * integer(8)) << 2) : 0;
    const x = integer(0) + ((i * integer(6)) << 2);
    matrixTimesColumn(x, integer(1) + ((i * integer(7)) << 2), integer(2) + ((i * n) << 2), init, k, n);
  }
}

/** y[batch, n] = init + x[batch, k] · b[batch, n, k]ᵀ */
export function vectorTransposed(
  x: usize,
  b: usize,
  y: usize,
  batch: i32,
  k: i32,
  n: i32,
  strideX: i32,
  strideB: i32,
  init: usize,
  initStride: i32,
): void {
  setInteger(0, x);
  setInteger(1, b);
  setInteger(2, y);
  setInteger(3, init);
  setInteger(4, k);
  setInteger(5, n);
  setInteger(6, strideX);
  setInteger(7, strideB);
  setInteger(8, initStride);
  parallel(vectorTransposedRange, batch, max(1, GRAIN / (k * n)));
}

/** Items are rows of all matrices. */
function outerRange(begin: i32, end: i32): void {
  const m = <i32>integer(4);
  const n = <i32>integer(5);
  for (let item = begin; item < end; item++) {
    const batch = <usize>(item / m);
    const r = <usize>item - batch * m;
    const x = v128.load32_splat(integer(0) + ((batch * integer(6) + r) << 2));
    let b = integer(1) + ((batch * integer(7)) << 2);
    let y = integer(2) + (<usize>(item * n) << 2);
    let left = n;
    if (integer(3)) {
      let init = integer(3) + ((batch * integer(9) + r * integer(8)) << 2);
      for (; left >= 4; left -= 4, b += 16, y += 16, init += 16) v128.store(y, madd(x, v128.load(b), v128.load(init)));
      if (left > 0) storeFirst(y, madd(x, v128.load(b), v128.load(init)), left);
    } else {
      for (; left >= 4; left -= 4, b += 16, y += 16) v128.store(y, f32x4.mul(x, v128.load(b)));
      if (left > 0) storeFirst(y, f32x4.mul(x, v128.load(b)), left);
    }
  }
}

/** y[batch, m, n] = init + x[batch, m] ⊗ b[batch, n] */
export function outerProduct(
  x: usize,
  b: usize,
  y: usize,
  batch: i32,
  m: i32,
  n: i32,
  strideX: i32,
  strideB: i32,
  init: usize,
  initRow: i32,
  initStride: i32,
): void {
  setInteger(0, x);
  setInteger(1, b);
  setInteger(2, y);
  setInteger(3, init);
  setInteger(4, m);
  setInteger(5, n);
  setInteger(6, strideX);
  setInteger(7, strideB);
  setInteger(8, initRow);
  setInteger(9, initStride);
  parallel(outerRange, batch * m, max(1, GRAIN / n));
}

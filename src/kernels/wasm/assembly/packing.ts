// Operands of a product laid out as the register tiles read them: groups of six or four rows of op(a), of eight columns
// of op(b), one group a step of k.

/**
 * to[k, 4] = from[4, k]ᵀ, groups `step` bytes apart. Rows from `rows` on repeat the last one: what they give is
 * never stored.
 */
function packTransposed(from: usize, row: usize, rows: i32, k: i32, to: usize, step: usize): void {
  let p0 = from;
  let p1 = from + (rows > 1 ? row : 0);
  let p2 = rows > 2 ? p1 + row : p1;
  let p3 = rows > 3 ? p2 + row : p2;
  for (; k >= 4; k -= 4) {
    const a = v128.load(p0);
    const b = v128.load(p1);
    const c = v128.load(p2);
    const d = v128.load(p3);
    const ab = i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
    const cd = i8x16.shuffle(c, d, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
    const abHigh = i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
    const cdHigh = i8x16.shuffle(c, d, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
    v128.store(to, i8x16.shuffle(ab, cd, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
    to += step;
    v128.store(to, i8x16.shuffle(ab, cd, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
    to += step;
    v128.store(to, i8x16.shuffle(abHigh, cdHigh, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
    to += step;
    v128.store(to, i8x16.shuffle(abHigh, cdHigh, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));
    to += step;
    p0 += 16;
    p1 += 16;
    p2 += 16;
    p3 += 16;
  }
  for (; k > 0; k--, to += step, p0 += 4, p1 += 4, p2 += 4, p3 += 4) {
    store<f32>(to, load<f32>(p0));
    store<f32>(to, load<f32>(p1), 4);
    store<f32>(to, load<f32>(p2), 8);
    store<f32>(to, load<f32>(p3), 12);
  }
}

/** The same for two rows. */
function packPair(from: usize, row: usize, k: i32, to: usize, step: usize): void {
  for (; k >= 4; k -= 4, from += 16) {
    const a = v128.load(from);
    const b = v128.load(from + row);
    const low = i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
    const high = i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
    v128.store64_lane(to, low, 0);
    to += step;
    v128.store64_lane(to, low, 1);
    to += step;
    v128.store64_lane(to, high, 0);
    to += step;
    v128.store64_lane(to, high, 1);
    to += step;
  }
  for (; k > 0; k--, to += step, from += 4) {
    store<f32>(to, load<f32>(from));
    store<f32>(to, load<f32>(from + row), 4);
  }
}

/** to[k, 4] = from[k, 4], the rows of `from` being `row` bytes apart. May read past the last column. */
function packRows4(from: usize, row: usize, k: i32, to: usize): void {
  for (; k > 0; k--, from += row, to += 16) v128.store(to, v128.load(from));
}

/** to[k, 6] = from[k, 6], likewise. */
function packRows6(from: usize, row: usize, k: i32, to: usize): void {
  for (; k > 0; k--, from += row, to += 24) {
    v128.store(to, v128.load(from));
    v128.store64_lane(to, v128.load(from, 16), 0, 16);
  }
}

/** to[k, 8] = from[k, 8], the rows of `from` being `row` bytes apart. May read past the last column. */
function packRows8(from: usize, row: usize, k: i32, to: usize): void {
  for (; k > 0; k--, from += row, to += 32) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
  }
}

/** Eight columns of op(b) from row k0 on, packed. The seam for weights that were packed before. */
export function packColumns(b: usize, transposed: bool, k: i32, n: i32, k0: i32, column: i32, depth: i32, to: usize): void {
  if (transposed) {
    const row = <usize>k << 2;
    const from = b + (<usize>(column * k + k0) << 2);
    packTransposed(from, row, n - column, depth, to, 32);
    const second = min(column + 4, n - 1);
    packTransposed(b + (<usize>(second * k + k0) << 2), row, n - second, depth, to + 16, 32);
  } else {
    packRows8(b + (<usize>(k0 * n + column) << 2), <usize>n << 2, depth, to);
  }
}

/** How many of so many rows go into groups of six: few or none are left over in the groups of four that follow. */
export function rowsInSixes(rows: i32): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD) return 0;
  const left = rows % 6;
  return max(0, rows - left - (left == 1 || left == 2 ? 6 : 0));
}

/**
 * Rows [row, row + rows) of op(a) from k0 on: the first `sixes` in groups of six, the rest in groups of four. What lies in
 * memory as a row of a is `aRow` bytes from the next.
 */
export function packRowGroups(
  a: usize,
  aRow: usize,
  transposed: bool,
  k0: i32,
  row: i32,
  rows: i32,
  sixes: i32,
  depth: i32,
  to: usize,
): void {
  let from = a + (transposed ? <usize>k0 * aRow + (<usize>row << 2) : <usize>row * aRow + (<usize>k0 << 2));
  const next: usize = transposed ? 4 : aRow;
  let i = 0;
  for (; i < sixes; i += 6, from += 6 * next, to += <usize>depth * 24) {
    if (transposed) packRows6(from, aRow, depth, to);
    else {
      packTransposed(from, aRow, 4, depth, to, 24);
      packPair(from + 4 * aRow, aRow, depth, to + 16, 24);
    }
  }
  for (; i < rows; i += 4, from += 4 * next, to += <usize>depth * 16) {
    if (transposed) packRows4(from, aRow, depth, to);
    else packTransposed(from, aRow, rows - i, depth, to, 16);
  }
}

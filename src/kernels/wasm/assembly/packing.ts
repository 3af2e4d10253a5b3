// Operands of a product laid out as the register tile reads them: groups of four rows of op(a), of eight columns of
// op(b), one group a step of k.

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

/** to[k, 4] = from[k, 4], the rows of `from` being `row` bytes apart. May read past the last column. */
function packRows4(from: usize, row: usize, k: i32, to: usize): void {
  for (; k > 0; k--, from += row, to += 16) v128.store(to, v128.load(from));
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

/** Rows [row, row + rows) of op(a) from k0 on, packed in groups of four. */
export function packRowGroups(
  a: usize,
  transposed: bool,
  m: i32,
  k: i32,
  k0: i32,
  row: i32,
  rows: i32,
  depth: i32,
  to: usize,
): void {
  for (let i = 0; i < rows; i += 4, to += <usize>depth << 4) {
    if (transposed) packRows4(a + (<usize>(k0 * m + row + i) << 2), <usize>m << 2, depth, to);
    else packTransposed(a + (<usize>((row + i) * k + k0) << 2), <usize>k << 2, rows - i, depth, to, 16);
  }
}

// c[batch, m, n] = init + op(a) · op(b).
//
// One register tile does all the work: 4 rows × 8 columns of c in eight vectors, which is what sixteen SIMD registers
// hold without spilling. It reads four rows of a, wherever they lie, and groups of eight columns of b, which are packed
// first; so are the columns of a transposed a. Each element of c is summed in the order of k, however the work is divided.

import { packColumns, packRowGroups } from "./packing";
import { expectedThreads, integer, parallel, scratch, setInteger } from "./threads";
import { madd } from "./vector";
import { outerProduct, vectorMatrix, vectorTransposed } from "./vector-matrix";

const K_BLOCK = 256;
const M_BLOCK = 256;

/** Pieces a thread: more than one, so that a thread that is held up leaves its share to the others. */
const SHARES = 4;
/** Rows from which a product is cut between rows. */
const TALL = 64;
const LEAST_ROWS = 16;
const LEAST_COLUMNS = 16;
/** Multiplications below which a piece is not worth handing to another thread, about 4 µs. */
const LEAST_WORK: f64 = 100000;
/** And above which it is cut further, about 0.8 ms. */
const MOST_WORK: f64 = 20000000;

/** Columns up to which packing a takes longer than it saves. */
const FEW_COLUMNS = 256;
/** Rows of groups of eight columns that one piece packs. */
const PANEL_GRAIN = 4096;

// A thread's scratch memory: packed rows of a, packed columns of b, one tile of c.
const PACKED_B: usize = M_BLOCK * K_BLOCK * 4;
const TILE: usize = PACKED_B + K_BLOCK * 8 * 4;

/** What a thread needs: above, plus room to read past the end. */
export function scratchSize(): usize {
  return TILE + 4 * 8 * 4 + 64;
}

/**
 * c[4, 8] = init + Σ a[k, 4] b[k, 8], where a's four rows lie aRow apart and its steps aStep. Steps and rows are in bytes;
 * init = 0 means zeros. One step a turn: unrolled, the engine hoists the later loads above the earlier arithmetic, runs
 * out of registers and gains nothing.
 */
function tile(
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  k: i32,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  for (; k > 0; k--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    a += aStep;
    a1 += aStep;
    a2 += aStep;
    a3 += aStep;
    b += bStep;
  }
  if (init) {
    c00 = f32x4.add(c00, v128.load(init));
    c01 = f32x4.add(c01, v128.load(init, 16));
    init += initRow;
    c10 = f32x4.add(c10, v128.load(init));
    c11 = f32x4.add(c11, v128.load(init, 16));
    init += initRow;
    c20 = f32x4.add(c20, v128.load(init));
    c21 = f32x4.add(c21, v128.load(init, 16));
    init += initRow;
    c30 = f32x4.add(c30, v128.load(init));
    c31 = f32x4.add(c31, v128.load(init, 16));
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
}

/** A tile of which only rows × columns lie inside c: computed aside, then added in. */
function edgeTile(
  a: usize,
  aRow: usize,
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
): void {
  const aside = scratch() + TILE;
  tile(a, aRow, aStep, b, bStep, k, aside, 32, 0, 0);
  for (let r: usize = 0; r < <usize>rows; r++) {
    for (let j: usize = 0; j < <usize>columns; j++) {
      const value = load<f32>(aside + (r << 5) + (j << 2));
      const from = init ? load<f32>(init + r * initRow + (j << 2)) : 0;
      store<f32>(c + r * cRow + (j << 2), value + from);
    }
  }
}

/**
 * One block of c: rows [row, row + rows), columns [column, columnEnd). `packed` is the whole of op(b) as
 * {@link packPanels} leaves it, or 0: then what is needed of it is packed here.
 */
export function block(
  a: usize,
  b: usize,
  c: usize,
  init: usize,
  initRow: usize,
  m: i32,
  k: i32,
  n: i32,
  transposeA: bool,
  transposeB: bool,
  row: i32,
  rows: i32,
  column: i32,
  columnEnd: i32,
  packed: usize,
): void {
  const cRow = <usize>n << 2;
  const packedA = scratch();
  const packedB = packedA + PACKED_B;
  // A row-major b is used where it lies if few rows share what packing it would cost.
  const direct = packed == 0 && !transposeB && rows <= 16;
  let from = init ? init + <usize>row * initRow : 0;
  let fromRow = initRow;
  const to = c + <usize>row * cRow;
  for (let k0 = 0; k0 < k; k0 += K_BLOCK) {
    const depth = min(K_BLOCK, k - k0);
    // For few columns a row-major a is used where it lies, but for a last group of fewer than four rows.
    const unpacked = transposeA || columnEnd - column > FEW_COLUMNS ? 0 : rows & ~3;
    packRowGroups(a, transposeA, m, k, k0, row + unpacked, rows - unpacked, depth, packedA);
    for (let j = column; j < columnEnd; j += 8) {
      let bGroup = packedB;
      let bStep: usize = 32;
      if (direct) {
        bGroup = b + (<usize>(k0 * n + j) << 2);
        bStep = cRow;
      } else if (packed) {
        bGroup = packed + <usize>((j >> 3) * k + k0) * 32;
      } else {
        packColumns(b, transposeB, k, n, k0, j, depth, packedB);
      }
      const at = <usize>j << 2;
      for (let i = 0; i < rows; i += 4) {
        const lies = i < unpacked;
        const aGroup = lies
          ? a + (<usize>((row + i) * k + k0) << 2)
          : packedA + (<usize>((i - unpacked) * depth) << 2);
        const aRow: usize = lies ? <usize>k << 2 : 4;
        const aStep: usize = lies ? 4 : 16;
        const target = to + <usize>i * cRow + at;
        const start = from ? from + <usize>i * fromRow + at : 0;
        if (rows - i >= 4 && columnEnd - j >= 8) {
          tile(aGroup, aRow, aStep, bGroup, bStep, depth, target, cRow, start, fromRow);
        } else {
          const height = min(4, rows - i);
          const width = min(8, columnEnd - j);
          edgeTile(aGroup, aRow, aStep, bGroup, bStep, depth, target, cRow, start, fromRow, height, width);
        }
      }
    }
    from = to;
    fromRow = cRow;
  }
}

/** Items are blocks: (batch, block of rows, block of columns), the last running fastest. */
function blocksRange(begin: i32, end: i32): void {
  const m = <i32>integer(6);
  const k = <i32>integer(7);
  const n = <i32>integer(8);
  const rowStep = <i32>integer(13);
  const columnStep = <i32>integer(14);
  const rowBlocks = (m + rowStep - 1) / rowStep;
  const columnBlocks = (n + columnStep - 1) / columnStep;
  for (let item = begin; item < end; item++) {
    const outer = item / columnBlocks;
    const column = (item - outer * columnBlocks) * columnStep;
    const batch = outer / rowBlocks;
    const row = (outer - batch * rowBlocks) * rowStep;
    const init = integer(3) ? integer(3) + <usize>batch * integer(5) : 0;
    block(
      integer(0) + ((<usize>batch * integer(11)) << 2),
      integer(1) + ((<usize>batch * integer(12)) << 2),
      integer(2) + (<usize>(batch * m * n) << 2),
      init,
      integer(4),
      m,
      k,
      n,
      integer(9) != 0,
      integer(10) != 0,
      row,
      min(rowStep, m - row),
      column,
      min(column + columnStep, n),
      integer(15),
    );
  }
}

/** Items are groups of eight columns of op(b). */
function panelsRange(begin: i32, end: i32): void {
  const k = <i32>integer(2);
  for (let item = begin; item < end; item++) {
    packColumns(integer(0), integer(1) != 0, k, <i32>integer(3), 0, item << 3, k, integer(4) + <usize>(item * k) * 32);
  }
}

/** The whole of op(b) [k, n] packed by all threads, for {@link block}: `to` has room for n made a multiple of 8. */
export function packPanels(b: usize, transposed: bool, k: i32, n: i32, to: usize): void {
  setInteger(0, b);
  setInteger(1, transposed);
  setInteger(2, k);
  setInteger(3, n);
  setInteger(4, to);
  parallel(panelsRange, (n + 7) >> 3, max(1, PANEL_GRAIN / k));
}

/**
 * Strides are in elements. `init` is what the product is added to (0: nothing), its rows initRow elements apart
 * (0: one row for all) and its matrices initStride. `packed` is room for op(b) with n made a multiple of 8, or 0: with it op(b) is packed
 * once, by all threads, for all blocks of rows. Only for a batch of one.
 */
export function matmul(
  a: usize,
  b: usize,
  c: usize,
  batch: i32,
  m: i32,
  k: i32,
  n: i32,
  transposeA: bool,
  transposeB: bool,
  strideA: i32,
  strideB: i32,
  init: usize,
  initRow: i32,
  initStride: i32,
  packed: usize,
): void {
  if (m == 1) {
    // With one row of a there is nothing to reuse of b: it is read once, where it lies.
    if (transposeB) vectorTransposed(a, b, c, batch, k, n, strideA, strideB, init, initStride);
    else vectorMatrix(a, b, c, batch, k, n, strideA, strideB, init, initStride);
    return;
  }
  if (n == 1 && (init == 0 || initRow == 1)) {
    // One column: cᵀ = op(b)ᵀ · op(a)ᵀ.
    if (transposeA) vectorMatrix(b, a, c, batch, k, m, strideB, strideA, init, initStride);
    else vectorTransposed(b, a, c, batch, k, m, strideB, strideA, init, initStride);
    return;
  }
  if (k == 1) {
    outerProduct(a, b, c, batch, m, n, strideA, strideB, init, initRow, initStride);
    return;
  }
  if (packed) packPanels(b, transposeB, k, n, packed);
  setInteger(0, a);
  setInteger(1, b);
  setInteger(2, c);
  setInteger(3, init);
  setInteger(4, <usize>initRow << 2);
  setInteger(5, <usize>initStride << 2);
  setInteger(6, m);
  setInteger(7, k);
  setInteger(8, n);
  setInteger(9, transposeA);
  setInteger(10, transposeB);
  setInteger(11, strideA);
  setInteger(12, strideB);
  // Tall products are cut between rows, others between columns.
  let rowStep = min(m, M_BLOCK);
  let columnStep = n;
  const threads = expectedThreads();
  if (threads > 1) {
    const work = <f64>m * <f64>k * <f64>n;
    const most = max(<f64>((SHARES * threads + batch - 1) / batch), work / MOST_WORK);
    const pieces = <i32>max(1, min(most, work / LEAST_WORK));
    if (m >= TALL) rowStep = max(LEAST_ROWS, min(rowStep, ((m + pieces - 1) / pieces + 3) & ~3));
    else columnStep = max(LEAST_COLUMNS, ((n + pieces - 1) / pieces + 7) & ~7);
  }
  setInteger(13, rowStep);
  setInteger(14, columnStep);
  setInteger(15, packed);
  const items = batch * ((m + rowStep - 1) / rowStep) * ((n + columnStep - 1) / columnStep);
  const work = <f64>min(rowStep, m) * <f64>k * <f64>min(columnStep, n);
  parallel(blocksRange, items, max(1, <i32>(LEAST_WORK / work)));
}

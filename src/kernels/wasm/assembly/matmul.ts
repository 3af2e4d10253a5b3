// c[batch, m, n] = init + op(a) · op(b).
//
// Register tiles do all the work. A tile reads groups of rows of a and of eight columns of b, packed first so that each
// is read with one pointer. Each element of c is summed in the order of k, however the work is divided.

import { packColumns, packRowGroups, rowsInSixes } from "./packing";
import { expectedThreads, integer, parallel, scratch, setInteger } from "./threads";
import { edgeTile, TILE_BYTES, tile4, tile6 } from "./tile";
import { outerProduct, vectorMatrix, vectorTransposed } from "./vector-matrix";

const K_BLOCK = 256;
const M_BLOCK = 252;

/** Pieces a thread: more than one, so that a thread that is held up leaves its share to the others. */
const SHARES = 4;
/** Bytes from a row to the next up to which a transposed a is not packed. */
const LONGEST_ROW: usize = 1024;

/** Rows from which a product is cut between rows. */
const TALL = 64;
const LEAST_ROWS = 16;
const LEAST_COLUMNS = 16;
/** Multiplications below which a piece is not worth handing to another thread, about 4 µs. */
const LEAST_WORK: f64 = 100000;
/** And above which it is cut further, about 0.8 ms. */
const MOST_WORK: f64 = 20000000;

/** Rows of groups of eight columns that one piece packs. */
const PANEL_GRAIN = 4096;

// A thread's scratch memory: packed rows of a, packed columns of b, one tile of c.
const PACKED_B: usize = (M_BLOCK + 4) * K_BLOCK * 4;
const TILE: usize = PACKED_B + K_BLOCK * 8 * 4;

/** Eight zeros. */
const ZEROS: usize = memory.data(32, 16);

/** What a thread needs: above, plus room to read past the end. */
export function scratchSize(): usize {
  return TILE + TILE_BYTES + 64;
}

/**
 * One block of c: rows [row, row + rows), columns [column, columnEnd). Rows of a, c and init (0: one row for all) are in
 * bytes. `packed` is the whole of op(b) as {@link packPanels} leaves it, or 0: then what is needed of it is packed here.
 */
export function block(
  a: usize,
  aRow: usize,
  b: usize,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
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
  const bRow = <usize>n << 2;
  const packedA = scratch();
  const packedB = packedA + PACKED_B;
  // A row-major b is used where it lies if few rows share what packing it would cost.
  const direct = packed == 0 && !transposeB && rows <= 16;
  // A transposed a of short rows, which a tile can read where they lie.
  const inPlace = transposeA && aRow <= LONGEST_ROW;
  const sixes = rowsInSixes(rows);
  let from = init ? init + <usize>row * initRow : ZEROS;
  let fromRow = init ? initRow : 0;
  const to = c + <usize>row * cRow;
  for (let k0 = 0; k0 < k; k0 += K_BLOCK) {
    const depth = min(K_BLOCK, k - k0);
    if (!inPlace) packRowGroups(a, aRow, transposeA, k0, row, rows, sixes, depth, packedA);
    for (let j = column; j < columnEnd; j += 8) {
      let bGroup = packedB;
      let bStep: usize = 32;
      if (direct) {
        bGroup = b + (<usize>(k0 * n + j) << 2);
        bStep = bRow;
      } else if (packed) {
        bGroup = packed + <usize>((j >> 3) * k + k0) * 32;
      } else {
        packColumns(b, transposeB, k, n, k0, j, depth, packedB);
      }
      const at = <usize>j << 2;
      for (let i = 0; i < rows; ) {
        const height = i < sixes ? 6 : 4;
        const aGroup = inPlace ? a + <usize>k0 * aRow + (<usize>(row + i) << 2) : packedA + (<usize>(i * depth) << 2);
        const aStep = inPlace ? aRow : <usize>height << 2;
        const target = to + <usize>i * cRow + at;
        const start = from == ZEROS ? ZEROS : from + <usize>i * fromRow + at;
        if (rows - i < height || columnEnd - j < 8) {
          const inside = min(height, rows - i);
          const width = min(8, columnEnd - j);
          edgeTile(height, aGroup, aStep, bGroup, bStep, depth, target, cRow, start, fromRow, inside, width, packedA + TILE);
        } else if (height == 6) {
          tile6(aGroup, aStep, bGroup, bStep, depth, target, cRow, start, fromRow);
        } else {
          tile4(aGroup, aStep, bGroup, bStep, depth, target, cRow, start, fromRow);
        }
        i += height;
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
  const transposeA = integer(9) != 0;
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
      <usize>(transposeA ? m : k) << 2,
      integer(1) + ((<usize>batch * integer(12)) << 2),
      integer(2) + (<usize>(batch * m * n) << 2),
      <usize>n << 2,
      init,
      integer(4),
      k,
      n,
      transposeA,
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
 * (0: one row for all) and its matrices initStride. `packed` is room for op(b) with n made a multiple of 8, or 0: with it
 * op(b) is packed once, by all threads, for all blocks of rows. Only for a batch of one.
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

/** Items are products. */
function productsRange(begin: i32, end: i32): void {
  for (let item = begin; item < end; item++) {
    const at = integer(0) + <usize>item * 24;
    const a = load<usize>(at);
    const b = load<usize>(at, 4);
    const c = load<usize>(at, 8);
    const m = load<i32>(at, 12);
    const k = load<i32>(at, 16);
    const n = load<i32>(at, 20);
    const row = <usize>n << 2;
    for (let i = 0; i < m; i += M_BLOCK) {
      block(a, <usize>m << 2, b, c, row, c, row, k, n, true, false, i, min(M_BLOCK, m - i), 0, n, 0);
    }
  }
}

/** Several c += aᵀ · b, each by one thread: a table of the addresses of a, b and c and of m, k and n. */
export function addProducts(table: usize, count: i32): void {
  setInteger(0, table);
  parallel(productsRange, count, 1);
}

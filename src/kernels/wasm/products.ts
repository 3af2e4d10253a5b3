import type { Backend, MatmulLayout, WeightProduct } from "../backend.js";
import { sizeOf } from "../storage.js";
import type { Engine } from "./engine.js";

type Products = Pick<Backend, "matmul" | "matmulInto" | "addProducts" | "linear">;

/** Rows from which the other operand is packed once for all of them: the kernel cuts such products between rows. */
const SHARED_ROWS = 64;

/** Multiplications up to which a weight's product is left to one thread, while others do other products: about 0.3 ms. */
const ONE_THREAD = 8_000_000;

/** Room for a packed matrix [k, n], in elements: whole groups of eight columns. */
export const packedLength = (k: number, n: number): number => k * Math.ceil(n / 8) * 8;

/** Matrix products. */
export function products(engine: Engine): Products {
  const { kernels } = engine;

  /**
   * One product of the kernel's, `init` with rows initRow apart, with room to pack b for all rows of a where enough of
   * them share it.
   */
  function run(
    a: number,
    b: number,
    c: number,
    m: number,
    k: number,
    n: number,
    flagA: number,
    flagB: number,
    init: number,
    initRow: number,
  ): void {
    const bytes = m >= SHARED_ROWS && n > 1 && k > 1 ? packedLength(k, n) * 4 : 0;
    const packed = bytes > 0 ? engine.memory.allocate(bytes) : 0;
    kernels.matmul(a, b, c, 1, m, k, n, flagA, flagB, 0, 0, init, initRow, 0, packed);
    if (bytes > 0) engine.memory.free(packed, bytes);
  }

  /** c = init + op(a)·op(b), where init is 0 (nothing) or c itself. */
  function multiply(a: number, b: number, c: number, layout: MatmulLayout, init: number): void {
    const { batch, m, k, n, transposeA, transposeB, batchStrideA, batchStrideB, batchOffsets } = layout;
    if (batch * m * n === 0) return;
    if (k === 0) {
      if (init === 0) kernels.clear(c, batch * m * n * 4);
      return;
    }
    const flagA = transposeA ? 1 : 0;
    const flagB = transposeB ? 1 : 0;
    if (batchOffsets) {
      for (let i = 0; i < batch; i++) {
        const at = c + i * m * n * 4;
        const startA = a + batchOffsets.a[i] * 4;
        const startB = b + batchOffsets.b[i] * 4;
        run(startA, startB, at, m, k, n, flagA, flagB, init && at, n);
      }
      return;
    }
    if (batch === 1) run(a, b, c, m, k, n, flagA, flagB, init, n);
    else if (batchStrideB === 0 && !transposeA && batchStrideA === m * k) {
      // One b for all: the matrices of a lie one below the other and are one tall matrix.
      run(a, b, c, batch * m, k, n, flagA, flagB, init, n);
    } else kernels.matmul(a, b, c, batch, m, k, n, flagA, flagB, batchStrideA, batchStrideB, init, n, m * n, 0);
  }

  return {
    matmul(a, b, layout) {
      const from = engine.address(a);
      const by = engine.address(b);
      const c = engine.allocate(layout.batch * layout.m * layout.n);
      multiply(from, by, c.address, layout, 0);
      return c;
    },

    matmulInto(a, b, layout, into) {
      const c = engine.address(into);
      multiply(engine.address(a), engine.address(b), c, layout, c);
      into.storage.version++;
    },

    addProducts(products) {
      const small: WeightProduct[] = [];
      for (const product of products) {
        const { a, b, into } = product;
        const [k, m] = a.shape;
        const [, n] = b.shape;
        into.storage.version++;
        if (m * k * n > ONE_THREAD) {
          const c = engine.address(into);
          run(engine.address(a), engine.address(b), c, m, k, n, 1, 0, c, n);
        } else if (m * k * n > 0) small.push(product);
      }
      if (small.length === 0) return;
      // The longest first, so that the threads end together.
      const work = ({ a, b }: WeightProduct): number => a.shape[0] * a.shape[1] * b.shape[1];
      small.sort((x, y) => work(y) - work(x));
      const table: number[] = [];
      for (const { a, b, into } of small) {
        table.push(engine.address(a), engine.address(b), engine.address(into), a.shape[1], a.shape[0], b.shape[1]);
      }
      engine.withRoom([table.length], ([room]) => {
        engine.memory.int32.set(table, room >>> 2);
        kernels.addProducts(room, small.length);
      });
    },

    linear(x, w, bias, rows, k, n) {
      const from = engine.address(x);
      const weight = engine.address(w);
      const init = engine.addressOrNone(bias);
      const y = engine.allocate(rows * n);
      if (rows * n === 0) return y;
      const initRow = bias !== null && sizeOf(bias.shape) === rows * n ? n : 0;
      if (k > 0) run(from, weight, y.address, rows, k, n, 0, 1, init, initRow);
      else if (init === 0) kernels.clear(y.address, y.bytes);
      else for (let r = 0; r < rows; r++) kernels.copyBytes(init + r * initRow * 4, y.address + r * n * 4, n * 4);
      return y;
    },
  };
}

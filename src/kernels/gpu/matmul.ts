/**
 * The matrix product, a lesson in three variants:
 *
 *     c[i, j] = c₀[i, j] + Σₚ a[i, p] b[p, j]
 *
 * 1. {@link naive}: one thread, one output, one multiplication a turn. Every number of a is read n times, every number
 *    of b m times; only the hardware's caches help.
 * 2. {@link unrolled}: the same, four multiplications a turn into four running sums. Fewer loop tests, four independent
 *    chains of additions for the hardware to overlap, and a rounding error that grows with k / 4.
 * 3. {@link fourColumns}: one thread, four neighbouring outputs (gpu.js's `Array(4)`). A number of a that was read is
 *    used four times: 5 reads for 4 multiplications instead of 8. Where n is not a multiple of four the rows would not
 *    line up, so the unrolled kernel stands in.
 *
 * gpu.js has neither shared memory nor barriers, so a tile that several threads read together, the next step in any
 * other GPU language, cannot be written.
 *
 * All of them take strides, so that a transposed operand is read where it lies, and start from an addend c₀ with
 * strides of its own: 0 for a plain product, a bias repeated by row, or what the product is added to.
 */
import { layoutOf, type MatmulLayout, oneProduct, type WeightProduct } from "../backend.js";
import { type Operand, sizeOf } from "../storage.js";
import { quotient, remainder, whole as wholeNumber } from "./indexing.js";
import { type Kernel, type KernelThis, kernel } from "./kernel.js";
import { type Runtime, whole } from "./runtime.js";
import type { GpuStorage } from "./storage.js";

const parameters = [
  "operand",
  "operand",
  "operand",
  ...new Array<"integer">(12).fill("integer"),
] as const satisfies Kernel["parameters"];
const uses = [quotient, remainder, wholeNumber];

/** One output a thread, one multiplication a turn. */
export const naive = kernel(
  "matmul:naive",
  function matmul(
    this: KernelThis,
    a: number[],
    aOffset: number,
    b: number[],
    bOffset: number,
    c: number[],
    cOffset: number,
    m: number,
    k: number,
    n: number,
    aBatch: number,
    aRow: number,
    aColumn: number,
    bBatch: number,
    bRow: number,
    bColumn: number,
    cBatch: number,
    cRow: number,
    cColumn: number,
  ): number {
    const batch = this.quotient(this.thread.x, m * n);
    const i = this.remainder(this.quotient(this.thread.x, n), m);
    const j = this.remainder(this.thread.x, n);
    let sum = 0.0;
    for (let p = 0; p < k; p++) {
      sum +=
        a[aOffset + this.whole(batch) * aBatch + this.whole(i) * aRow + this.whole(p) * aColumn] *
        b[bOffset + this.whole(batch) * bBatch + this.whole(p) * bRow + this.whole(j) * bColumn];
    }
    return c[cOffset + this.whole(batch) * cBatch + this.whole(i) * cRow + this.whole(j) * cColumn] + sum;
  },
  parameters,
  uses,
);

/** One output a thread, four multiplications a turn. */
export const unrolled = kernel(
  "matmul:unrolled",
  function matmul(
    this: KernelThis,
    a: number[],
    aOffset: number,
    b: number[],
    bOffset: number,
    c: number[],
    cOffset: number,
    m: number,
    k: number,
    n: number,
    aBatch: number,
    aRow: number,
    aColumn: number,
    bBatch: number,
    bRow: number,
    bColumn: number,
    cBatch: number,
    cRow: number,
    cColumn: number,
  ): number {
    const batch = this.quotient(this.thread.x, m * n);
    const i = this.remainder(this.quotient(this.thread.x, n), m);
    const j = this.remainder(this.thread.x, n);
    let sum0 = 0.0;
    let sum1 = 0.0;
    let sum2 = 0.0;
    let sum3 = 0.0;
    // A counter that grows by p++ is a whole number; one that grows by four would be a float.
    for (let p = 0; 4 * p + 3 < k; p++) {
      sum0 +=
        a[aOffset + this.whole(batch) * aBatch + this.whole(i) * aRow + this.whole(4 * p) * aColumn] *
        b[bOffset + this.whole(batch) * bBatch + this.whole(4 * p) * bRow + this.whole(j) * bColumn];
      sum1 +=
        a[aOffset + this.whole(batch) * aBatch + this.whole(i) * aRow + this.whole(4 * p + 1) * aColumn] *
        b[bOffset + this.whole(batch) * bBatch + this.whole(4 * p + 1) * bRow + this.whole(j) * bColumn];
      sum2 +=
        a[aOffset + this.whole(batch) * aBatch + this.whole(i) * aRow + this.whole(4 * p + 2) * aColumn] *
        b[bOffset + this.whole(batch) * bBatch + this.whole(4 * p + 2) * bRow + this.whole(j) * bColumn];
      sum3 +=
        a[aOffset + this.whole(batch) * aBatch + this.whole(i) * aRow + this.whole(4 * p + 3) * aColumn] *
        b[bOffset + this.whole(batch) * bBatch + this.whole(4 * p + 3) * bRow + this.whole(j) * bColumn];
    }
    // What four does not divide.
    for (let q = 0; q < this.remainder(k, 4); q++) {
      sum0 +=
        a[aOffset + this.whole(batch) * aBatch + this.whole(i) * aRow + this.whole(k - 1 - q) * aColumn] *
        b[bOffset + this.whole(batch) * bBatch + this.whole(k - 1 - q) * bRow + this.whole(j) * bColumn];
    }
    return (
      c[cOffset + this.whole(batch) * cBatch + this.whole(i) * cRow + this.whole(j) * cColumn] +
      (sum0 + sum1 + (sum2 + sum3))
    );
  },
  parameters,
  uses,
);

/** Four neighbouring outputs of one row a thread; n must be a multiple of four. */
export const fourColumns = kernel(
  "matmul:fourColumns",
  function matmul(
    this: KernelThis,
    a: number[],
    aOffset: number,
    b: number[],
    bOffset: number,
    c: number[],
    cOffset: number,
    m: number,
    k: number,
    n: number,
    aBatch: number,
    aRow: number,
    aColumn: number,
    bBatch: number,
    bRow: number,
    bColumn: number,
    cBatch: number,
    cRow: number,
    cColumn: number,
  ): number[] {
    const batch = this.quotient(this.thread.x * 4, m * n);
    const i = this.remainder(this.quotient(this.thread.x * 4, n), m);
    const j = this.remainder(this.thread.x * 4, n);
    let sum0 = 0.0;
    let sum1 = 0.0;
    let sum2 = 0.0;
    let sum3 = 0.0;
    for (let p = 0; p < k; p++) {
      const left = a[aOffset + this.whole(batch) * aBatch + this.whole(i) * aRow + this.whole(p) * aColumn];
      sum0 += left * b[bOffset + this.whole(batch) * bBatch + this.whole(p) * bRow + this.whole(j) * bColumn];
      sum1 += left * b[bOffset + this.whole(batch) * bBatch + this.whole(p) * bRow + (this.whole(j) + 1) * bColumn];
      sum2 += left * b[bOffset + this.whole(batch) * bBatch + this.whole(p) * bRow + (this.whole(j) + 2) * bColumn];
      sum3 += left * b[bOffset + this.whole(batch) * bBatch + this.whole(p) * bRow + (this.whole(j) + 3) * bColumn];
    }
    return [
      c[cOffset + this.whole(batch) * cBatch + this.whole(i) * cRow + this.whole(j) * cColumn] + sum0,
      c[cOffset + this.whole(batch) * cBatch + this.whole(i) * cRow + (this.whole(j) + 1) * cColumn] + sum1,
      c[cOffset + this.whole(batch) * cBatch + this.whole(i) * cRow + (this.whole(j) + 2) * cColumn] + sum2,
      c[cOffset + this.whole(batch) * cBatch + this.whole(i) * cRow + (this.whole(j) + 3) * cColumn] + sum3,
    ];
  },
  parameters,
  uses,
  4,
);

/** The variants by name, for the benchmark. */
export const matmulVariants = { naive, unrolled, fourColumns } as const;
export type MatmulVariant = keyof typeof matmulVariants;

/** The same product where the matrices of a batch begin at listed places: pairs of offsets, one for a and one for b. */
const listed = kernel(
  "matmul:listed",
  function matmul(
    this: KernelThis,
    a: number[],
    aOffset: number,
    b: number[],
    bOffset: number,
    c: number[],
    cOffset: number,
    starts: number[],
    startsOffset: number,
    m: number,
    k: number,
    n: number,
    aRow: number,
    aColumn: number,
    bRow: number,
    bColumn: number,
    cBatch: number,
    cRow: number,
    cColumn: number,
  ): number {
    const batch = this.quotient(this.thread.x, m * n);
    const i = this.remainder(this.quotient(this.thread.x, n), m);
    const j = this.remainder(this.thread.x, n);
    const startA = starts[startsOffset + 2 * this.whole(batch)];
    const startB = starts[startsOffset + 2 * this.whole(batch) + 1];
    let sum = 0.0;
    for (let p = 0; p < k; p++) {
      sum +=
        a[aOffset + this.whole(startA) + this.whole(i) * aRow + this.whole(p) * aColumn] *
        b[bOffset + this.whole(startB) + this.whole(p) * bRow + this.whole(j) * bColumn];
    }
    return c[cOffset + this.whole(batch) * cBatch + this.whole(i) * cRow + this.whole(j) * cColumn] + sum;
  },
  ["operand", "operand", "operand", "operand", ...new Array<"integer">(10).fill("integer")],
  uses,
);

/** What a product starts from, and how it is laid out under [batch, m, n]. */
interface Addend {
  readonly operand: Operand;
  readonly strides: readonly [batch: number, row: number, column: number];
}

/** Under WebGL, groups of four numbers take a second launch, which so many multiplications pay for; measured in `docs/gpu.md`. */
const spreadWork = 32 ** 3;

/** The variant in use: the fastest in each mode. */
function best({ context: { mode } }: Runtime, { batch, m, k, n }: MatmulLayout): Kernel {
  const spreads = mode === "webgl2" || mode === "headlessgl";
  return n % 4 > 0 || (spreads && batch * m * k * n < spreadWork) ? unrolled : fourColumns;
}

export function product(
  gpu: Runtime,
  operation: string,
  a: Operand,
  b: Operand,
  layout: MatmulLayout,
  addend: Addend,
  variant: Kernel = best(gpu, layout),
): GpuStorage {
  const { batch, m, k, n, transposeA, transposeB, batchStrideA, batchStrideB, batchOffsets } = layout;
  const [aRow, aColumn] = transposeA ? [1, m] : [k, 1];
  const [bRow, bColumn] = transposeB ? [1, k] : [n, 1];
  const length = batch * m * n;
  if (batchOffsets === undefined) {
    const sizes = [m, k, n, batchStrideA, aRow, aColumn, batchStrideB, bRow, bColumn, ...addend.strides];
    return gpu.launch(operation, variant, [a, b, addend.operand, ...sizes], length);
  }
  const pairs = Int32Array.from({ length: 2 * batch }, (_, i) => batchOffsets[i % 2 === 0 ? "a" : "b"][i >> 1]);
  const starts = gpu.upload(pairs, "int32");
  const sizes = [m, k, n, aRow, aColumn, bRow, bColumn, ...addend.strides];
  const c = gpu.launch(operation, listed, [a, b, addend.operand, whole(starts), ...sizes], length);
  starts.release();
  return c;
}

export function matmul(gpu: Runtime, a: Operand, b: Operand, layout: MatmulLayout, variant?: Kernel): GpuStorage {
  return product(gpu, "matmul", a, b, layout, { operand: gpu.constant(0), strides: [0, 0, 0] }, variant);
}

export function matmulInto(gpu: Runtime, a: Operand, b: Operand, layout: MatmulLayout, into: Operand): void {
  const { m, n } = layout;
  const sum = product(gpu, "matmul", a, b, layout, { operand: into, strides: [m * n, n, 1] });
  gpu.write("matmul", into, sum);
}

export function addProducts(gpu: Runtime, products: readonly WeightProduct[]): void {
  for (const product of products) matmulInto(gpu, product.a, product.b, layoutOf(product), product.into);
}

export function linear(
  gpu: Runtime,
  x: Operand,
  w: Operand,
  bias: Operand | null,
  rows: number,
  k: number,
  n: number,
): GpuStorage {
  const addend: Addend =
    bias === null
      ? { operand: gpu.constant(0), strides: [0, 0, 0] }
      : { operand: bias, strides: [0, sizeOf(bias.shape) === n ? 0 : n, 1] };
  return product(gpu, "linear", x, w, oneProduct(rows, k, n, { transposeB: true }), addend);
}

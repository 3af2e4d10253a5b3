import { layoutOf, type MatmulLayout, oneProduct, type WeightProduct } from "../backend.js";
import { hostView, type NumberArray, type Operand, type Storage } from "../storage.js";
import { allocate, store } from "./storage.js";

/** c[b, i, j] = Σₚ a[b, i, p] b[b, p, j] */
export function matmul(a: Operand, b: Operand, layout: MatmulLayout): Storage {
  const c = allocate(a.storage.dtype, layout.batch * layout.m * layout.n);
  addProduct(hostView(a), hostView(b), layout, c);
  return store(a.storage.dtype, c);
}

/** c[b, i, j] ← c[b, i, j] + Σₚ a[b, i, p] b[b, p, j] */
export function matmulInto(a: Operand, b: Operand, layout: MatmulLayout, into: Operand): void {
  addProduct(hostView(a), hostView(b), layout, hostView(into));
  into.storage.version++;
}

/** into[i, j] ← into[i, j] + Σₚ a[p, i] b[p, j], for each. */
export function addProducts(products: readonly WeightProduct[]): void {
  for (const product of products) matmulInto(product.a, product.b, layoutOf(product), product.into);
}

/** y[i, j] = Σₚ x[i, p] w[j, p] + bias[j], or + bias[i, j] */
export function linear(x: Operand, w: Operand, bias: Operand | null, rows: number, k: number, n: number): Storage {
  const y = allocate(x.storage.dtype, rows * n);
  addProduct(hostView(x), hostView(w), oneProduct(rows, k, n, { transposeB: true }), y);
  if (bias !== null) {
    const shift = hostView(bias);
    const rowStride = shift.length === n ? 0 : n;
    for (let i = 0; i < rows; i++) for (let j = 0; j < n; j++) y[i * n + j] += shift[i * rowStride + j];
  }
  return store(x.storage.dtype, y);
}

/** Adds the product to c. Every sum runs in the order of p; only the order of the loops follows the memory of b. */
function addProduct(a: NumberArray, b: NumberArray, layout: MatmulLayout, c: NumberArray): void {
  const { batch, m, k, n, transposeA, transposeB, batchOffsets } = layout;
  const rowA = transposeA ? 1 : k;
  const columnA = transposeA ? m : 1;
  for (let matrix = 0; matrix < batch; matrix++) {
    const startA = batchOffsets ? batchOffsets.a[matrix] : matrix * layout.batchStrideA;
    const startB = batchOffsets ? batchOffsets.b[matrix] : matrix * layout.batchStrideB;
    for (let i = 0; i < m; i++) {
      const fromA = startA + i * rowA;
      const toC = (matrix * m + i) * n;
      if (transposeB) {
        for (let j = 0; j < n; j++) c[toC + j] += dot(a, fromA, columnA, b, startB + j * k, k);
      } else {
        for (let p = 0; p < k; p++) addRow(a[fromA + p * columnA], b, startB + p * n, c, toC, n);
      }
    }
  }
}

/** Σₚ a[p] b[p], b contiguous */
function dot(a: NumberArray, startA: number, strideA: number, b: NumberArray, startB: number, k: number): number {
  let total = 0;
  for (let p = 0, at = startA; p < k; p++, at += strideA) total += a[at] * b[startB + p];
  return total;
}

/** c[j] ← c[j] + factor · b[j], both contiguous */
function addRow(factor: number, b: NumberArray, startB: number, c: NumberArray, startC: number, n: number): void {
  for (let j = 0; j < n; j++) c[startC + j] += factor * b[startB + j];
}

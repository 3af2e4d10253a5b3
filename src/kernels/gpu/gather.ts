/**
 * Gathering rows by index, and its adjoint without atomic additions: instead of every row of x adding itself to a place
 * that others also write, every place of y asks which rows are its own.
 *
 * {@link masked} asks all of them. {@link sorted} is given the rows in the order of their targets and finds the first of
 * its own by halving; the order comes from the host, which knows the indices whenever they came from there.
 */
import type { AxisLayout } from "../backend.js";
import { type Operand, sizeOf } from "../storage.js";
import { quotient, remainder, whole as wholeNumber } from "./indexing.js";
import { type KernelThis, kernel } from "./kernel.js";
import { type Runtime, whole } from "./runtime.js";
import type { GpuStorage } from "./storage.js";

const uses = [quotient, remainder, wholeNumber];

/** y[o, i, k] = x[o, indices[i], k] */
const gathered = kernel(
  "gather",
  function gather(
    this: KernelThis,
    x: number[],
    xOffset: number,
    indices: number[],
    indicesOffset: number,
    count: number,
    length: number,
    inner: number,
  ): number {
    const outer = this.quotient(this.thread.x, count * inner);
    const index = indices[indicesOffset + this.remainder(this.quotient(this.thread.x, inner), count)];
    return x[xOffset + (this.whole(outer) * length + this.whole(index)) * inner + this.remainder(this.thread.x, inner)];
  },
  ["operand", "operand", "integer", "integer", "integer"],
  uses,
);

/** y[o, r, k] = into[o, r, k] + Σ x[o, i, k] over all i with indices[i] = r */
export const masked = kernel(
  "scatterAdd:masked",
  function scatterAdd(
    this: KernelThis,
    x: number[],
    xOffset: number,
    indices: number[],
    indicesOffset: number,
    into: number[],
    intoOffset: number,
    count: number,
    length: number,
    inner: number,
    added: number,
  ): number {
    const outer = this.quotient(this.thread.x, length * inner);
    const row = this.remainder(this.quotient(this.thread.x, inner), length);
    const k = this.remainder(this.thread.x, inner);
    let sum = into[intoOffset + added * this.thread.x];
    for (let i = 0; i < count; i++) {
      if (indices[indicesOffset + i] === row) {
        sum += x[xOffset + (this.whole(outer) * count + this.whole(i)) * inner + this.whole(k)];
      }
    }
    return sum;
  },
  ["operand", "operand", "operand", "integer", "integer", "integer", "integer"],
  uses,
);

/** The same, given `order`: first all i by their target, equal ones by i, then the targets in that order. */
export const sorted = kernel(
  "scatterAdd:sorted",
  function scatterAdd(
    this: KernelThis,
    x: number[],
    xOffset: number,
    order: number[],
    orderOffset: number,
    into: number[],
    intoOffset: number,
    count: number,
    length: number,
    inner: number,
    added: number,
  ): number {
    const outer = this.quotient(this.thread.x, length * inner);
    const row = this.remainder(this.quotient(this.thread.x, inner), length);
    const k = this.remainder(this.thread.x, inner);
    let sum = into[intoOffset + added * this.thread.x];
    // The first place in the sorted targets that is not below row.
    let first = 0.0;
    let end = count;
    for (let turn = 0; turn < 32; turn++) {
      if (first < end) {
        const middle = Math.floor((first + end) * 0.5);
        if (order[orderOffset + count + this.whole(middle)] < row) {
          first = middle + 1.0;
        } else {
          end = middle;
        }
      }
    }
    for (let place = 0; place < count; place++) {
      if (this.whole(first) + place >= count) {
        break;
      }
      if (order[orderOffset + count + this.whole(first + place)] > row) {
        break;
      }
      const i = order[orderOffset + this.whole(first + place)];
      sum += x[xOffset + (this.whole(outer) * count + this.whole(i)) * inner + this.whole(k)];
    }
    return sum;
  },
  ["operand", "operand", "operand", "integer", "integer", "integer", "integer"],
  uses,
);

export function gather(gpu: Runtime, x: Operand, indices: Operand, { outer, length, inner }: AxisLayout): GpuStorage {
  const count = sizeOf(indices.shape);
  return gpu.launch("gather", gathered, [x, indices, count, length, inner], outer * count * inner, x.storage.dtype);
}

/** The order that {@link sorted} wants. */
function orderOf(indices: Int32Array): Int32Array {
  const order = indices.map((_, i) => i).sort((i, j) => indices[i] - indices[j] || i - j);
  return Int32Array.from([...order, ...order.map((i) => indices[i])]);
}

/** `into` plus the scattered rows, as a new storage. */
function scattered(
  gpu: Runtime,
  x: Operand,
  indices: Operand,
  { outer, length, inner }: AxisLayout,
  into: Operand | null,
): GpuStorage {
  const count = sizeOf(indices.shape);
  const size = outer * length * inner;
  const sizes = [count, length, inner, into === null ? 0 : 1];
  const { dtype } = x.storage;
  const base = into ?? gpu.constant(0);
  const known = gpu.knownIntegers(indices);
  if (known === null || count === 0) {
    return gpu.launch("scatterAdd", masked, [x, indices, base, ...sizes], size, dtype);
  }
  const order = gpu.upload(orderOf(known), "int32");
  const y = gpu.launch("scatterAdd", sorted, [x, whole(order), base, ...sizes], size, dtype);
  order.release();
  return y;
}

export const scatterAdd = (gpu: Runtime, x: Operand, indices: Operand, layout: AxisLayout): GpuStorage =>
  scattered(gpu, x, indices, layout, null);

export function scatterAddInto(gpu: Runtime, x: Operand, indices: Operand, layout: AxisLayout, into: Operand): void {
  gpu.write("scatterAdd", into, scattered(gpu, x, indices, layout, into));
}

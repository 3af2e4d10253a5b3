/**
 * Reductions along one axis. A thread walks at most {@link chunk} elements; a longer axis is reduced in rounds, each
 * of which leaves one partial result per chunk, so that a long sum stays both parallel and accurate.
 */
import type { AxisLayout, Reduction } from "../backend.js";
import type { DType, Operand } from "../storage.js";
import { least, quotient, remainder, whole as wholeNumber } from "./indexing.js";
import {
  type DeviceFunction,
  type DeviceFunctions,
  deviceFunction,
  type Kernel,
  type KernelThis,
  kernel,
} from "./kernel.js";
import { type Runtime, whole } from "./runtime.js";
import { combinations } from "./scalar-functions.js";
import type { GpuStorage } from "./storage.js";

/** Elements that one thread reduces. */
export const chunk = 256;

const parameters = ["operand", "integer", "integer", "integer", "integer"] as const;
const uses = [quotient, remainder, wholeNumber, least];

/**
 * Σ f(x[o, ·, i]) over one chunk, in four running sums, so that the rounding error grows with a quarter of the chunk.
 * The thread's coordinates: outer, chunk, inner.
 */
const total = (name: string, term: DeviceFunction): Kernel =>
  kernel(
    `reduce:${name}`,
    function total(
      this: KernelThis,
      x: number[],
      xOffset: number,
      length: number,
      inner: number,
      chunks: number,
      size: number,
    ): number {
      const outer = this.quotient(this.thread.x, chunks * inner);
      const start = this.remainder(this.quotient(this.thread.x, inner), chunks);
      const i = this.remainder(this.thread.x, inner);
      const count = this.least(size, length - this.whole(start) * size);
      let sum0 = 0.0;
      let sum1 = 0.0;
      let sum2 = 0.0;
      let sum3 = 0.0;
      // A counter that grows by j++ is a whole number; one that grows by four would be a float.
      for (let j = 0; 4 * j + 3 < count; j++) {
        sum0 += this.f(
          x[
            xOffset +
              (this.whole(outer) * length + this.whole(start) * size + this.whole(4 * j)) * inner +
              this.whole(i)
          ],
        );
        sum1 += this.f(
          x[
            xOffset +
              (this.whole(outer) * length + this.whole(start) * size + this.whole(4 * j + 1)) * inner +
              this.whole(i)
          ],
        );
        sum2 += this.f(
          x[
            xOffset +
              (this.whole(outer) * length + this.whole(start) * size + this.whole(4 * j + 2)) * inner +
              this.whole(i)
          ],
        );
        sum3 += this.f(
          x[
            xOffset +
              (this.whole(outer) * length + this.whole(start) * size + this.whole(4 * j + 3)) * inner +
              this.whole(i)
          ],
        );
      }
      // What four does not divide.
      for (let l = 0; l < this.remainder(this.whole(count), 4); l++) {
        sum0 += this.f(
          x[
            xOffset +
              (this.whole(outer) * length + this.whole(start) * size + this.whole(count - 1 - l)) * inner +
              this.whole(i)
          ],
        );
      }
      return sum0 + sum1 + (sum2 + sum3);
    },
    parameters,
    [...uses, term],
  );

const sum = total(
  "sum",
  deviceFunction("f", function f(this: DeviceFunctions, x: number): number {
    return x;
  }),
);
const squares = total(
  "squares",
  deviceFunction("f", function f(this: DeviceFunctions, x: number): number {
    return x * x;
  }),
);

/** The largest or smallest of one chunk, by the scalar function that a NaN passes through. */
const extreme = (name: "maximum" | "minimum"): Kernel =>
  kernel(
    `reduce:${name}`,
    function extreme(
      this: KernelThis,
      x: number[],
      xOffset: number,
      length: number,
      inner: number,
      chunks: number,
      size: number,
    ): number {
      const outer = this.quotient(this.thread.x, chunks * inner);
      const start = this.remainder(this.quotient(this.thread.x, inner), chunks);
      const i = this.remainder(this.thread.x, inner);
      const count = this.least(size, length - this.whole(start) * size);
      let best = x[xOffset + (this.whole(outer) * length + this.whole(start) * size) * inner + this.whole(i)];
      for (let j = 1; j < count; j++) {
        best = this.combine(
          best,
          x[xOffset + (this.whole(outer) * length + this.whole(start) * size + this.whole(j)) * inner + this.whole(i)],
        );
      }
      return best;
    },
    parameters,
    [...uses, combinations[name]],
  );
const largest = extreme("maximum");
const smallest = extreme("minimum");

/** 1 for a number, 0 for NaN, with which no comparison holds. */
const isNumber = deviceFunction("isNumber", function isNumber(this: DeviceFunctions, x: number): number {
  if (x <= 0) {
    return 1.0;
  }
  if (x > 0) {
    return 1.0;
  }
  return 0.0;
});

/** The first index along the axis whose value is largest times `sign`, of one chunk of candidates c[o, ·, i]; NaN beats all. */
const argLargest = kernel(
  "reduce:argLargest",
  function argLargest(
    this: KernelThis,
    c: number[],
    cOffset: number,
    length: number,
    inner: number,
    chunks: number,
    size: number,
    x: number[],
    xOffset: number,
    axis: number,
    given: number,
    sign: number,
  ): number {
    const outer = this.quotient(this.thread.x, chunks * inner);
    const start = this.remainder(this.quotient(this.thread.x, inner), chunks);
    const i = this.remainder(this.thread.x, inner);
    const count = this.least(size, length - this.whole(start) * size);
    let best = 0.0;
    let bestValue = 0.0;
    for (let j = 0; j < count; j++) {
      // In the first round (given = 0) every index is a candidate, in the later ones the winners of the one before.
      let index = this.whole(start) * size + j;
      if (given > 0) {
        index =
          c[cOffset + (this.whole(outer) * length + this.whole(start) * size + this.whole(j)) * inner + this.whole(i)];
      }
      const value = sign * x[xOffset + (this.whole(outer) * axis + this.whole(index)) * inner + this.whole(i)];
      let better = 0.0;
      if (j === 0) {
        better = 1.0;
      }
      if (value > bestValue) {
        better = 1.0;
      }
      if (this.isNumber(value) < this.isNumber(bestValue)) {
        better = 1.0;
      }
      if (better > 0) {
        best = index;
        bestValue = value;
      }
    }
    return best;
  },
  [...parameters, "operand", "integer", "integer", "number"],
  [...uses, isNumber],
);

/**
 * Rounds of one kernel until a single value is left per [outer, inner]; `first` replaces it in the first round.
 * `extra` is what the kernel takes after the layout.
 */
export function inRounds(
  gpu: Runtime,
  operation: string,
  kernels: { first: Kernel; next: Kernel },
  x: Operand,
  { outer, length, inner }: AxisLayout,
  extra: (round: number) => (Operand | number)[] = () => [],
  dtype: DType = "float32",
): GpuStorage {
  let from = x;
  let left = length;
  let made: GpuStorage | null = null;
  for (let round = 0; made === null || left > 1; round++) {
    const chunks = Math.max(1, Math.ceil(left / chunk));
    const next: GpuStorage = gpu.launch(
      operation,
      round === 0 ? kernels.first : kernels.next,
      [from, left, inner, chunks, chunk, ...extra(round)],
      outer * chunks * inner,
      dtype,
    );
    made?.release();
    made = next;
    from = whole(made);
    left = chunks;
  }
  return made;
}

const once = (program: Kernel): { first: Kernel; next: Kernel } => ({ first: program, next: program });

/** Σ of partial results [outer, length, inner]. */
export const sumOf = (gpu: Runtime, operation: string, x: Operand, layout: AxisLayout): GpuStorage =>
  inRounds(gpu, operation, once(sum), x, layout);

export function reduce(gpu: Runtime, f: Reduction, x: Operand, layout: AxisLayout): GpuStorage {
  const { dtype } = x.storage;
  const sumType = dtype === "bool" ? "int32" : dtype;
  switch (f) {
    case "sum":
      return inRounds(gpu, f, once(sum), x, layout, undefined, sumType);
    case "sumOfSquares":
      return inRounds(gpu, f, { first: squares, next: sum }, x, layout, undefined, sumType);
    case "max":
    case "min":
      return inRounds(gpu, f, once(f === "max" ? largest : smallest), x, layout, undefined, dtype);
    default:
      return inRounds(
        gpu,
        f,
        once(argLargest),
        x,
        layout,
        (round) => [x, layout.length, round === 0 ? 0 : 1, f === "argmax" ? 1 : -1],
        "int32",
      );
  }
}

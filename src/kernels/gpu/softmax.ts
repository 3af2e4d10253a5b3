/**
 * Softmax along an axis, a lesson in three variants:
 *
 *     yⱼ = exp(xⱼ − max x) / Σᵢ exp(xᵢ − max x)
 *
 * 1. {@link plain}: one thread, one output. Each walks its whole row twice, for the maximum and for the sum, so a row of
 *    n takes n² exponentials; but it is a single launch, which wins while there is next to nothing to do.
 * 2. {@link twoPass}: the maximum of every row, then the sum of every row, each by one thread a row (or one a chunk, where
 *    rows are long), then one thread an output. n exponentials for the sum and n for the outputs.
 * 3. {@link online}: maximum and sum in one walk. Where a larger maximum turns up, the sum so far is scaled by
 *    exp(old − new) (Milakov & Gimelshein 2018). One read of the row less, at up to one exponential more an element;
 *    a thread returns both numbers through gpu.js's `Array(2)`.
 *
 * Masked places count neither for the maximum nor for the sum. With nothing left, the maximum stays at the lowest float32
 * and the outputs are 0 because every place is masked.
 */
import type { AxisLayout } from "../backend.js";
import { type Operand, sizeOf } from "../storage.js";
import { expDifference } from "./exponential.js";
import { least, quotient, remainder, whole as wholeNumber } from "./indexing.js";
import { type Kernel, type KernelThis, kernel } from "./kernel.js";
import { chunk, inRounds, sumOf } from "./reduce.js";
import { type Runtime, whole } from "./runtime.js";
import { combinations } from "./scalar-functions.js";
import type { GpuStorage } from "./storage.js";

const uses = [quotient, remainder, wholeNumber, least, expDifference, combinations.maximum];

/**
 * The mask of a row: one row of it for `repeat` rows of x, or, with keys = 0, a single 1 for all. (Masks come with
 * inner = 1 only.)
 */
const maskParameters = ["operand", "integer", "integer"] as const;

/** One launch: every output thread walks its row twice. */
const plainKernel = kernel(
  "softmax:plain",
  function softmax(
    this: KernelThis,
    x: number[],
    xOffset: number,
    length: number,
    inner: number,
    mask: number[],
    maskOffset: number,
    keys: number,
    repeat: number,
  ): number {
    const outer = this.quotient(this.thread.x, length * inner);
    const place = this.remainder(this.quotient(this.thread.x, inner), length);
    const i = this.remainder(this.thread.x, inner);
    const maskRow = this.quotient(this.whole(outer), repeat);
    if (mask[maskOffset + keys * (this.whole(maskRow) * length + this.whole(place))] === 0) {
      return 0.0;
    }
    let max = -3.4028234663852886e38;
    for (let j = 0; j < length; j++) {
      if (mask[maskOffset + keys * (this.whole(maskRow) * length + this.whole(j))] > 0) {
        max = this.combine(max, x[xOffset + (this.whole(outer) * length + this.whole(j)) * inner + this.whole(i)]);
      }
    }
    let sum0 = 0.0;
    let sum1 = 0.0;
    let sum2 = 0.0;
    let sum3 = 0.0;
    for (let l = 0; l < length; l++) {
      if (mask[maskOffset + keys * (this.whole(maskRow) * length + this.whole(l))] > 0) {
        const value = x[xOffset + (this.whole(outer) * length + this.whole(l)) * inner + this.whole(i)];
        const next = sum0 + this.expDifference(value, max);
        sum0 = sum1;
        sum1 = sum2;
        sum2 = sum3;
        sum3 = next;
      }
    }
    return this.expDifference(x[xOffset + this.thread.x], max) / (sum0 + sum1 + (sum2 + sum3));
  },
  ["operand", "integer", "integer", ...maskParameters],
  uses,
);

/** The maximum of one chunk of a row, masked places left out. */
const maskedMaximum = kernel(
  "softmax:maximum",
  function maximum(
    this: KernelThis,
    x: number[],
    xOffset: number,
    length: number,
    inner: number,
    chunks: number,
    size: number,
    mask: number[],
    maskOffset: number,
    keys: number,
    repeat: number,
  ): number {
    const outer = this.quotient(this.thread.x, chunks * inner);
    const start = this.remainder(this.quotient(this.thread.x, inner), chunks);
    const i = this.remainder(this.thread.x, inner);
    const maskRow = this.quotient(this.whole(outer), repeat);
    const count = this.least(size, length - this.whole(start) * size);
    let max = -3.4028234663852886e38;
    for (let j = 0; j < count; j++) {
      if (mask[maskOffset + keys * (this.whole(maskRow) * length + this.whole(start) * size + this.whole(j))] > 0) {
        max = this.combine(
          max,
          x[xOffset + (this.whole(outer) * length + this.whole(start) * size + this.whole(j)) * inner + this.whole(i)],
        );
      }
    }
    return max;
  },
  ["operand", "integer", "integer", "integer", "integer", ...maskParameters],
  uses,
);

/**
 * Σ exp(x − max) of one chunk of a row, in four running sums that take turns. (Kahan's summation would lose less, but
 * drivers that reckon as if numbers were real cross it out.)
 */
const exponentialSum = kernel(
  "softmax:sum",
  function exponentialSum(
    this: KernelThis,
    x: number[],
    xOffset: number,
    length: number,
    inner: number,
    chunks: number,
    size: number,
    max: number[],
    maxOffset: number,
    mask: number[],
    maskOffset: number,
    keys: number,
    repeat: number,
  ): number {
    const outer = this.quotient(this.thread.x, chunks * inner);
    const start = this.remainder(this.quotient(this.thread.x, inner), chunks);
    const i = this.remainder(this.thread.x, inner);
    const maskRow = this.quotient(this.whole(outer), repeat);
    const count = this.least(size, length - this.whole(start) * size);
    const rowMax = max[maxOffset + this.whole(outer) * inner + this.whole(i)];
    let sum0 = 0.0;
    let sum1 = 0.0;
    let sum2 = 0.0;
    let sum3 = 0.0;
    for (let j = 0; j < count; j++) {
      if (mask[maskOffset + keys * (this.whole(maskRow) * length + this.whole(start) * size + this.whole(j))] > 0) {
        const value =
          x[xOffset + (this.whole(outer) * length + this.whole(start) * size + this.whole(j)) * inner + this.whole(i)];
        const next = sum0 + this.expDifference(value, rowMax);
        sum0 = sum1;
        sum1 = sum2;
        sum2 = sum3;
        sum3 = next;
      }
    }
    return sum0 + sum1 + (sum2 + sum3);
  },
  ["operand", "integer", "integer", "integer", "integer", "operand", ...maskParameters],
  uses,
);

/** y = exp(x − max) / sum; `step` numbers lie between one row's pair and the next where both come from one array */
const normalized = kernel(
  "softmax:normalized",
  function normalized(
    this: KernelThis,
    x: number[],
    xOffset: number,
    max: number[],
    maxOffset: number,
    sum: number[],
    sumOffset: number,
    step: number,
    length: number,
    inner: number,
    mask: number[],
    maskOffset: number,
    keys: number,
    repeat: number,
  ): number {
    const outer = this.quotient(this.thread.x, length * inner);
    const place = this.remainder(this.quotient(this.thread.x, inner), length);
    const row = this.whole(outer) * inner + this.remainder(this.thread.x, inner);
    const maskRow = this.quotient(this.whole(outer), repeat);
    if (mask[maskOffset + keys * (this.whole(maskRow) * length + this.whole(place))] === 0) {
      return 0.0;
    }
    return (
      this.expDifference(x[xOffset + this.thread.x], max[maxOffset + this.whole(row) * step]) /
      sum[sumOffset + this.whole(row) * step]
    );
  },
  ["operand", "operand", "operand", "integer", "integer", "integer", ...maskParameters],
  uses,
);

/** Maximum and sum of a row in one walk; returns the pair. */
const onlinePair = kernel(
  "softmax:online",
  function online(
    this: KernelThis,
    x: number[],
    xOffset: number,
    length: number,
    inner: number,
    mask: number[],
    maskOffset: number,
    keys: number,
    repeat: number,
  ): number[] {
    const outer = this.quotient(this.thread.x, inner);
    const i = this.remainder(this.thread.x, inner);
    const maskRow = this.quotient(this.whole(outer), repeat);
    let max = -3.4028234663852886e38;
    let sum = 0.0;
    for (let j = 0; j < length; j++) {
      if (mask[maskOffset + keys * (this.whole(maskRow) * length + this.whole(j))] > 0) {
        const value = x[xOffset + (this.whole(outer) * length + this.whole(j)) * inner + this.whole(i)];
        if (value > max) {
          sum = sum * this.expDifference(max, value) + 1.0;
          max = value;
        } else {
          sum = sum + this.expDifference(value, max);
        }
      }
    }
    return [max, sum];
  },
  ["operand", "integer", "integer", ...maskParameters],
  uses,
  2,
);

/** x̄ = y (ȳ − Σ ȳ y), the sum given by row */
const backward = kernel(
  "softmax:backward",
  function softmaxBackward(
    this: KernelThis,
    y: number[],
    yOffset: number,
    gy: number[],
    gyOffset: number,
    dot: number[],
    dotOffset: number,
    length: number,
    inner: number,
  ): number {
    const row = this.quotient(this.thread.x, length * inner) * inner + this.remainder(this.thread.x, inner);
    return y[yOffset + this.thread.x] * (gy[gyOffset + this.thread.x] - dot[dotOffset + this.whole(row)]);
  },
  ["operand", "operand", "operand", "integer", "integer"],
  uses,
);

/** Σ ȳ y of one chunk of a row */
const rowDot = kernel(
  "softmax:dot",
  function rowDot(
    this: KernelThis,
    y: number[],
    yOffset: number,
    length: number,
    inner: number,
    chunks: number,
    size: number,
    gy: number[],
    gyOffset: number,
  ): number {
    const outer = this.quotient(this.thread.x, chunks * inner);
    const start = this.remainder(this.quotient(this.thread.x, inner), chunks);
    const i = this.remainder(this.thread.x, inner);
    const count = this.least(size, length - this.whole(start) * size);
    let sum = 0.0;
    for (let j = 0; j < count; j++) {
      sum +=
        y[yOffset + (this.whole(outer) * length + this.whole(start) * size + this.whole(j)) * inner + this.whole(i)] *
        gy[gyOffset + (this.whole(outer) * length + this.whole(start) * size + this.whole(j)) * inner + this.whole(i)];
    }
    return sum;
  },
  ["operand", "integer", "integer", "integer", "integer", "operand"],
  uses,
);

/** A mask as its three kernel arguments. */
type Mask = readonly [mask: Operand, keys: number, repeat: number];
const maskArguments = (gpu: Runtime, mask: Operand | null, repeat: number): Mask =>
  mask === null ? [gpu.constant(1), 0, 1] : [mask, 1, repeat];

/** A kernel over one chunk of a row each, and the reduction of what the chunks gave. */
export function byRow(
  gpu: Runtime,
  operation: string,
  program: Kernel,
  x: Operand,
  layout: AxisLayout,
  extra: readonly (Operand | number)[],
  combine: (partial: Operand, layout: AxisLayout) => GpuStorage,
): GpuStorage {
  const { outer, length, inner } = layout;
  const chunks = Math.max(1, Math.ceil(length / chunk));
  const partial = gpu.launch(operation, program, [x, length, inner, chunks, chunk, ...extra], outer * chunks * inner);
  if (chunks === 1) return partial;
  const result = combine(whole(partial), { outer, length: chunks, inner });
  partial.release();
  return result;
}

/** The maximum of every row and Σ exp(x − max). */
export function rowStatistics(
  gpu: Runtime,
  operation: string,
  x: Operand,
  layout: AxisLayout,
  mask: Mask = maskArguments(gpu, null, 1),
): { max: GpuStorage; sum: GpuStorage } {
  const unmasked = maskArguments(gpu, null, 1);
  const max = byRow(gpu, operation, maskedMaximum, x, layout, mask, (partial, rest) =>
    inRounds(gpu, operation, { first: maskedMaximum, next: maskedMaximum }, partial, rest, () => [...unmasked]),
  );
  const sum = byRow(gpu, operation, exponentialSum, x, layout, [whole(max), ...mask], (partial, rest) =>
    sumOf(gpu, operation, partial, rest),
  );
  return { max, sum };
}

type Variant = (gpu: Runtime, x: Operand, layout: AxisLayout, mask: Mask) => GpuStorage;

export const plain: Variant = (gpu, x, { length, inner }, mask) =>
  gpu.launch("softmax", plainKernel, [x, length, inner, ...mask], sizeOf(x.shape));

export const twoPass: Variant = (gpu, x, layout, mask) => {
  const { length, inner } = layout;
  const { max, sum } = rowStatistics(gpu, "softmax", x, layout, mask);
  const y = gpu.launch("softmax", normalized, [x, whole(max), whole(sum), 1, length, inner, ...mask], sizeOf(x.shape));
  max.release();
  sum.release();
  return y;
};

export const online: Variant = (gpu, x, { outer, length, inner }, mask) => {
  const pairs = gpu.launch("softmax", onlinePair, [x, length, inner, ...mask], 2 * outer * inner);
  const sums: Operand = { storage: pairs, offset: 1, shape: [pairs.length - 1] };
  const y = gpu.launch("softmax", normalized, [x, whole(pairs), sums, 2, length, inner, ...mask], sizeOf(x.shape));
  pairs.release();
  return y;
};

/** The variants by name, for the benchmark. */
export const softmaxVariants = { plain, twoPass, online } as const;
export type SoftmaxVariant = keyof typeof softmaxVariants;

/** With so few exponentials in all, one launch is cheaper than three; measured in `docs/gpu.md`. */
const plainWork = 4096;

export function softmax(
  gpu: Runtime,
  x: Operand,
  layout: AxisLayout,
  mask: Operand | null,
  maskRepeat: number,
  variant?: SoftmaxVariant,
): GpuStorage {
  const chosen = variant ?? (sizeOf(x.shape) * layout.length <= plainWork ? "plain" : "twoPass");
  return softmaxVariants[chosen](gpu, x, layout, maskArguments(gpu, mask, maskRepeat));
}

export function softmaxBackward(gpu: Runtime, y: Operand, gy: Operand, layout: AxisLayout): GpuStorage {
  const { length, inner } = layout;
  const dot = byRow(gpu, "softmax backward", rowDot, y, layout, [gy], (partial, rest) =>
    sumOf(gpu, "softmax backward", partial, rest),
  );
  const gx = gpu.launch("softmax backward", backward, [y, gy, whole(dot), length, inner], sizeOf(y.shape));
  dot.release();
  return gx;
}

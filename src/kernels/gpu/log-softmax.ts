/** Log-softmax and the cross-entropy on it. Maximum and logarithm are kept apart until the end: their sum would round. */
import type { AxisLayout } from "../backend.js";
import { type Operand, sizeOf } from "../storage.js";
import { exp, expDifference, log } from "./exponential.js";
import { least, quotient, remainder, whole as wholeNumber } from "./indexing.js";
import { type KernelThis, kernel } from "./kernel.js";
import { sumOf } from "./reduce.js";
import { type Runtime, whole } from "./runtime.js";
import { byRow, rowStatistics } from "./softmax.js";
import type { GpuStorage } from "./storage.js";

const uses = [quotient, remainder, wholeNumber, least, exp, expDifference, log];

/** y = (x − max) − ln sum */
const logarithm = kernel(
  "logSoftmax",
  function logSoftmax(
    this: KernelThis,
    x: number[],
    xOffset: number,
    max: number[],
    maxOffset: number,
    sum: number[],
    sumOffset: number,
    length: number,
    inner: number,
  ): number {
    const row = this.quotient(this.thread.x, length * inner) * inner + this.remainder(this.thread.x, inner);
    return x[xOffset + this.thread.x] - max[maxOffset + this.whole(row)] - this.log(sum[sumOffset + this.whole(row)]);
  },
  ["operand", "operand", "operand", "integer", "integer"],
  uses,
);

/** x̄ = ȳ − exp(y) Σ ȳ */
const backward = kernel(
  "logSoftmax:backward",
  function logSoftmaxBackward(
    this: KernelThis,
    y: number[],
    yOffset: number,
    gy: number[],
    gyOffset: number,
    total: number[],
    totalOffset: number,
    length: number,
    inner: number,
  ): number {
    const row = this.quotient(this.thread.x, length * inner) * inner + this.remainder(this.thread.x, inner);
    return gy[gyOffset + this.thread.x] - this.exp(y[yOffset + this.thread.x]) * total[totalOffset + this.whole(row)];
  },
  ["operand", "operand", "operand", "integer", "integer"],
  uses,
);

export function logSoftmax(gpu: Runtime, x: Operand, layout: AxisLayout): GpuStorage {
  const { max, sum } = rowStatistics(gpu, "logSoftmax", x, layout);
  const sizes = [layout.length, layout.inner];
  const y = gpu.launch("logSoftmax", logarithm, [x, whole(max), whole(sum), ...sizes], sizeOf(x.shape));
  max.release();
  sum.release();
  return y;
}

export function logSoftmaxBackward(gpu: Runtime, y: Operand, gy: Operand, layout: AxisLayout): GpuStorage {
  const total = sumOf(gpu, "logSoftmax backward", gy, layout);
  const sizes = [layout.length, layout.inner];
  const gx = gpu.launch("logSoftmax backward", backward, [y, gy, whole(total), ...sizes], sizeOf(y.shape));
  total.release();
  return gx;
}

/** Σ (x − max) of one chunk of a row */
const centredSum = kernel(
  "crossEntropy:sum",
  function centredSum(
    this: KernelThis,
    x: number[],
    xOffset: number,
    length: number,
    inner: number,
    chunks: number,
    size: number,
    max: number[],
    maxOffset: number,
  ): number {
    const row = this.quotient(this.thread.x, chunks);
    const start = this.remainder(this.thread.x, chunks);
    const count = this.least(size, length - this.whole(start) * size);
    const rowMax = max[maxOffset + this.whole(row)];
    let sum = 0.0;
    for (let j = 0; j < count; j++) {
      sum += x[xOffset + this.whole(row) * length * inner + this.whole(start) * size + this.whole(j)] - rowMax;
    }
    return sum;
  },
  ["operand", "integer", "integer", "integer", "integer", "operand"],
  uses,
);

/** ℓ = ln sum − (1 − ε) (x[target] − max) − ε / classes Σ (x − max), since the weights of the two sums add up to 1 */
const rowLoss = kernel(
  "crossEntropy",
  function crossEntropy(
    this: KernelThis,
    x: number[],
    xOffset: number,
    targets: number[],
    targetsOffset: number,
    max: number[],
    maxOffset: number,
    sum: number[],
    sumOffset: number,
    centred: number[],
    centredOffset: number,
    smoothed: number,
    classes: number,
    ignored: number,
    smoothing: number,
  ): number {
    const target = targets[targetsOffset + this.thread.x];
    if (target === ignored) {
      return 0.0;
    }
    const best = x[xOffset + this.thread.x * classes + this.whole(target)] - max[maxOffset + this.thread.x];
    const logSum = this.log(sum[sumOffset + this.thread.x]);
    // Without smoothing the second sum is left out: a logit of −Infinity elsewhere would make it 0 · Infinity.
    if (smoothing > 0) {
      return (
        logSum - (1.0 - smoothing) * best - (smoothing / classes) * centred[centredOffset + smoothed * this.thread.x]
      );
    }
    return logSum - best;
  },
  ["operand", "operand", "operand", "operand", "operand", "integer", "integer", "number", "number"],
  uses,
);

/** x̄ = ℓ̄ (p − (1 − ε) [j = target] − ε / classes) */
const rowGradient = kernel(
  "crossEntropy:backward",
  function crossEntropyBackward(
    this: KernelThis,
    x: number[],
    xOffset: number,
    targets: number[],
    targetsOffset: number,
    max: number[],
    maxOffset: number,
    sum: number[],
    sumOffset: number,
    gy: number[],
    gyOffset: number,
    classes: number,
    ignored: number,
    smoothing: number,
  ): number {
    const row = this.quotient(this.thread.x, classes);
    const j = this.remainder(this.thread.x, classes);
    const target = targets[targetsOffset + this.whole(row)];
    if (target === ignored) {
      return 0.0;
    }
    const p =
      this.expDifference(x[xOffset + this.thread.x], max[maxOffset + this.whole(row)]) /
      sum[sumOffset + this.whole(row)];
    let wanted = smoothing / classes;
    if (j === target) {
      wanted = wanted + 1.0 - smoothing;
    }
    return gy[gyOffset + this.whole(row)] * (p - wanted);
  },
  ["operand", "operand", "operand", "operand", "operand", "integer", "number", "number"],
  uses,
);

function rowsOf(logits: Operand, targets: Operand): AxisLayout {
  return { outer: sizeOf(targets.shape), length: logits.shape[logits.shape.length - 1], inner: 1 };
}

export function crossEntropy(
  gpu: Runtime,
  logits: Operand,
  targets: Operand,
  ignoreIndex: number,
  labelSmoothing: number,
): GpuStorage {
  const layout = rowsOf(logits, targets);
  const { max, sum } = rowStatistics(gpu, "crossEntropy", logits, layout);
  const centred =
    labelSmoothing === 0
      ? null
      : byRow(gpu, "crossEntropy", centredSum, logits, layout, [whole(max)], (partial, rest) =>
          sumOf(gpu, "crossEntropy", partial, rest),
        );
  const centredOperand = centred === null ? gpu.constant(0) : whole(centred);
  const loss = gpu.launch(
    "crossEntropy",
    rowLoss,
    [
      logits,
      targets,
      whole(max),
      whole(sum),
      centredOperand,
      centred === null ? 0 : 1,
      layout.length,
      ignoreIndex,
      labelSmoothing,
    ],
    layout.outer,
  );
  for (const made of [max, sum, centred]) made?.release();
  return loss;
}

export function crossEntropyBackward(
  gpu: Runtime,
  logits: Operand,
  targets: Operand,
  ignoreIndex: number,
  labelSmoothing: number,
  gy: Operand,
): GpuStorage {
  const layout = rowsOf(logits, targets);
  const { max, sum } = rowStatistics(gpu, "crossEntropy backward", logits, layout);
  const gx = gpu.launch(
    "crossEntropy backward",
    rowGradient,
    [logits, targets, whole(max), whole(sum), gy, layout.length, ignoreIndex, labelSmoothing],
    sizeOf(logits.shape),
  );
  max.release();
  sum.release();
  return gx;
}

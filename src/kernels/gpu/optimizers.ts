/** Updates of parameters and of the optimiser's own state, one kernel for each array that changes. */
import type { UpdateOptions } from "../backend.js";
import { type Operand, sizeOf } from "../storage.js";
import { type DeviceFunctions, deviceFunction, type KernelThis, kernel } from "./kernel.js";
import { type Runtime, whole } from "./runtime.js";
import type { GpuStorage } from "./storage.js";

/** scale g + weightDecay p */
const slope = deviceFunction(
  "slope",
  function slope(this: DeviceFunctions, g: number, p: number, scale: number, weightDecay: number): number {
    return scale * g + weightDecay * p;
  },
);

/** decay average + share slope^power, the power being 1 or 2: velocity, mean and mean square */
const average = kernel(
  "update:average",
  function average(
    this: KernelThis,
    before: number[],
    beforeOffset: number,
    g: number[],
    gOffset: number,
    p: number[],
    pOffset: number,
    scale: number[],
    scaleOffset: number,
    weightDecay: number,
    decay: number,
    share: number,
    squared: number,
  ): number {
    const d = this.slope(g[gOffset + this.thread.x], p[pOffset + this.thread.x], scale[scaleOffset], weightDecay);
    if (squared > 0) {
      return decay * before[beforeOffset + this.thread.x] + share * d * d;
    }
    return decay * before[beforeOffset + this.thread.x] + share * d;
  },
  ["operand", "operand", "operand", "operand", "number", "number", "number", "integer"],
  [slope],
);

/** p ← p − learningRate (velocity, or the slope itself) */
const sgdStep = kernel(
  "sgd",
  function sgd(
    this: KernelThis,
    p: number[],
    pOffset: number,
    g: number[],
    gOffset: number,
    scale: number[],
    scaleOffset: number,
    weightDecay: number,
    learningRate: number,
  ): number {
    return (
      p[pOffset + this.thread.x] -
      learningRate * this.slope(g[gOffset + this.thread.x], p[pOffset + this.thread.x], scale[scaleOffset], weightDecay)
    );
  },
  ["operand", "operand", "operand", "number", "number"],
  [slope],
);

/** p ← p shrink − rate m / (√v / correction + ε) */
const adamStep = kernel(
  "adam",
  function adam(
    this: KernelThis,
    p: number[],
    pOffset: number,
    m: number[],
    mOffset: number,
    v: number[],
    vOffset: number,
    shrink: number,
    rate: number,
    correction: number,
    epsilon: number,
  ): number {
    return (
      p[pOffset + this.thread.x] * shrink -
      (rate * m[mOffset + this.thread.x]) / (Math.sqrt(v[vOffset + this.thread.x]) / correction + epsilon)
    );
  },
  ["operand", "operand", "operand", "number", "number", "number", "number"],
);

/** Δ = √(E[Δ²] + ε) / √(E[g²] + ε) · slope */
const adadeltaStep = kernel(
  "adadelta",
  function adadelta(
    this: KernelThis,
    squares: number[],
    squaresOffset: number,
    deltas: number[],
    deltasOffset: number,
    g: number[],
    gOffset: number,
    p: number[],
    pOffset: number,
    scale: number[],
    scaleOffset: number,
    weightDecay: number,
    epsilon: number,
  ): number {
    return (
      (Math.sqrt(deltas[deltasOffset + this.thread.x] + epsilon) /
        Math.sqrt(squares[squaresOffset + this.thread.x] + epsilon)) *
      this.slope(g[gOffset + this.thread.x], p[pOffset + this.thread.x], scale[scaleOffset], weightDecay)
    );
  },
  ["operand", "operand", "operand", "operand", "operand", "number", "number"],
  [slope],
);

const scaleOrOne = (gpu: Runtime, { scale }: UpdateOptions): Operand => scale ?? gpu.constant(1);

export function sgd(
  gpu: Runtime,
  p: Operand,
  g: Operand,
  velocity: Operand | null,
  momentum: number,
  options: UpdateOptions,
): void {
  const { learningRate, weightDecay } = options;
  const scale = scaleOrOne(gpu, options);
  const size = sizeOf(p.shape);
  if (velocity === null) {
    gpu.write("sgd", p, gpu.launch("sgd", sgdStep, [p, g, scale, weightDecay, learningRate], size));
    return;
  }
  gpu.write("sgd", velocity, gpu.launch("sgd", average, [velocity, g, p, scale, weightDecay, momentum, 1, 0], size));
  gpu.write("sgd", p, gpu.launch("sgd", sgdStep, [p, velocity, gpu.constant(1), 0, learningRate], size));
}

export function adam(
  gpu: Runtime,
  p: Operand,
  g: Operand,
  m: Operand,
  v: Operand,
  step: number,
  { beta1, beta2, epsilon, decoupled }: { beta1: number; beta2: number; epsilon: number; decoupled: boolean },
  options: UpdateOptions,
): void {
  const { learningRate, weightDecay } = options;
  const size = sizeOf(p.shape);
  const slopeOf = [g, p, scaleOrOne(gpu, options), decoupled ? 0 : weightDecay];
  const mean = gpu.launch("adam", average, [m, ...slopeOf, beta1, 1 - beta1, 0], size);
  const square = gpu.launch("adam", average, [v, ...slopeOf, beta2, 1 - beta2, 1], size);
  gpu.write("adam", m, mean);
  gpu.write("adam", v, square);
  const shrink = decoupled ? 1 - learningRate * weightDecay : 1;
  const rate = learningRate / (1 - beta1 ** step);
  const correction = Math.sqrt(1 - beta2 ** step);
  gpu.write("adam", p, gpu.launch("adam", adamStep, [p, m, v, shrink, rate, correction, epsilon], size));
}

export function adadelta(
  gpu: Runtime,
  p: Operand,
  g: Operand,
  squares: Operand,
  deltas: Operand,
  { rho, epsilon }: { rho: number; epsilon: number },
  options: UpdateOptions,
): void {
  const { learningRate, weightDecay } = options;
  const size = sizeOf(p.shape);
  const scale = scaleOrOne(gpu, options);
  const square = gpu.launch("adadelta", average, [squares, g, p, scale, weightDecay, rho, 1 - rho, 1], size);
  gpu.write("adadelta", squares, square);
  const delta: GpuStorage = gpu.launch(
    "adadelta",
    adadeltaStep,
    [squares, deltas, g, p, scale, weightDecay, epsilon],
    size,
  );
  const one = gpu.constant(1);
  gpu.write(
    "adadelta",
    deltas,
    gpu.launch("adadelta", average, [deltas, whole(delta), whole(delta), one, 0, rho, 1 - rho, 1], size),
  );
  gpu.write("adadelta", p, gpu.launch("adadelta", sgdStep, [p, whole(delta), one, 0, learningRate], size));
  delta.release();
}

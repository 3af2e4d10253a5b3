/** The additive score (Bahdanau 2015, A.1.2): e[b, t, j] = Σₐ v[a] tanh(query[b, t, a] + keys[b, j, a]). */
import { type Operand, sizeOf } from "../storage.js";
import { quotient, remainder, whole as wholeNumber } from "./indexing.js";
import { type KernelThis, kernel } from "./kernel.js";
import { sumOf } from "./reduce.js";
import { type Runtime, whole } from "./runtime.js";
import type { GpuStorage } from "./storage.js";
import { tanh } from "./tanh.js";

const uses = [quotient, remainder, wholeNumber, tanh];

const score = kernel(
  "additiveScore",
  function additiveScore(
    this: KernelThis,
    query: number[],
    queryOffset: number,
    keys: number[],
    keysOffset: number,
    v: number[],
    vOffset: number,
    steps: number,
    places: number,
    width: number,
  ): number {
    const b = this.quotient(this.thread.x, steps * places);
    const t = this.quotient(this.thread.x, places);
    const j = this.remainder(this.thread.x, places);
    let sum = 0.0;
    for (let a = 0; a < width; a++) {
      sum +=
        v[vOffset + a] *
        this.tanh(
          query[queryOffset + this.whole(t) * width + this.whole(a)] +
            keys[keysOffset + (this.whole(b) * places + this.whole(j)) * width + this.whole(a)],
        );
    }
    return sum;
  },
  ["operand", "operand", "operand", "integer", "integer", "integer"],
  uses,
);

/** query̅[b, t, a] = Σⱼ ē v[a] (1 − h²) */
const queryGradient = kernel(
  "additiveScore:query",
  function queryGradient(
    this: KernelThis,
    query: number[],
    queryOffset: number,
    keys: number[],
    keysOffset: number,
    v: number[],
    vOffset: number,
    gy: number[],
    gyOffset: number,
    steps: number,
    places: number,
    width: number,
  ): number {
    const b = this.quotient(this.thread.x, steps * width);
    const t = this.quotient(this.thread.x, width);
    const a = this.remainder(this.thread.x, width);
    const own = query[queryOffset + this.thread.x];
    let sum = 0.0;
    for (let j = 0; j < places; j++) {
      const h = this.tanh(own + keys[keysOffset + (this.whole(b) * places + this.whole(j)) * width + this.whole(a)]);
      sum += gy[gyOffset + this.whole(t) * places + this.whole(j)] * (1.0 - h * h);
    }
    return v[vOffset + this.whole(a)] * sum;
  },
  ["operand", "operand", "operand", "operand", "integer", "integer", "integer"],
  uses,
);

/** keys̅[b, j, a] = Σₜ ē v[a] (1 − h²) */
const keysGradient = kernel(
  "additiveScore:keys",
  function keysGradient(
    this: KernelThis,
    query: number[],
    queryOffset: number,
    keys: number[],
    keysOffset: number,
    v: number[],
    vOffset: number,
    gy: number[],
    gyOffset: number,
    steps: number,
    places: number,
    width: number,
  ): number {
    const b = this.quotient(this.thread.x, places * width);
    const j = this.remainder(this.quotient(this.thread.x, width), places);
    const a = this.remainder(this.thread.x, width);
    const own = keys[keysOffset + this.thread.x];
    let sum = 0.0;
    for (let t = 0; t < steps; t++) {
      const h = this.tanh(own + query[queryOffset + (this.whole(b) * steps + this.whole(t)) * width + this.whole(a)]);
      sum += gy[gyOffset + (this.whole(b) * steps + this.whole(t)) * places + this.whole(j)] * (1.0 - h * h);
    }
    return v[vOffset + this.whole(a)] * sum;
  },
  ["operand", "operand", "operand", "operand", "integer", "integer", "integer"],
  uses,
);

/** Σⱼ ē h of one [b, t], for every a: v̄ before it is summed over b and t */
const weightGradient = kernel(
  "additiveScore:v",
  function weightGradient(
    this: KernelThis,
    query: number[],
    queryOffset: number,
    keys: number[],
    keysOffset: number,
    gy: number[],
    gyOffset: number,
    steps: number,
    places: number,
    width: number,
  ): number {
    const b = this.quotient(this.thread.x, steps * width);
    const t = this.quotient(this.thread.x, width);
    const a = this.remainder(this.thread.x, width);
    const own = query[queryOffset + this.thread.x];
    let sum = 0.0;
    for (let j = 0; j < places; j++) {
      sum +=
        gy[gyOffset + this.whole(t) * places + this.whole(j)] *
        this.tanh(own + keys[keysOffset + (this.whole(b) * places + this.whole(j)) * width + this.whole(a)]);
    }
    return sum;
  },
  ["operand", "operand", "operand", "integer", "integer", "integer"],
  uses,
);

export function additiveScore(gpu: Runtime, query: Operand, keys: Operand, v: Operand): GpuStorage {
  const [batch, steps, width] = query.shape;
  const places = keys.shape[1];
  return gpu.launch("additiveScore", score, [query, keys, v, steps, places, width], batch * steps * places);
}

export function additiveScoreBackward(
  gpu: Runtime,
  query: Operand,
  keys: Operand,
  v: Operand,
  gy: Operand,
): [query: GpuStorage, keys: GpuStorage, v: GpuStorage] {
  const operation = "additiveScore backward";
  const [batch, steps, width] = query.shape;
  const sizes = [steps, keys.shape[1], width];
  const byStep = gpu.launch(operation, weightGradient, [query, keys, gy, ...sizes], sizeOf(query.shape));
  const weights = sumOf(gpu, operation, whole(byStep), { outer: 1, length: batch * steps, inner: width });
  byStep.release();
  return [
    gpu.launch(operation, queryGradient, [query, keys, v, gy, ...sizes], sizeOf(query.shape)),
    gpu.launch(operation, keysGradient, [query, keys, v, gy, ...sizes], sizeOf(keys.shape)),
    weights,
  ];
}

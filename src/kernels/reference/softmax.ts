import type { AxisLayout } from "../backend.js";
import { hostView, type NumberArray, type Operand, type Storage } from "../storage.js";
import { allocate, store } from "./storage.js";

/** yⱼ = exp(xⱼ − max x) / Σ exp(xⱼ − max x), over the places j that the mask leaves; 0 elsewhere */
export function softmax(x: Operand, layout: AxisLayout, mask: Operand | null, maskRepeat: number): Storage {
  const { outer, length, inner } = layout;
  const from = hostView(x);
  const y = allocate(x.storage.dtype, from.length);
  const kept = mask === null ? null : hostView(mask);
  for (let o = 0; o < outer; o++) {
    const maskRow = Math.floor(o / maskRepeat) * length;
    for (let i = 0; i < inner; i++) {
      const start = o * length * inner + i;
      let max = -Infinity;
      for (let j = 0; j < length; j++) {
        if (kept === null || kept[maskRow + j] !== 0) max = Math.max(max, from[start + j * inner]);
      }
      let total = 0;
      for (let j = 0; j < length; j++) {
        if (kept !== null && kept[maskRow + j] === 0) continue;
        const e = Math.exp(from[start + j * inner] - max);
        y[start + j * inner] = e;
        total += e;
      }
      for (let j = 0; j < length; j++) {
        if (kept === null || kept[maskRow + j] !== 0) y[start + j * inner] /= total;
      }
    }
  }
  return store(x.storage.dtype, y);
}

/** x̄ⱼ = yⱼ (ȳⱼ − Σ ȳ ⊙ y) */
export function softmaxBackward(y: Operand, gy: Operand, { outer, length, inner }: AxisLayout): Storage {
  const output = hostView(y);
  const outputGradient = hostView(gy);
  const gx = allocate(y.storage.dtype, output.length);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * length * inner + i;
      let total = 0;
      for (let j = 0, at = start; j < length; j++, at += inner) total += outputGradient[at] * output[at];
      for (let j = 0, at = start; j < length; j++, at += inner) gx[at] = output[at] * (outputGradient[at] - total);
    }
  }
  return store(y.storage.dtype, gx);
}

/** yⱼ = (xⱼ − max x) − ln Σ exp(x − max x) */
export function logSoftmax(x: Operand, { outer, length, inner }: AxisLayout): Storage {
  const from = hostView(x);
  const y = allocate(x.storage.dtype, from.length);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * length * inner + i;
      const { max, logSum } = logSumExp(from, start, length, inner);
      for (let j = 0, at = start; j < length; j++, at += inner) y[at] = from[at] - max - logSum;
    }
  }
  return store(x.storage.dtype, y);
}

/** x̄ⱼ = ȳⱼ − exp(yⱼ) Σ ȳ */
export function logSoftmaxBackward(y: Operand, gy: Operand, { outer, length, inner }: AxisLayout): Storage {
  const output = hostView(y);
  const outputGradient = hostView(gy);
  const gx = allocate(y.storage.dtype, output.length);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * length * inner + i;
      let total = 0;
      for (let j = 0, at = start; j < length; j++, at += inner) total += outputGradient[at];
      for (let j = 0, at = start; j < length; j++, at += inner) {
        gx[at] = outputGradient[at] - Math.exp(output[at]) * total;
      }
    }
  }
  return store(y.storage.dtype, gx);
}

/** The maximum of one row and ln Σ exp(x − max); kept apart, because their sum would round. */
export function logSumExp(
  x: NumberArray,
  start: number,
  length: number,
  stride: number,
): { max: number; logSum: number } {
  let max = -Infinity;
  for (let j = 0, at = start; j < length; j++, at += stride) max = Math.max(max, x[at]);
  let total = 0;
  for (let j = 0, at = start; j < length; j++, at += stride) total += Math.exp(x[at] - max);
  return { max, logSum: Math.log(total) };
}

import { hostView, type NumberArray, type Operand, type Storage } from "../storage.js";
import { allocate, store } from "./storage.js";

/** Mean and 1 / √(variance + ε) of one row. */
function moments(x: NumberArray, start: number, n: number, epsilon: number): { mean: number; scale: number } {
  let total = 0;
  for (let j = start; j < start + n; j++) total += x[j];
  const mean = total / n;
  let squares = 0;
  for (let j = start; j < start + n; j++) squares += (x[j] - mean) ** 2;
  return { mean, scale: 1 / Math.sqrt(squares / n + epsilon) };
}

/** yⱼ = x̂ⱼ wⱼ + bⱼ with x̂ⱼ = (xⱼ − mean) / √(variance + ε), for each row */
export function layerNorm(x: Operand, weight: Operand, bias: Operand, epsilon: number): Storage {
  const [from, w, b] = [x, weight, bias].map(hostView);
  const n = w.length;
  const y = allocate(x.storage.dtype, from.length);
  for (let start = 0; start < from.length; start += n) {
    const { mean, scale } = moments(from, start, n, epsilon);
    for (let j = 0; j < n; j++) y[start + j] = (from[start + j] - mean) * scale * w[j] + b[j];
  }
  return store(x.storage.dtype, y);
}

/** With gⱼ = ȳⱼ wⱼ:  x̄ⱼ = (gⱼ − mean g − x̂ⱼ mean(g ⊙ x̂)) / √(variance + ε),  w̄ = Σ ȳ ⊙ x̂ and b̄ = Σ ȳ over the rows */
export function layerNormBackward(
  x: Operand,
  weight: Operand,
  epsilon: number,
  gy: Operand,
): [x: Storage, weight: Storage, bias: Storage] {
  const { dtype } = x.storage;
  const [from, w, outputGradient] = [x, weight, gy].map(hostView);
  const n = w.length;
  const [gx, gw, gb] = [from.length, n, n].map((size) => allocate(dtype, size));
  for (let start = 0; start < from.length; start += n) {
    const { mean, scale } = moments(from, start, n, epsilon);
    let sum = 0;
    let dot = 0;
    for (let j = 0; j < n; j++) {
      const normal = (from[start + j] - mean) * scale;
      const g = outputGradient[start + j] * w[j];
      sum += g;
      dot += g * normal;
      gw[j] += outputGradient[start + j] * normal;
      gb[j] += outputGradient[start + j];
    }
    for (let j = 0; j < n; j++) {
      const normal = (from[start + j] - mean) * scale;
      gx[start + j] = scale * (outputGradient[start + j] * w[j] - sum / n - (normal * dot) / n);
    }
  }
  return [store(dtype, gx), store(dtype, gw), store(dtype, gb)];
}

import { hostView, type Operand, type Storage } from "../storage.js";
import { logSumExp } from "./softmax.js";
import { allocate, store } from "./storage.js";

/** ℓ = −(1 − ε) log p[target] − ε / classes · Σⱼ log pⱼ, where log p = logSoftmax(logits); 0 where target = ignoreIndex */
export function crossEntropy(logits: Operand, targets: Operand, ignoreIndex: number, labelSmoothing: number): Storage {
  const x = hostView(logits);
  const target = hostView(targets);
  const classes = logits.shape[logits.shape.length - 1];
  const loss = allocate(logits.storage.dtype, target.length);
  for (let row = 0; row < target.length; row++) {
    if (target[row] === ignoreIndex) continue;
    const start = row * classes;
    const { max, logSum } = logSumExp(x, start, classes, 1);
    loss[row] = -(1 - labelSmoothing) * (x[start + target[row]] - max - logSum);
    // Without smoothing the second sum is left out: a logit of −Infinity elsewhere would make it 0 · Infinity.
    if (labelSmoothing === 0) continue;
    let total = 0;
    for (let j = 0; j < classes; j++) total += x[start + j] - max - logSum;
    loss[row] -= (labelSmoothing / classes) * total;
  }
  return store(logits.storage.dtype, loss);
}

/** x̄ⱼ = ℓ̄ (pⱼ − (1 − ε) [j = target] − ε / classes); 0 where target = ignoreIndex */
export function crossEntropyBackward(
  logits: Operand,
  targets: Operand,
  ignoreIndex: number,
  labelSmoothing: number,
  gy: Operand,
): Storage {
  const x = hostView(logits);
  const target = hostView(targets);
  const lossGradient = hostView(gy);
  const classes = logits.shape[logits.shape.length - 1];
  const gx = allocate(logits.storage.dtype, x.length);
  for (let row = 0; row < target.length; row++) {
    if (target[row] === ignoreIndex) continue;
    const start = row * classes;
    const { max, logSum } = logSumExp(x, start, classes, 1);
    for (let j = 0; j < classes; j++) {
      const wanted = (j === target[row] ? 1 - labelSmoothing : 0) + labelSmoothing / classes;
      gx[start + j] = lossGradient[row] * (Math.exp(x[start + j] - max - logSum) - wanted);
    }
  }
  return store(logits.storage.dtype, gx);
}

import type { UpdateOptions } from "../backend.js";
import { hostView, type Operand } from "../storage.js";

const factorOf = (scale: Operand | null): number => (scale === null ? 1 : hostView(scale)[0]);

/** g ← scale g + weightDecay p;  velocity ← momentum velocity + g;  p ← p − learningRate velocity */
export function sgd(
  p: Operand,
  g: Operand,
  velocity: Operand | null,
  momentum: number,
  { learningRate, weightDecay, scale }: UpdateOptions,
): void {
  const parameter = hostView(p);
  const gradient = hostView(g);
  const speed = velocity === null ? null : hostView(velocity);
  const factor = factorOf(scale);
  for (let i = 0; i < parameter.length; i++) {
    let step = factor * gradient[i] + weightDecay * parameter[i];
    if (speed !== null) {
      step += momentum * speed[i];
      speed[i] = step;
    }
    parameter[i] -= learningRate * step;
  }
  p.storage.version++;
  if (velocity !== null) velocity.storage.version++;
}

/**
 * g ← scale g + weightDecay p (decoupled: p ← p (1 − learningRate weightDecay) instead)
 * m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²
 * p ← p − learningRate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)   (Kingma & Ba 2015; Loshchilov & Hutter 2019)
 */
export function adam(
  p: Operand,
  g: Operand,
  m: Operand,
  v: Operand,
  step: number,
  { beta1, beta2, epsilon, decoupled }: { beta1: number; beta2: number; epsilon: number; decoupled: boolean },
  { learningRate, weightDecay, scale }: UpdateOptions,
): void {
  const parameter = hostView(p);
  const gradient = hostView(g);
  const mean = hostView(m);
  const square = hostView(v);
  const factor = factorOf(scale);
  const rate = learningRate / (1 - beta1 ** step);
  const squareCorrection = Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < parameter.length; i++) {
    let slope = factor * gradient[i];
    if (decoupled) parameter[i] *= 1 - learningRate * weightDecay;
    else slope += weightDecay * parameter[i];
    mean[i] = beta1 * mean[i] + (1 - beta1) * slope;
    square[i] = beta2 * square[i] + (1 - beta2) * slope * slope;
    parameter[i] -= (rate * mean[i]) / (Math.sqrt(square[i]) / squareCorrection + epsilon);
  }
  for (const written of [p, m, v]) written.storage.version++;
}

/**
 * g ← scale g + weightDecay p,  E[g²] ← ρ E[g²] + (1 − ρ) g²
 * Δ = √(E[Δ²] + ε) / √(E[g²] + ε) · g,  E[Δ²] ← ρ E[Δ²] + (1 − ρ) Δ²,  p ← p − learningRate Δ   (Zeiler 2012)
 */
export function adadelta(
  p: Operand,
  g: Operand,
  squares: Operand,
  deltas: Operand,
  { rho, epsilon }: { rho: number; epsilon: number },
  { learningRate, weightDecay, scale }: UpdateOptions,
): void {
  const parameter = hostView(p);
  const gradient = hostView(g);
  const gradientSquare = hostView(squares);
  const deltaSquare = hostView(deltas);
  const factor = factorOf(scale);
  for (let i = 0; i < parameter.length; i++) {
    const slope = factor * gradient[i] + weightDecay * parameter[i];
    gradientSquare[i] = rho * gradientSquare[i] + (1 - rho) * slope * slope;
    const delta = (Math.sqrt(deltaSquare[i] + epsilon) / Math.sqrt(gradientSquare[i] + epsilon)) * slope;
    deltaSquare[i] = rho * deltaSquare[i] + (1 - rho) * delta * delta;
    parameter[i] -= learningRate * delta;
  }
  for (const written of [p, squares, deltas]) written.storage.version++;
}

import { unary } from "../scalar.js";
import { hostView, type NumberArray, type Operand, type Storage } from "../storage.js";
import { allocate, store } from "./storage.js";

const sigmoid = unary.sigmoid.value;

/** True where row b of the batch goes on; a row past its end keeps its state. */
const goesOn = (mask: NumberArray | null, b: number): boolean => mask === null || mask[b] !== 0;

/** r = σ(giᵣ + ghᵣ), z = σ(gi_z + gh_z), n = tanh(giₙ + r ghₙ), h′ = (1 − z) n + z h   (PyTorch's order r z n) */
export function gruGates(gi: Operand, gh: Operand, h: Operand, mask: Operand | null): Storage {
  const [batch, hidden] = h.shape;
  const input = hostView(gi);
  const recurrent = hostView(gh);
  const state = hostView(h);
  const kept = mask === null ? null : hostView(mask);
  const next = allocate(h.storage.dtype, state.length);
  for (let b = 0; b < batch; b++) {
    for (let u = 0; u < hidden; u++) {
      const at = b * hidden + u;
      if (!goesOn(kept, b)) {
        next[at] = state[at];
        continue;
      }
      const atR = 3 * b * hidden + u;
      const atZ = atR + hidden;
      const atN = atZ + hidden;
      const r = sigmoid(input[atR] + recurrent[atR]);
      const z = sigmoid(input[atZ] + recurrent[atZ]);
      const n = Math.tanh(input[atN] + r * recurrent[atN]);
      next[at] = (1 - z) * n + z * state[at];
    }
  }
  return store(h.storage.dtype, next);
}

/**
 * With ȳ the gradient of h′, and dr, dz, dn those of the gates before σ and tanh:
 *   dn = ȳ (1 − z) (1 − n²),  dz = ȳ (h − n) z (1 − z),  dr = dn ghₙ r (1 − r)
 *   gi̅ = (dr, dz, dn),  gh̅ = (dr, dz, r dn),  h̄ = ȳ z;  where the mask is false only h̄ = ȳ.
 */
export function gruGatesBackward(
  gi: Operand,
  gh: Operand,
  h: Operand,
  mask: Operand | null,
  gy: Operand,
): [gi: Storage, gh: Storage, h: Storage] {
  const { dtype } = h.storage;
  const [batch, hidden] = h.shape;
  const input = hostView(gi);
  const recurrent = hostView(gh);
  const state = hostView(h);
  const nextGradient = hostView(gy);
  const kept = mask === null ? null : hostView(mask);
  const inputGradient = allocate(dtype, input.length);
  const recurrentGradient = allocate(dtype, input.length);
  const stateGradient = allocate(dtype, state.length);
  for (let b = 0; b < batch; b++) {
    for (let u = 0; u < hidden; u++) {
      const at = b * hidden + u;
      const g = nextGradient[at];
      if (!goesOn(kept, b)) {
        stateGradient[at] = g;
        continue;
      }
      const atR = 3 * b * hidden + u;
      const atZ = atR + hidden;
      const atN = atZ + hidden;
      const r = sigmoid(input[atR] + recurrent[atR]);
      const z = sigmoid(input[atZ] + recurrent[atZ]);
      const n = Math.tanh(input[atN] + r * recurrent[atN]);
      const dn = g * (1 - z) * (1 - n * n);
      const dz = g * (state[at] - n) * z * (1 - z);
      const dr = dn * recurrent[atN] * r * (1 - r);
      inputGradient[atR] = dr;
      inputGradient[atZ] = dz;
      inputGradient[atN] = dn;
      recurrentGradient[atR] = dr;
      recurrentGradient[atZ] = dz;
      recurrentGradient[atN] = r * dn;
      stateGradient[at] = g * z;
    }
  }
  return [store(dtype, inputGradient), store(dtype, recurrentGradient), store(dtype, stateGradient)];
}

/** c′ = σ(f) c + σ(i) tanh(g), h′ = σ(o) tanh(c′), each gate from gi + gh   (PyTorch's order i f g o) */
export function lstmGates(gi: Operand, gh: Operand, state: Operand, mask: Operand | null): Storage {
  const [, batch, hidden] = state.shape;
  const input = hostView(gi);
  const recurrent = hostView(gh);
  const before = hostView(state);
  const kept = mask === null ? null : hostView(mask);
  const after = allocate(state.storage.dtype, before.length);
  for (let b = 0; b < batch; b++) {
    for (let u = 0; u < hidden; u++) {
      const atH = b * hidden + u;
      const atC = (batch + b) * hidden + u;
      if (!goesOn(kept, b)) {
        after[atH] = before[atH];
        after[atC] = before[atC];
        continue;
      }
      const atI = 4 * b * hidden + u;
      const atF = atI + hidden;
      const atG = atF + hidden;
      const atO = atG + hidden;
      const i = sigmoid(input[atI] + recurrent[atI]);
      const f = sigmoid(input[atF] + recurrent[atF]);
      const g = Math.tanh(input[atG] + recurrent[atG]);
      const o = sigmoid(input[atO] + recurrent[atO]);
      const c = f * before[atC] + i * g;
      after[atH] = o * Math.tanh(c);
      after[atC] = c;
    }
  }
  return store(state.storage.dtype, after);
}

/**
 * With t = tanh(c′) and d = c̄′ + h̄′ o (1 − t²), the gates before σ and tanh get
 *   di = d g i (1 − i),  df = d c f (1 − f),  dg = d i (1 − g²),  do = h̄′ t o (1 − o)
 * and the state c̄ = d f. h̄ = 0: h reaches h′ only through gh. Where the mask is false the state's gradient passes as it is.
 */
export function lstmGatesBackward(
  gi: Operand,
  gh: Operand,
  state: Operand,
  mask: Operand | null,
  gy: Operand,
): [gates: Storage, state: Storage] {
  const { dtype } = state.storage;
  const [, batch, hidden] = state.shape;
  const input = hostView(gi);
  const recurrent = hostView(gh);
  const before = hostView(state);
  const afterGradient = hostView(gy);
  const kept = mask === null ? null : hostView(mask);
  const gateGradient = allocate(dtype, input.length);
  const stateGradient = allocate(dtype, before.length);
  for (let b = 0; b < batch; b++) {
    for (let u = 0; u < hidden; u++) {
      const atH = b * hidden + u;
      const atC = (batch + b) * hidden + u;
      if (!goesOn(kept, b)) {
        stateGradient[atH] = afterGradient[atH];
        stateGradient[atC] = afterGradient[atC];
        continue;
      }
      const atI = 4 * b * hidden + u;
      const atF = atI + hidden;
      const atG = atF + hidden;
      const atO = atG + hidden;
      const i = sigmoid(input[atI] + recurrent[atI]);
      const f = sigmoid(input[atF] + recurrent[atF]);
      const g = Math.tanh(input[atG] + recurrent[atG]);
      const o = sigmoid(input[atO] + recurrent[atO]);
      const t = Math.tanh(f * before[atC] + i * g);
      const d = afterGradient[atC] + afterGradient[atH] * o * (1 - t * t);
      gateGradient[atI] = d * g * i * (1 - i);
      gateGradient[atF] = d * before[atC] * f * (1 - f);
      gateGradient[atG] = d * i * (1 - g * g);
      gateGradient[atO] = afterGradient[atH] * t * o * (1 - o);
      stateGradient[atC] = d * f;
    }
  }
  return [store(dtype, gateGradient), store(dtype, stateGradient)];
}

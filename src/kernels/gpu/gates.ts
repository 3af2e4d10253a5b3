/**
 * The gates of GRU and LSTM. A kernel of gpu.js gives one array, so all gradients of a cell lie in one, side by side: a
 * thread finds out which of them its number belongs to. Backward is two launches: the gates again, and the gradients.
 */
import { type Operand, sizeOf } from "../storage.js";
import { sigmoid } from "./exponential.js";
import { quotient, remainder, whole as wholeNumber } from "./indexing.js";
import { type KernelThis, kernel } from "./kernel.js";
import { type Runtime, whole } from "./runtime.js";
import type { GpuStorage } from "./storage.js";
import { tanh } from "./tanh.js";

const uses = [quotient, remainder, wholeNumber, sigmoid, tanh];

/** r = σ(giᵣ + ghᵣ), z = σ(gi_z + gh_z), n = tanh(giₙ + r ghₙ), h′ = (1 − z) n + z h   (PyTorch's order r z n) */
const gru = kernel(
  "gru",
  function gru(
    this: KernelThis,
    gi: number[],
    giOffset: number,
    gh: number[],
    ghOffset: number,
    h: number[],
    hOffset: number,
    mask: number[],
    maskOffset: number,
    masked: number,
    hidden: number,
  ): number {
    const b = this.quotient(this.thread.x, hidden);
    const u = this.remainder(this.thread.x, hidden);
    const state = h[hOffset + this.thread.x];
    if (mask[maskOffset + masked * this.whole(b)] === 0) {
      return state;
    }
    const r = this.sigmoid(
      gi[giOffset + this.whole(b) * 3 * hidden + this.whole(u)] +
        gh[ghOffset + this.whole(b) * 3 * hidden + this.whole(u)],
    );
    const z = this.sigmoid(
      gi[giOffset + (this.whole(b) * 3 + 1) * hidden + this.whole(u)] +
        gh[ghOffset + (this.whole(b) * 3 + 1) * hidden + this.whole(u)],
    );
    const n = this.tanh(
      gi[giOffset + (this.whole(b) * 3 + 2) * hidden + this.whole(u)] +
        r * gh[ghOffset + (this.whole(b) * 3 + 2) * hidden + this.whole(u)],
    );
    return (1.0 - z) * n + z * state;
  },
  ["operand", "operand", "operand", "operand", "integer", "integer"],
  uses,
);

/** (r, z, n) [batch, 3 hidden], for the gradients: each gate once, not once for every gradient it is part of. */
const gruGateValues = kernel(
  "gru:gates",
  function gruGateValues(
    this: KernelThis,
    gi: number[],
    giOffset: number,
    gh: number[],
    ghOffset: number,
    hidden: number,
  ): number {
    const b = this.quotient(this.thread.x, 3 * hidden);
    const gate = this.remainder(this.quotient(this.thread.x, hidden), 3);
    const u = this.remainder(this.thread.x, hidden);
    if (gate < 2) {
      return this.sigmoid(gi[giOffset + this.thread.x] + gh[ghOffset + this.thread.x]);
    }
    const r = this.sigmoid(
      gi[giOffset + this.whole(b) * 3 * hidden + this.whole(u)] +
        gh[ghOffset + this.whole(b) * 3 * hidden + this.whole(u)],
    );
    return this.tanh(gi[giOffset + this.thread.x] + r * gh[ghOffset + this.thread.x]);
  },
  ["operand", "operand", "integer"],
  uses,
);

/**
 * dn = ȳ (1 − z) (1 − n²),  dz = ȳ (h − n) z (1 − z),  dr = dn ghₙ r (1 − r)
 * Three gradients, one after the other: gi̅ = (dr, dz, dn);  gh̅ = (dr, dz, r dn);  h̄ = ȳ z, and ȳ where the mask is false.
 */
const gruGradients = kernel(
  "gru:gradients",
  function gruGradients(
    this: KernelThis,
    gates: number[],
    gatesOffset: number,
    gh: number[],
    ghOffset: number,
    h: number[],
    hOffset: number,
    mask: number[],
    maskOffset: number,
    gy: number[],
    gyOffset: number,
    masked: number,
    batch: number,
    hidden: number,
  ): number {
    const part = this.quotient(this.thread.x, 3 * batch * hidden);
    const u = this.remainder(this.thread.x, hidden);
    let b = this.remainder(this.quotient(this.thread.x, 3 * hidden), batch);
    let gate = this.remainder(this.quotient(this.thread.x, hidden), 3);
    if (part > 1) {
      b = this.quotient(this.thread.x - 6 * batch * hidden, hidden);
      gate = 3.0;
    }
    const g = gy[gyOffset + this.whole(b) * hidden + this.whole(u)];
    if (mask[maskOffset + masked * this.whole(b)] === 0) {
      if (part > 1) {
        return g;
      }
      return 0.0;
    }
    const r = gates[gatesOffset + this.whole(b) * 3 * hidden + this.whole(u)];
    const z = gates[gatesOffset + (this.whole(b) * 3 + 1) * hidden + this.whole(u)];
    const n = gates[gatesOffset + (this.whole(b) * 3 + 2) * hidden + this.whole(u)];
    const dn = g * (1.0 - z) * (1.0 - n * n);
    if (gate === 0) {
      return dn * gh[ghOffset + (this.whole(b) * 3 + 2) * hidden + this.whole(u)] * r * (1.0 - r);
    }
    if (gate === 1) {
      return g * (h[hOffset + this.whole(b) * hidden + this.whole(u)] - n) * z * (1.0 - z);
    }
    if (gate > 2) {
      return g * z;
    }
    if (part > 0) {
      return r * dn;
    }
    return dn;
  },
  ["operand", "operand", "operand", "operand", "operand", "integer", "integer", "integer"],
  uses,
);

/** c′ = σ(f) c + σ(i) tanh(g), h′ = σ(o) tanh(c′), each gate from gi + gh   (PyTorch's order i f g o) */
const lstm = kernel(
  "lstm",
  function lstm(
    this: KernelThis,
    gi: number[],
    giOffset: number,
    gh: number[],
    ghOffset: number,
    state: number[],
    stateOffset: number,
    mask: number[],
    maskOffset: number,
    masked: number,
    batch: number,
    hidden: number,
  ): number {
    const part = this.quotient(this.thread.x, batch * hidden);
    const b = this.remainder(this.quotient(this.thread.x, hidden), batch);
    const u = this.remainder(this.thread.x, hidden);
    if (mask[maskOffset + masked * this.whole(b)] === 0) {
      return state[stateOffset + this.thread.x];
    }
    const i = this.sigmoid(
      gi[giOffset + this.whole(b) * 4 * hidden + this.whole(u)] +
        gh[ghOffset + this.whole(b) * 4 * hidden + this.whole(u)],
    );
    const f = this.sigmoid(
      gi[giOffset + (this.whole(b) * 4 + 1) * hidden + this.whole(u)] +
        gh[ghOffset + (this.whole(b) * 4 + 1) * hidden + this.whole(u)],
    );
    const g = this.tanh(
      gi[giOffset + (this.whole(b) * 4 + 2) * hidden + this.whole(u)] +
        gh[ghOffset + (this.whole(b) * 4 + 2) * hidden + this.whole(u)],
    );
    const c = f * state[stateOffset + (batch + this.whole(b)) * hidden + this.whole(u)] + i * g;
    if (part > 0) {
      return c;
    }
    const o = this.sigmoid(
      gi[giOffset + (this.whole(b) * 4 + 3) * hidden + this.whole(u)] +
        gh[ghOffset + (this.whole(b) * 4 + 3) * hidden + this.whole(u)],
    );
    return o * this.tanh(c);
  },
  ["operand", "operand", "operand", "operand", "integer", "integer", "integer"],
  uses,
);

/** (i, f, g, o) [batch, 4 hidden], for the gradients */
const lstmGateValues = kernel(
  "lstm:gates",
  function lstmGateValues(
    this: KernelThis,
    gi: number[],
    giOffset: number,
    gh: number[],
    ghOffset: number,
    hidden: number,
  ): number {
    const gate = this.remainder(this.quotient(this.thread.x, hidden), 4);
    const sum = gi[giOffset + this.thread.x] + gh[ghOffset + this.thread.x];
    if (gate === 2) {
      return this.tanh(sum);
    }
    return this.sigmoid(sum);
  },
  ["operand", "operand", "integer"],
  uses,
);

/**
 * With t = tanh(c′) and d = c̄′ + h̄′ o (1 − t²):
 *   di = d g i (1 − i),  df = d c f (1 − f),  dg = d i (1 − g²),  do = h̄′ t o (1 − o)
 * Two gradients, one after the other: that of the gates, (di, df, dg, do), and that of the state, h̄ = 0 (h reaches h′ only
 * through gh) and c̄ = d f. Where the mask is false the state's gradient passes as it is.
 */
const lstmGradients = kernel(
  "lstm:gradients",
  function lstmGradients(
    this: KernelThis,
    gates: number[],
    gatesOffset: number,
    state: number[],
    stateOffset: number,
    mask: number[],
    maskOffset: number,
    gy: number[],
    gyOffset: number,
    masked: number,
    batch: number,
    hidden: number,
  ): number {
    const part = this.quotient(this.thread.x, 4 * batch * hidden);
    const u = this.remainder(this.thread.x, hidden);
    let b = this.quotient(this.thread.x, 4 * hidden);
    let gate = this.remainder(this.quotient(this.thread.x, hidden), 4);
    if (part > 0) {
      b = this.remainder(this.quotient(this.thread.x, hidden), batch);
      gate = 4.0 + this.quotient(this.thread.x - 4 * batch * hidden, batch * hidden);
    }
    if (mask[maskOffset + masked * this.whole(b)] === 0) {
      if (part > 0) {
        return gy[gyOffset + this.thread.x - 4 * batch * hidden];
      }
      return 0.0;
    }
    const i = gates[gatesOffset + this.whole(b) * 4 * hidden + this.whole(u)];
    const f = gates[gatesOffset + (this.whole(b) * 4 + 1) * hidden + this.whole(u)];
    const g = gates[gatesOffset + (this.whole(b) * 4 + 2) * hidden + this.whole(u)];
    const o = gates[gatesOffset + (this.whole(b) * 4 + 3) * hidden + this.whole(u)];
    const c = state[stateOffset + (batch + this.whole(b)) * hidden + this.whole(u)];
    const t = this.tanh(f * c + i * g);
    const dh = gy[gyOffset + this.whole(b) * hidden + this.whole(u)];
    const d = gy[gyOffset + (batch + this.whole(b)) * hidden + this.whole(u)] + dh * o * (1.0 - t * t);
    if (gate === 0) {
      return d * g * i * (1.0 - i);
    }
    if (gate === 1) {
      return d * c * f * (1.0 - f);
    }
    if (gate === 2) {
      return d * i * (1.0 - g * g);
    }
    if (gate === 3) {
      return dh * t * o * (1.0 - o);
    }
    if (gate === 4) {
      return 0.0;
    }
    return d * f;
  },
  ["operand", "operand", "operand", "operand", "integer", "integer", "integer"],
  uses,
);

/** A mask, or one 1 for every row. */
const maskOrOne = (gpu: Runtime, mask: Operand | null): [mask: Operand, masked: number] =>
  mask === null ? [gpu.constant(1), 0] : [mask, 1];

export function gruGates(gpu: Runtime, gi: Operand, gh: Operand, h: Operand, mask: Operand | null): GpuStorage {
  const [kept, masked] = maskOrOne(gpu, mask);
  const hidden = h.shape[h.shape.length - 1];
  return gpu.launch("gruGates", gru, [gi, gh, h, kept, masked, hidden], sizeOf(h.shape));
}

export function gruGatesBackward(
  gpu: Runtime,
  gi: Operand,
  gh: Operand,
  h: Operand,
  mask: Operand | null,
  gy: Operand,
): [gi: GpuStorage, gh: GpuStorage, h: GpuStorage] {
  const [kept, masked] = maskOrOne(gpu, mask);
  const [batch, hidden] = h.shape;
  const size = batch * hidden;
  const gates = gpu.launch("gruGates backward", gruGateValues, [gi, gh, hidden], 3 * size);
  const [forInput, forRecurrent, forState] = gpu.launchParts(
    "gruGates backward",
    gruGradients,
    [whole(gates), gh, h, kept, gy, masked, batch, hidden],
    [3 * size, 3 * size, size],
  );
  gates.release();
  return [forInput, forRecurrent, forState];
}

export function lstmGates(gpu: Runtime, gi: Operand, gh: Operand, state: Operand, mask: Operand | null): GpuStorage {
  const [kept, masked] = maskOrOne(gpu, mask);
  const [, batch, hidden] = state.shape;
  return gpu.launch("lstmGates", lstm, [gi, gh, state, kept, masked, batch, hidden], sizeOf(state.shape));
}

export function lstmGatesBackward(
  gpu: Runtime,
  gi: Operand,
  gh: Operand,
  state: Operand,
  mask: Operand | null,
  gy: Operand,
): [gates: GpuStorage, state: GpuStorage] {
  const [kept, masked] = maskOrOne(gpu, mask);
  const [, batch, hidden] = state.shape;
  const gates = gpu.launch("lstmGates backward", lstmGateValues, [gi, gh, hidden], sizeOf(gi.shape));
  const [forGates, forState] = gpu.launchParts(
    "lstmGates backward",
    lstmGradients,
    [whole(gates), state, kept, gy, masked, batch, hidden],
    [sizeOf(gi.shape), sizeOf(state.shape)],
  );
  gates.release();
  return [forGates, forState];
}

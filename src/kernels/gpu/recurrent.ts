/**
 * The gates of GRU and LSTM. A kernel of gpu.js gives one array, so each gradient is a kernel of its own and computes
 * the gates again: they cost far less than the launch.
 */
import type { Operand } from "../storage.js";
import { sizeOf } from "../storage.js";
import { sigmoid } from "./exponential.js";
import { quotient, remainder, whole as wholeNumber } from "./indexing.js";
import { type KernelThis, kernel } from "./kernel.js";
import type { Runtime } from "./runtime.js";
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

/**
 * dn = ȳ (1 − z) (1 − n²),  dz = ȳ (h − n) z (1 − z),  dr = dn ghₙ r (1 − r)
 * gi̅ = (dr, dz, dn); gh̅ the same but for r dn in its last third, which `recurrent` = 1 asks for.
 */
const gruGateGradient = kernel(
  "gru:gates",
  function gruGateGradient(
    this: KernelThis,
    gi: number[],
    giOffset: number,
    gh: number[],
    ghOffset: number,
    h: number[],
    hOffset: number,
    mask: number[],
    maskOffset: number,
    gy: number[],
    gyOffset: number,
    masked: number,
    hidden: number,
    recurrent: number,
  ): number {
    const b = this.quotient(this.thread.x, 3 * hidden);
    const gate = this.remainder(this.quotient(this.thread.x, hidden), 3);
    const u = this.remainder(this.thread.x, hidden);
    if (mask[maskOffset + masked * this.whole(b)] === 0) {
      return 0.0;
    }
    const r = this.sigmoid(
      gi[giOffset + this.whole(b) * 3 * hidden + this.whole(u)] +
        gh[ghOffset + this.whole(b) * 3 * hidden + this.whole(u)],
    );
    const z = this.sigmoid(
      gi[giOffset + (this.whole(b) * 3 + 1) * hidden + this.whole(u)] +
        gh[ghOffset + (this.whole(b) * 3 + 1) * hidden + this.whole(u)],
    );
    const ghn = gh[ghOffset + (this.whole(b) * 3 + 2) * hidden + this.whole(u)];
    const n = this.tanh(gi[giOffset + (this.whole(b) * 3 + 2) * hidden + this.whole(u)] + r * ghn);
    const g = gy[gyOffset + this.whole(b) * hidden + this.whole(u)];
    const dn = g * (1.0 - z) * (1.0 - n * n);
    if (gate === 0) {
      return dn * ghn * r * (1.0 - r);
    }
    if (gate === 1) {
      return g * (h[hOffset + this.whole(b) * hidden + this.whole(u)] - n) * z * (1.0 - z);
    }
    if (recurrent > 0) {
      return r * dn;
    }
    return dn;
  },
  ["operand", "operand", "operand", "operand", "operand", "integer", "integer", "integer"],
  uses,
);

/** h̄ = ȳ z, and ȳ where the mask is false */
const gruStateGradient = kernel(
  "gru:state",
  function gruStateGradient(
    this: KernelThis,
    gi: number[],
    giOffset: number,
    gh: number[],
    ghOffset: number,
    mask: number[],
    maskOffset: number,
    gy: number[],
    gyOffset: number,
    masked: number,
    hidden: number,
  ): number {
    const b = this.quotient(this.thread.x, hidden);
    const u = this.remainder(this.thread.x, hidden);
    const g = gy[gyOffset + this.thread.x];
    if (mask[maskOffset + masked * this.whole(b)] === 0) {
      return g;
    }
    const z = this.sigmoid(
      gi[giOffset + (this.whole(b) * 3 + 1) * hidden + this.whole(u)] +
        gh[ghOffset + (this.whole(b) * 3 + 1) * hidden + this.whole(u)],
    );
    return g * z;
  },
  ["operand", "operand", "operand", "operand", "integer", "integer"],
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

/**
 * With t = tanh(c′) and d = c̄′ + h̄′ o (1 − t²):
 *   di = d g i (1 − i),  df = d c f (1 − f),  dg = d i (1 − g²),  do = h̄′ t o (1 − o)
 */
const lstmGateGradient = kernel(
  "lstm:gates",
  function lstmGateGradient(
    this: KernelThis,
    gi: number[],
    giOffset: number,
    gh: number[],
    ghOffset: number,
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
    const b = this.quotient(this.thread.x, 4 * hidden);
    const gate = this.remainder(this.quotient(this.thread.x, hidden), 4);
    const u = this.remainder(this.thread.x, hidden);
    if (mask[maskOffset + masked * this.whole(b)] === 0) {
      return 0.0;
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
    const o = this.sigmoid(
      gi[giOffset + (this.whole(b) * 4 + 3) * hidden + this.whole(u)] +
        gh[ghOffset + (this.whole(b) * 4 + 3) * hidden + this.whole(u)],
    );
    const c = state[stateOffset + (batch + this.whole(b)) * hidden + this.whole(u)];
    const t = this.tanh(f * c + i * g);
    const gh1 = gy[gyOffset + this.whole(b) * hidden + this.whole(u)];
    const d = gy[gyOffset + (batch + this.whole(b)) * hidden + this.whole(u)] + gh1 * o * (1.0 - t * t);
    if (gate === 0) {
      return d * g * i * (1.0 - i);
    }
    if (gate === 1) {
      return d * c * f * (1.0 - f);
    }
    if (gate === 2) {
      return d * i * (1.0 - g * g);
    }
    return gh1 * t * o * (1.0 - o);
  },
  ["operand", "operand", "operand", "operand", "operand", "integer", "integer", "integer"],
  uses,
);

/** c̄ = d f and h̄ = 0: h reaches h′ only through gh. Where the mask is false the state's gradient passes as it is. */
const lstmStateGradient = kernel(
  "lstm:state",
  function lstmStateGradient(
    this: KernelThis,
    gi: number[],
    giOffset: number,
    gh: number[],
    ghOffset: number,
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
    const part = this.quotient(this.thread.x, batch * hidden);
    const b = this.remainder(this.quotient(this.thread.x, hidden), batch);
    const u = this.remainder(this.thread.x, hidden);
    const own = gy[gyOffset + this.thread.x];
    if (mask[maskOffset + masked * this.whole(b)] === 0) {
      return own;
    }
    if (part === 0) {
      return 0.0;
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
    const o = this.sigmoid(
      gi[giOffset + (this.whole(b) * 4 + 3) * hidden + this.whole(u)] +
        gh[ghOffset + (this.whole(b) * 4 + 3) * hidden + this.whole(u)],
    );
    const t = this.tanh(f * state[stateOffset + this.thread.x] + i * g);
    return (own + gy[gyOffset + this.whole(b) * hidden + this.whole(u)] * o * (1.0 - t * t)) * f;
  },
  ["operand", "operand", "operand", "operand", "operand", "integer", "integer", "integer"],
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
  const hidden = h.shape[h.shape.length - 1];
  const operation = "gruGates backward";
  const gates = (recurrent: number): GpuStorage =>
    gpu.launch(operation, gruGateGradient, [gi, gh, h, kept, gy, masked, hidden, recurrent], sizeOf(gi.shape));
  const state = gpu.launch(operation, gruStateGradient, [gi, gh, kept, gy, masked, hidden], sizeOf(h.shape));
  return [gates(0), gates(1), state];
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
  const parameters = [gi, gh, state, kept, gy, masked, batch, hidden];
  return [
    gpu.launch("lstmGates backward", lstmGateGradient, parameters, sizeOf(gi.shape)),
    gpu.launch("lstmGates backward", lstmStateGradient, parameters, sizeOf(state.shape)),
  ];
}

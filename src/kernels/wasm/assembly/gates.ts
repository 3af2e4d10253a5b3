// The gates of the recurrent cells, forward and backward; the backward pass computes the gates anew.

import { sigmoid, tanh } from "./functions";
import { integer, parallel, setInteger } from "./threads";
import { madd, put } from "./vector";

const GRAIN = 2048;

// @ts-expect-error: decorator
@inline
function sum(x: usize, y: usize): v128 {
  return f32x4.add(v128.load(x), v128.load(y));
}

// @ts-expect-error: decorator
@inline
function oneMinus(x: v128): v128 {
  return f32x4.sub(f32x4.splat(1), x);
}

/** Whether row b keeps its state because its sequence is over. */
// @ts-expect-error: decorator
@inline
export function isOver(mask: usize, b: i32): bool {
  return mask != 0 && load<u8>(mask + b) == 0;
}

/** One row: r = σ(giᵣ + ghᵣ), z = σ(gi_z + gh_z), n = tanh(giₙ + r ghₙ), h′ = (1 − z) n + z h = n + z (h − n) */
function gruRow(gi: usize, gh: usize, h: usize, y: usize, hidden: i32): void {
  const row = <usize>hidden << 2;
  for (let left = hidden; left > 0; left -= 4, gi += 16, gh += 16, h += 16, y += 16) {
    const r = sigmoid(sum(gi, gh));
    const z = sigmoid(sum(gi + row, gh + row));
    const n = tanh(madd(r, v128.load(gh + 2 * row), v128.load(gi + 2 * row)));
    put(y, madd(z, v128.load(h), f32x4.mul(oneMinus(z), n)), left);
  }
}

/**
 * The same, and keeps r beside z at `gates` (which may be gi or gh), and n, for {@link gruKeptBackward}. All r and z come
 * first: n waits for r, and the processor looks ahead only so far.
 */
export function gruRowKeeping(gi: usize, gh: usize, h: usize, y: usize, gates: usize, kept: usize, hidden: i32): void {
  const row = <usize>hidden << 2;
  for (let at: usize = 0; at < 2 * row; at += 16) {
    put(gates + at, sigmoid(sum(gi + at, gh + at)), 2 * hidden - <i32>(at >> 2));
  }
  for (let at: usize = 0; at < row; at += 16) {
    const left = hidden - <i32>(at >> 2);
    const z = v128.load(gates + row + at);
    const n = tanh(madd(v128.load(gates + at), v128.load(gh + 2 * row + at), v128.load(gi + 2 * row + at)));
    put(kept + at, n, left);
    put(y + at, madd(z, v128.load(h + at), f32x4.mul(oneMinus(z), n)), left);
  }
}

function gruRows(begin: i32, end: i32): void {
  const hidden = <i32>integer(5);
  const row = <usize>hidden << 2;
  for (let b = begin; b < end; b++) {
    const at = <usize>b * row;
    const h = integer(2) + at;
    const y = integer(4) + at;
    if (isOver(integer(3), b)) memory.copy(y, h, row);
    else gruRow(integer(0) + 3 * at, integer(1) + 3 * at, h, y, hidden);
  }
}

/** gi, gh [batch, 3·hidden], h and y [batch, hidden]; mask a byte a row, or 0. */
export function gruGates(gi: usize, gh: usize, h: usize, mask: usize, y: usize, batch: i32, hidden: i32): void {
  setInteger(0, gi);
  setInteger(1, gh);
  setInteger(2, h);
  setInteger(3, mask);
  setInteger(4, y);
  setInteger(5, hidden);
  parallel(gruRows, batch, max(1, GRAIN / hidden));
}

/**
 * Four units, with the recurrent part m = ghₙ:
 *
 *     dn = ȳ (1 − z) (1 − n²),  dz = ȳ (h − n) z (1 − z),  dr = dn m r (1 − r)
 *     gi̅ = (dr, dz, dn),  gh̅ = (dr, dz, r dn),  h̄ = ȳ z
 */
// @ts-expect-error: decorator
@inline
function putGruGradients(
  r: v128,
  z: v128,
  n: v128,
  m: v128,
  h: usize,
  gy: usize,
  giGradient: usize,
  ghGradient: usize,
  hGradient: usize,
  row: usize,
  left: i32,
): void {
  const g = v128.load(gy);
  const gz = f32x4.mul(g, z);
  const dn = f32x4.mul(f32x4.sub(g, gz), oneMinus(f32x4.mul(n, n)));
  const dz = f32x4.mul(f32x4.mul(gz, oneMinus(z)), f32x4.sub(v128.load(h), n));
  const dr = f32x4.mul(f32x4.mul(dn, m), f32x4.mul(r, oneMinus(r)));
  put(giGradient, dr, left);
  put(giGradient + row, dz, left);
  put(giGradient + 2 * row, dn, left);
  put(ghGradient, dr, left);
  put(ghGradient + row, dz, left);
  put(ghGradient + 2 * row, f32x4.mul(r, dn), left);
  put(hGradient, gz, left);
}

/** One row of a step whose r, z and n were kept; `m` is ghₙ. hGradient may be gy itself. */
export function gruKeptBackward(
  gates: usize,
  kept: usize,
  m: usize,
  h: usize,
  gy: usize,
  giGradient: usize,
  ghGradient: usize,
  hGradient: usize,
  hidden: i32,
): void {
  const row = <usize>hidden << 2;
  for (let at: usize = 0; at < row; at += 16) {
    putGruGradients(
      v128.load(gates + at),
      v128.load(gates + row + at),
      v128.load(kept + at),
      v128.load(m + at),
      h + at,
      gy + at,
      giGradient + at,
      ghGradient + at,
      hGradient + at,
      row,
      hidden - <i32>(at >> 2),
    );
  }
}

/** One row. */
function gruBackwardRow(
  gi: usize,
  gh: usize,
  h: usize,
  gy: usize,
  giGradient: usize,
  ghGradient: usize,
  hGradient: usize,
  hidden: i32,
): void {
  const row = <usize>hidden << 2;
  for (let at: usize = 0; at < row; at += 16) {
    const i = gi + at;
    const g = gh + at;
    const r = sigmoid(sum(i, g));
    const z = sigmoid(sum(i + row, g + row));
    const m = v128.load(g + 2 * row);
    const n = tanh(madd(r, m, v128.load(i + 2 * row)));
    const left = hidden - <i32>(at >> 2);
    putGruGradients(r, z, n, m, h + at, gy + at, giGradient + at, ghGradient + at, hGradient + at, row, left);
  }
}

function gruBackwardRows(begin: i32, end: i32): void {
  const hidden = <i32>integer(5);
  const row = <usize>hidden << 2;
  for (let b = begin; b < end; b++) {
    const at = <usize>b * row;
    const gy = integer(4) + at;
    const giGradient = integer(6) + 3 * at;
    const ghGradient = integer(7) + 3 * at;
    const hGradient = integer(8) + at;
    if (isOver(integer(3), b)) {
      memory.fill(giGradient, 0, 3 * row);
      memory.fill(ghGradient, 0, 3 * row);
      memory.copy(hGradient, gy, row);
    } else {
      const gi = integer(0) + 3 * at;
      const gh = integer(1) + 3 * at;
      gruBackwardRow(gi, gh, integer(2) + at, gy, giGradient, ghGradient, hGradient, hidden);
    }
  }
}

export function gruGatesBackward(
  gi: usize,
  gh: usize,
  h: usize,
  mask: usize,
  gy: usize,
  giGradient: usize,
  ghGradient: usize,
  hGradient: usize,
  batch: i32,
  hidden: i32,
): void {
  setInteger(0, gi);
  setInteger(1, gh);
  setInteger(2, h);
  setInteger(3, mask);
  setInteger(4, gy);
  setInteger(5, hidden);
  setInteger(6, giGradient);
  setInteger(7, ghGradient);
  setInteger(8, hGradient);
  parallel(gruBackwardRows, batch, max(1, GRAIN / hidden));
}

/** c′ = σ(f) c + σ(i) tanh(g), h′ = σ(o) tanh(c′); states [2, batch, hidden] hold h and c. */
function lstmRows(begin: i32, end: i32): void {
  const hidden = <i32>integer(5);
  const row = <usize>hidden << 2;
  const half = integer(6) * row;
  for (let b = begin; b < end; b++) {
    let gi = integer(0) + <usize>b * row * 4;
    let gh = integer(1) + <usize>b * row * 4;
    let state = integer(2) + <usize>b * row;
    let y = integer(4) + <usize>b * row;
    if (isOver(integer(3), b)) {
      memory.copy(y, state, row);
      memory.copy(y + half, state + half, row);
      continue;
    }
    for (let left = hidden; left > 0; left -= 4, gi += 16, gh += 16, state += 16, y += 16) {
      const i = sigmoid(sum(gi, gh));
      const f = sigmoid(sum(gi + row, gh + row));
      const g = tanh(sum(gi + 2 * row, gh + 2 * row));
      const o = sigmoid(sum(gi + 3 * row, gh + 3 * row));
      const c = madd(f, v128.load(state + half), f32x4.mul(i, g));
      put(y, f32x4.mul(o, tanh(c)), left);
      put(y + half, c, left);
    }
  }
}

/** gi, gh [batch, 4·hidden], state and y [2, batch, hidden]; mask a byte a row, or 0. */
export function lstmGates(gi: usize, gh: usize, state: usize, mask: usize, y: usize, batch: i32, hidden: i32): void {
  setInteger(0, gi);
  setInteger(1, gh);
  setInteger(2, state);
  setInteger(3, mask);
  setInteger(4, y);
  setInteger(5, hidden);
  setInteger(6, batch);
  parallel(lstmRows, batch, max(1, GRAIN / hidden));
}

/**
 * t = tanh(c′),  d = c̄′ + h̄′ o (1 − t²)
 * di = d g i (1 − i),  df = d c f (1 − f),  dg = d i (1 − g²),  do = h̄′ t o (1 − o);  c̄ = d f,  h̄ = 0
 */
function lstmBackwardRows(begin: i32, end: i32): void {
  const hidden = <i32>integer(5);
  const row = <usize>hidden << 2;
  const half = integer(6) * row;
  for (let b = begin; b < end; b++) {
    let gi = integer(0) + <usize>b * row * 4;
    let gh = integer(1) + <usize>b * row * 4;
    let cell = integer(2) + half + <usize>b * row;
    let gy = integer(4) + <usize>b * row;
    let gates = integer(7) + <usize>b * row * 4;
    let cellGradient = integer(8) + half + <usize>b * row;
    if (isOver(integer(3), b)) {
      memory.fill(gates, 0, 4 * row);
      memory.copy(cellGradient - half, gy, row);
      memory.copy(cellGradient, gy + half, row);
      continue;
    }
    memory.fill(cellGradient - half, 0, row);
    for (let left = hidden; left > 0; left -= 4) {
      const i = sigmoid(sum(gi, gh));
      const f = sigmoid(sum(gi + row, gh + row));
      const g = tanh(sum(gi + 2 * row, gh + 2 * row));
      const o = sigmoid(sum(gi + 3 * row, gh + 3 * row));
      const c = v128.load(cell);
      const t = tanh(madd(f, c, f32x4.mul(i, g)));
      const hiddenGradient = v128.load(gy);
      const d = madd(f32x4.mul(hiddenGradient, o), oneMinus(f32x4.mul(t, t)), v128.load(gy + half));
      const df = f32x4.mul(d, f);
      const di = f32x4.mul(d, i);
      put(gates, f32x4.mul(f32x4.mul(di, g), oneMinus(i)), left);
      put(gates + row, f32x4.mul(f32x4.mul(df, c), oneMinus(f)), left);
      put(gates + 2 * row, f32x4.mul(di, oneMinus(f32x4.mul(g, g))), left);
      put(gates + 3 * row, f32x4.mul(f32x4.mul(hiddenGradient, t), f32x4.mul(o, oneMinus(o))), left);
      put(cellGradient, df, left);
      gi += 16;
      gh += 16;
      cell += 16;
      gy += 16;
      gates += 16;
      cellGradient += 16;
    }
  }
}

export function lstmGatesBackward(
  gi: usize,
  gh: usize,
  state: usize,
  mask: usize,
  gy: usize,
  gates: usize,
  stateGradient: usize,
  batch: i32,
  hidden: i32,
): void {
  setInteger(0, gi);
  setInteger(1, gh);
  setInteger(2, state);
  setInteger(3, mask);
  setInteger(4, gy);
  setInteger(5, hidden);
  setInteger(6, batch);
  setInteger(7, gates);
  setInteger(8, stateGradient);
  parallel(lstmBackwardRows, batch, max(1, GRAIN / hidden));
}

// The additive score e[b, t, j] = Σₐ v[a] tanh(query[b, t, a] + keys[b, j, a]) (Bahdanau 2015, A.1.2) and its
// gradients, which compute the tanh anew. A decoder keeps it instead: [B, T, S, A].

import { tanh } from "./functions";
import { integer, parallel, setInteger } from "./threads";
import { keepFirst, madd, put, storeFirst, sumLanes } from "./vector";

const GRAIN = 8192;

/** e[places] = Σₐ v[a] tanh(q[a] + k[places, a]), and, if they are `kept`, the tanh in h[places, a]. */
// @ts-expect-error: decorator
@inline
export function scoreRow(
  q: usize,
  k: usize,
  v: usize,
  kept: bool,
  h: usize,
  e: usize,
  places: i32,
  width: i32,
): void {
  const row = <usize>width << 2;
  const whole = <usize>(width & ~3) << 2;
  const tail = width & 3;
  for (let j = 0; j < places; j++, k += row, h += row, e += 4) {
    let total = f32x4.splat(0);
    let a: usize = 0;
    for (; a < whole; a += 16) {
      const energy = tanh(f32x4.add(v128.load(q + a), v128.load(k + a)));
      if (kept) v128.store(h + a, energy);
      total = madd(v128.load(v + a), energy, total);
    }
    if (tail) {
      const energy = tanh(f32x4.add(v128.load(q + a), v128.load(k + a)));
      if (kept) storeFirst(h + a, energy, tail);
      total = f32x4.add(total, keepFirst(f32x4.mul(v128.load(v + a), energy), tail, f32x4.splat(0)));
    }
    store<f32>(e, sumLanes(total));
  }
}

/** Items are (b, t) pairs. */
function scoreRows(begin: i32, end: i32): void {
  const steps = <i32>integer(4);
  const places = <i32>integer(5);
  const width = <i32>integer(6);
  const row = <usize>width << 2;
  for (let item = begin; item < end; item++) {
    const q = integer(0) + <usize>item * row;
    const k = integer(1) + <usize>((item / steps) * places) * row;
    scoreRow(q, k, integer(2), false, 0, integer(3) + (<usize>(item * places) << 2), places, width);
  }
}

/** e[batch, steps, places] */
export function additiveScore(
  query: usize,
  keys: usize,
  v: usize,
  e: usize,
  batch: i32,
  steps: i32,
  places: i32,
  width: i32,
): void {
  setInteger(0, query);
  setInteger(1, keys);
  setInteger(2, v);
  setInteger(3, e);
  setInteger(4, steps);
  setInteger(5, places);
  setInteger(6, width);
  parallel(scoreRows, batch * steps, max(1, GRAIN / max(1, places * width)));
}

/**
 * One (b, t) pair and four features. With h = tanh(q + k[j]), which k holds if it was `kept`, and d = ē[j] v (1 − h²):
 * q̅ = Σⱼ d,  k̅[j] += d,  v̄ += Σⱼ ē[j] h, where `first` sets instead of adding.
 */
// @ts-expect-error: decorator
@inline
export function scoreBackwardGroup(
  kept: bool,
  q: usize,
  k: usize,
  v: usize,
  ge: usize,
  gq: usize,
  gk: usize,
  gv: usize,
  places: i32,
  row: usize,
  lanes: i32,
  first: bool,
): void {
  const query = kept ? f32x4.splat(0) : v128.load(q);
  const weight = v128.load(v);
  let sum = f32x4.splat(0);
  let total = first ? sum : v128.load(gv);
  for (let j = 0; j < places; j++, k += row, gk += row, ge += 4) {
    const h = kept ? v128.load(k) : tanh(f32x4.add(query, v128.load(k)));
    const g = v128.load32_splat(ge);
    total = madd(g, h, total);
    const d = f32x4.mul(f32x4.mul(g, weight), f32x4.sub(f32x4.splat(1), f32x4.mul(h, h)));
    sum = f32x4.add(sum, d);
    put(gk, first ? d : f32x4.add(v128.load(gk), d), lanes);
  }
  put(gq, sum, lanes);
  put(gv, total, lanes);
}

/** Items are (b, four features) pairs. */
function scoreBackwardGroups(begin: i32, end: i32): void {
  const steps = <i32>integer(4);
  const places = <i32>integer(5);
  const width = <i32>integer(6);
  const row = <usize>width << 2;
  const groups = (width + 3) >> 2;
  for (let item = begin; item < end; item++) {
    const b = item / groups;
    const feature = (item - b * groups) << 2;
    const at = <usize>feature << 2;
    const k = <usize>(b * places) * row + at;
    let q = <usize>(b * steps) * row + at;
    let ge = integer(3) + (<usize>(b * steps * places) << 2);
    for (let t = 0; t < steps; t++, q += row, ge += <usize>places << 2) {
      scoreBackwardGroup(
        false,
        integer(0) + q,
        integer(1) + k,
        integer(2) + at,
        ge,
        integer(7) + q,
        integer(8) + k,
        integer(9) + <usize>b * row + at,
        places,
        row,
        width - feature,
        t == 0,
      );
    }
  }
}

/** Gradients for query and keys, and v's for each b apart: vGradient [batch, width]. */
export function additiveScoreBackward(
  query: usize,
  keys: usize,
  v: usize,
  gy: usize,
  queryGradient: usize,
  keysGradient: usize,
  vGradient: usize,
  batch: i32,
  steps: i32,
  places: i32,
  width: i32,
): void {
  setInteger(0, query);
  setInteger(1, keys);
  setInteger(2, v);
  setInteger(3, gy);
  setInteger(4, steps);
  setInteger(5, places);
  setInteger(6, width);
  setInteger(7, queryGradient);
  setInteger(8, keysGradient);
  setInteger(9, vGradient);
  parallel(scoreBackwardGroups, batch * ((width + 3) >> 2), max(1, GRAIN / max(1, 4 * steps * places)));
}

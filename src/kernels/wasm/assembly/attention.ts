// The additive score e[b, t, j] = Σₐ v[a] tanh(query[b, t, a] + keys[b, j, a]) (Bahdanau 2015, A.1.2) and its
// gradients. The tanh is computed anew on the way back: storing it would take [B, T, S, A].

import { tanh } from "./functions";
import { integer, parallel, setInteger } from "./threads";
import { keepFirst, madd, storeFirst, sumLanes } from "./vector";

const GRAIN = 8192;

/** Items are (b, t) pairs. */
function scoreRows(begin: i32, end: i32): void {
  const steps = <i32>integer(4);
  const places = <i32>integer(5);
  const width = <i32>integer(6);
  const row = <usize>width << 2;
  const whole = <usize>(width & ~3) << 2;
  const tail = width & 3;
  for (let item = begin; item < end; item++) {
    const q = integer(0) + <usize>item * row;
    let k = integer(1) + <usize>((item / steps) * places) * row;
    let e = integer(3) + (<usize>(item * places) << 2);
    for (let j = 0; j < places; j++, k += row, e += 4) {
      let total = f32x4.splat(0);
      const v = integer(2);
      let a: usize = 0;
      for (; a < whole; a += 16) {
        total = madd(v128.load(v + a), tanh(f32x4.add(v128.load(q + a), v128.load(k + a))), total);
      }
      if (tail) {
        const last = f32x4.mul(v128.load(v + a), tanh(f32x4.add(v128.load(q + a), v128.load(k + a))));
        total = f32x4.add(total, keepFirst(last, tail, f32x4.splat(0)));
      }
      store<f32>(e, sumLanes(total));
    }
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
 * With h = tanh(query[b, t, a] + keys[b, j, a]) and d = ē[b, t, j] v[a] (1 − h²):
 * query̅[b, t, a] = Σⱼ d,  keys̅[b, j, a] = Σₜ d,  v̄[a] = Σ ē[b, t, j] h, here for each b apart.
 * Items are (b, four features) pairs.
 */
function scoreBackwardGroups(begin: i32, end: i32): void {
  const steps = <i32>integer(4);
  const places = <i32>integer(5);
  const width = <i32>integer(6);
  const row = <usize>width << 2;
  const groups = (width + 3) >> 2;
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  for (let item = begin; item < end; item++) {
    const b = item / groups;
    const feature = (item - b * groups) << 2;
    const lanes = width - feature;
    const at = <usize>feature << 2;
    const keys = integer(1) + <usize>(b * places) * row + at;
    const keysGradient = integer(8) + <usize>(b * places) * row + at;
    let q = integer(0) + <usize>(b * steps) * row + at;
    let queryGradient = integer(7) + <usize>(b * steps) * row + at;
    let ge = integer(3) + (<usize>(b * steps * places) << 2);
    const v = v128.load(integer(2) + at);
    let gv = zero;
    for (let t = 0; t < steps; t++, q += row, queryGradient += row) {
      const query = v128.load(q);
      let gq = zero;
      let offset: usize = 0;
      for (let j = 0; j < places; j++, offset += row, ge += 4) {
        const h = tanh(f32x4.add(query, v128.load(keys + offset)));
        const g = v128.load32_splat(ge);
        gv = madd(g, h, gv);
        const d = f32x4.mul(g, f32x4.sub(one, f32x4.mul(h, h)));
        gq = f32x4.add(gq, d);
        const gk = t == 0 ? d : f32x4.add(v128.load(keysGradient + offset), d);
        if (lanes >= 4) v128.store(keysGradient + offset, gk);
        else storeFirst(keysGradient + offset, gk, lanes);
      }
      if (lanes >= 4) v128.store(queryGradient, f32x4.mul(gq, v));
      else storeFirst(queryGradient, f32x4.mul(gq, v), lanes);
    }
    let offset: usize = 0;
    for (let j = 0; j < places; j++, offset += row) {
      const gk = f32x4.mul(v128.load(keysGradient + offset), v);
      if (lanes >= 4) v128.store(keysGradient + offset, gk);
      else storeFirst(keysGradient + offset, gk, lanes);
    }
    const vGradient = integer(9) + <usize>b * row + at;
    if (lanes >= 4) v128.store(vGradient, gv);
    else storeFirst(vGradient, gv, lanes);
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

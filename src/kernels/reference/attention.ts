import { hostView, type Operand, type Storage } from "../storage.js";
import { allocate, store } from "./storage.js";

/** e[b, t, j] = Σₐ v[a] tanh(query[b, t, a] + keys[b, j, a])   (Bahdanau 2015, A.1.2) */
export function additiveScore(query: Operand, keys: Operand, v: Operand): Storage {
  const [batch, steps, width] = query.shape;
  const places = keys.shape[1];
  const q = hostView(query);
  const k = hostView(keys);
  const weight = hostView(v);
  const e = allocate(query.storage.dtype, batch * steps * places);
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < steps; t++) {
      const fromQ = (b * steps + t) * width;
      for (let j = 0; j < places; j++) {
        const fromK = (b * places + j) * width;
        let total = 0;
        for (let a = 0; a < width; a++) total += weight[a] * Math.tanh(q[fromQ + a] + k[fromK + a]);
        e[(b * steps + t) * places + j] = total;
      }
    }
  }
  return store(query.storage.dtype, e);
}

/**
 * With h = tanh(query[b, t, a] + keys[b, j, a]) and d = ē[b, t, j] v[a] (1 − h²):
 * query̅[b, t, a] = Σⱼ d,  keys̅[b, j, a] = Σₜ d,  v̄[a] = Σ ē[b, t, j] h.
 */
export function additiveScoreBackward(
  query: Operand,
  keys: Operand,
  v: Operand,
  gy: Operand,
): [query: Storage, keys: Storage, v: Storage] {
  const { dtype } = query.storage;
  const [batch, steps, width] = query.shape;
  const places = keys.shape[1];
  const q = hostView(query);
  const k = hostView(keys);
  const weight = hostView(v);
  const scoreGradient = hostView(gy);
  const gq = allocate(dtype, q.length);
  const gk = allocate(dtype, k.length);
  const gv = allocate(dtype, weight.length);
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < steps; t++) {
      const fromQ = (b * steps + t) * width;
      for (let j = 0; j < places; j++) {
        const fromK = (b * places + j) * width;
        const ge = scoreGradient[(b * steps + t) * places + j];
        for (let a = 0; a < width; a++) {
          const h = Math.tanh(q[fromQ + a] + k[fromK + a]);
          const d = ge * weight[a] * (1 - h * h);
          gq[fromQ + a] += d;
          gk[fromK + a] += d;
          gv[a] += ge * h;
        }
      }
    }
  }
  return [store(dtype, gq), store(dtype, gk), store(dtype, gv)];
}

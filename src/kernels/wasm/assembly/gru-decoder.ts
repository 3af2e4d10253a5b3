// A GRU decoder with additive attention (Bahdanau 2015, A.1.2) over a whole target sequence, forward and backward, each
// in one call. Rows of a batch never meet: a block of rows runs through all its time steps on one thread, and the three
// weights of the recurrence are packed once for all steps and rows.

import { scoreBackwardGroup, scoreRow } from "./attention";
import { rowsTogether } from "./gru-sequence";
import { addTo } from "./map";
import { block, packPanels } from "./matmul";
import { gruKeptBackward, gruRowKeeping } from "./gates";
import { dot, softmaxRow } from "./softmax";
import { integer, parallelLong, setInteger } from "./threads";
import { keepFirst, madd, storeFirst, sumLanes } from "./vector";
import { rowTimesMatrix } from "./vector-matrix";

// What both directions are given, by place. The first places serve the packing of the weights.
const GI = 8; // the embeddings' share of the gates [time, batch, 3·hidden]
const BIAS = 9; // of the recurrent weight
const KEYS = 10; // U h [batch, source, a]
const VALUES = 11; // h [batch, source, context]
const V = 12;
const MASK = 13; // bytes [batch, source], or 0
const STATES = 14; // [time + 1, batch, hidden]
const CONTEXTS = 15; // [time, batch, context]
const WEIGHTS = 16; // [batch, time, source]
const SCORES = 17; // [batch, time, source]
const QUERIES = 18; // W s [time, batch, a]
const GATES = 19; // gi with the context's share, afterwards r, z and n [time, batch, 3·hidden]
const GH = 20; // [time, batch, 3·hidden]
const PACKED_CONTEXT = 21;
const PACKED_HIDDEN = 22;
const PACKED_QUERY = 23;
const TIME = 24;
const BATCH = 25;
const SOURCE = 26;
const HIDDEN = 27;
const CONTEXT = 28;
const ATTENTION = 29;
// And the way back: gradients of what went out, then of what came in.
const STATES_GRADIENT = 30;
const CONTEXTS_GRADIENT = 31;
const WEIGHTS_GRADIENT = 32;
const SCORES_GRADIENT = 33;
const GATES_GRADIENT = 34;
const GH_GRADIENT = 35;
const QUERIES_GRADIENT = 36;
const KEYS_GRADIENT = 37;
const VALUES_GRADIENT = 38;
const V_GRADIENT = 39; // for each row apart [batch, a]
const CARRY = 40; // [batch, hidden], in the end the first state's
const CONTEXT_GRADIENT = 41; // of one step [batch, context]
const ONE_SCORE_GRADIENT = 42; // of one step [batch, source]
const TOGETHER = 43; // rows of a block, not passed

// @ts-expect-error: decorator
@inline
function size(i: i32): i32 {
  return <i32>integer(i);
}

/** Rows of n float32, in bytes. */
// @ts-expect-error: decorator
@inline
function bytes(n: i32): usize {
  return <usize>n << 2;
}

/** c = init + a · b for one block of rows, a [batch, k], b [k, n] packed. */
// @ts-expect-error: decorator
@inline
function rowsTimes(
  a: usize,
  packed: usize,
  c: usize,
  init: usize,
  initRow: usize,
  batch: i32,
  k: i32,
  n: i32,
  from: i32,
  rows: i32,
): void {
  block(a, 0, c, init, initRow, batch, k, n, false, false, from, rows, 0, n, packed);
}

/** Items are blocks of rows. */
function forwardRows(begin: i32, end: i32): void {
  const time = size(TIME);
  const batch = size(BATCH);
  const source = size(SOURCE);
  const hidden = size(HIDDEN);
  const context = size(CONTEXT);
  const attention = size(ATTENTION);
  const gateRow = bytes(3 * hidden);
  for (let item = begin; item < end; item++) {
    const from = item * size(TOGETHER);
    const rows = min(size(TOGETHER), batch - from);
    for (let t = 0; t < time; t++) {
      const first = <usize>(t * batch);
      const before = integer(STATES) + first * bytes(hidden);
      const after = before + <usize>batch * bytes(hidden);
      const queries = integer(QUERIES) + first * bytes(attention);
      const contexts = integer(CONTEXTS) + first * bytes(context);
      const gi = integer(GI) + first * gateRow;
      const gates = integer(GATES) + first * gateRow;
      const gh = integer(GH) + first * gateRow;
      rowsTimes(before, integer(PACKED_QUERY), queries, 0, 0, batch, hidden, attention, from, rows);
      for (let b = from; b < from + rows; b++) {
        const place = bytes((b * time + t) * source);
        const weights = integer(WEIGHTS) + place;
        const scores = integer(SCORES) + place;
        const keys = integer(KEYS) + <usize>(b * source) * bytes(attention);
        const values = integer(VALUES) + <usize>(b * source) * bytes(context);
        const open = integer(MASK) ? integer(MASK) + <usize>(b * source) : 0;
        scoreRow(queries + <usize>b * bytes(attention), keys, integer(V), scores, source, attention);
        softmaxRow(scores, open, weights, source);
        rowTimesMatrix(weights, values, contexts + <usize>b * bytes(context), 0, source, context);
      }
      const packedContext = integer(PACKED_CONTEXT);
      rowsTimes(contexts, packedContext, gates, gi, gateRow, batch, context, 3 * hidden, from, rows);
      rowsTimes(before, integer(PACKED_HIDDEN), gh, integer(BIAS), 0, batch, hidden, 3 * hidden, from, rows);
      for (let b = from; b < from + rows; b++) {
        const h = <usize>b * bytes(hidden);
        const g = gates + 3 * h;
        gruRowKeeping(g, gh + 3 * h, before + h, after + h, g, g + 2 * bytes(hidden), hidden);
      }
    }
  }
}

/**
 * What arrives at a context g[n] = Σⱼ αⱼ v[j, n], for one place: v̄ ← v̄ + αⱼ g, or αⱼ g if it is the `first`. Gives αⱼ's
 * gradient Σₙ g[n] v[j, n].
 */
function placeBackward(g: usize, v: usize, gv: usize, weight: f32, n: i32, first: bool): f32 {
  const factor = f32x4.splat(weight);
  let total = f32x4.splat(0);
  for (; n >= 4; n -= 4, g += 16, v += 16, gv += 16) {
    const part = v128.load(g);
    total = madd(part, v128.load(v), total);
    v128.store(gv, first ? f32x4.mul(factor, part) : madd(factor, part, v128.load(gv)));
  }
  if (n > 0) {
    const part = v128.load(g);
    total = f32x4.add(total, keepFirst(f32x4.mul(part, v128.load(v)), n, f32x4.splat(0)));
    storeFirst(gv, first ? f32x4.mul(factor, part) : madd(factor, part, v128.load(gv)), n);
  }
  return sumLanes(total);
}

/** One row of a step: from the context's gradient to those of values, scores, keys and v, and of the query in gq. */
function attentionBackward(b: i32, t: i32, q: usize, gq: usize): void {
  const source = size(SOURCE);
  const context = size(CONTEXT);
  const attention = size(ATTENTION);
  const last = t == size(TIME) - 1;
  const place = bytes((b * size(TIME) + t) * source);
  const weights = integer(WEIGHTS) + place;
  const ge = integer(ONE_SCORE_GRADIENT) + bytes(b * source);
  const gc = integer(CONTEXT_GRADIENT) + bytes(b * context);
  const valueRow = bytes(context);
  const values = <usize>(b * source) * valueRow;
  // The gradient of α first, which lies where that of e will.
  for (let j: usize = 0; j < <usize>source; j++) {
    const at = values + j * valueRow;
    const weight = load<f32>(weights + (j << 2));
    const ga = placeBackward(gc, integer(VALUES) + at, integer(VALUES_GRADIENT) + at, weight, context, last);
    store<f32>(ge + (j << 2), ga + load<f32>(integer(WEIGHTS_GRADIENT) + place + (j << 2)));
  }
  const mean = dot(weights, ge, source);
  for (let j: usize = 0; j < <usize>source; j++) {
    const at = j << 2;
    const through = load<f32>(weights + at) * (load<f32>(ge + at) - mean);
    store<f32>(ge + at, through + load<f32>(integer(SCORES_GRADIENT) + place + at));
  }
  const row = bytes(attention);
  const keys = integer(KEYS) + <usize>(b * source) * row;
  const keysGradient = integer(KEYS_GRADIENT) + <usize>(b * source) * row;
  const vGradient = integer(V_GRADIENT) + <usize>b * row;
  for (let a: i32 = 0; a < attention; a += 4) {
    const at = bytes(a);
    const v = integer(V) + at;
    const gk = keysGradient + at;
    scoreBackwardGroup(q + at, keys + at, v, ge, gq + at, gk, vGradient + at, source, row, attention - a, last);
  }
}

/** Items are blocks of rows. */
function backwardRows(begin: i32, end: i32): void {
  const time = size(TIME);
  const batch = size(BATCH);
  const hidden = size(HIDDEN);
  const context = size(CONTEXT);
  const attention = size(ATTENTION);
  const row = bytes(hidden);
  const step = <usize>batch * row;
  const carry = integer(CARRY);
  const gc = integer(CONTEXT_GRADIENT);
  for (let item = begin; item < end; item++) {
    const from = item * size(TOGETHER);
    const rows = min(size(TOGETHER), batch - from);
    const mine = <usize>from * row;
    memory.copy(carry + mine, integer(STATES_GRADIENT) + <usize>time * step + mine, <usize>rows * row);
    for (let t = time - 1; t >= 0; t--) {
      const first = <usize>(t * batch);
      const before = integer(STATES) + first * row;
      const gates = 3 * first * row;
      const gatesGradient = integer(GATES_GRADIENT) + gates;
      const ghGradient = integer(GH_GRADIENT) + gates;
      for (let b = from; b < from + rows; b++) {
        const h = <usize>b * row;
        const g = carry + h;
        const kept = integer(GATES) + gates + 3 * h;
        const m = integer(GH) + gates + 3 * h + 2 * row;
        const gi = gatesGradient + 3 * h;
        gruKeptBackward(kept, kept + 2 * row, m, before + h, g, gi, ghGradient + 3 * h, g, hidden);
      }
      rowsTimes(ghGradient, integer(PACKED_HIDDEN), carry, carry, row, batch, 3 * hidden, hidden, from, rows);
      const arriving = integer(CONTEXTS_GRADIENT) + first * bytes(context);
      const packedContext = integer(PACKED_CONTEXT);
      rowsTimes(gatesGradient, packedContext, gc, arriving, bytes(context), batch, 3 * hidden, context, from, rows);
      const queries = integer(QUERIES) + first * bytes(attention);
      const queriesGradient = integer(QUERIES_GRADIENT) + first * bytes(attention);
      for (let b = from; b < from + rows; b++) {
        const at = <usize>b * bytes(attention);
        attentionBackward(b, t, queries + at, queriesGradient + at);
      }
      rowsTimes(queriesGradient, integer(PACKED_QUERY), carry, carry, row, batch, attention, hidden, from, rows);
      addTo(carry + mine, integer(STATES_GRADIENT) + first * row + mine, rows * hidden);
    }
  }
}

/**
 * Runs the decoder. JavaScript has passed everything from {@link GI} to {@link ATTENTION} by place; the first state lies
 * at index 0 of the states. The weights are wc [3·hidden, context], wh [3·hidden, hidden] and wq [a, hidden].
 */
export function gruDecoder(wc: usize, wh: usize, wq: usize): void {
  const hidden = size(HIDDEN);
  packPanels(wc, true, size(CONTEXT), 3 * hidden, integer(PACKED_CONTEXT));
  packPanels(wh, true, hidden, 3 * hidden, integer(PACKED_HIDDEN));
  packPanels(wq, true, hidden, size(ATTENTION), integer(PACKED_QUERY));
  run(forwardRows);
}

/** The way back: everything to {@link ONE_SCORE_GRADIENT} has been passed. */
export function gruDecoderBackward(wc: usize, wh: usize, wq: usize): void {
  const hidden = size(HIDDEN);
  packPanels(wc, false, 3 * hidden, size(CONTEXT), integer(PACKED_CONTEXT));
  packPanels(wh, false, 3 * hidden, hidden, integer(PACKED_HIDDEN));
  packPanels(wq, false, size(ATTENTION), hidden, integer(PACKED_QUERY));
  run(backwardRows);
}

function run(rows: (begin: i32, end: i32) => void): void {
  const batch = size(BATCH);
  const together = rowsTogether(batch);
  setInteger(TOGETHER, together);
  parallelLong(rows, (batch + together - 1) / together);
}

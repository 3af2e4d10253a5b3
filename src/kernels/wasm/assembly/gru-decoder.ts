// A GRU decoder with additive attention (Bahdanau 2015, A.1.2) over a whole target sequence, forward and backward, each
// in one call. Rows of a batch never meet: a block of rows runs through all its time steps on one thread, and the three
// weights of the recurrence are packed once for all steps and rows. Time lies within each row of the batch, so that a
// thread's part of every array is one piece.

import { scoreBackwardGroup, scoreRow } from "./attention";
import { isDownward, rowsTogether } from "./gru-sequence";
import { addTo, copyRow } from "./map";
import { block, packPanels } from "./matmul";
import { gruKeptBackward, gruRowKeeping } from "./gates";
import { dot, softmaxRow } from "./softmax";
import { integer, parallelLong, setInteger } from "./threads";
import { keepFirst, madd, storeFirst, sumLanes } from "./vector";
import { rowTimesMatrix } from "./vector-matrix";

// What both directions are given, by place. The first places serve the packing of the weights.
const GI = 8; // the embeddings' share of the gates [batch, time, 3·hidden]
const BIAS = 9; // of the recurrent weight
const KEYS = 10; // U h [batch, source, a]
const VALUES = 11; // h [batch, source, context]
const V = 12;
const H0 = 13; // [batch, hidden]
const MASK = 14; // bytes [batch, source], or 0
const STATES = 15; // [batch, time, hidden]
const CONTEXTS = 16; // [batch, time, context]
const WEIGHTS = 17; // [batch, time, source]
const SCORES = 18; // [batch, time, source]
const BEFORE = 19; // the state that each step started from [batch, time, hidden]
const QUERIES = 20; // W s [batch, time, a]
const GATES = 21; // gi with the context's share, afterwards r, z and n [batch, time, 3·hidden]
const GH = 22; // [batch, time, 3·hidden]
const ENERGIES = 23; // tanh(query + keys) [batch, time, source, a]
const PACKED_CONTEXT = 24;
const PACKED_HIDDEN = 25;
const PACKED_QUERY = 26;
const TIME = 27;
const BATCH = 28;
const SOURCE = 29;
const HIDDEN = 30;
const CONTEXT = 31;
const ATTENTION = 32;
// And the way back: gradients of what went out, then of what came in.
const STATES_GRADIENT = 33;
const CONTEXTS_GRADIENT = 34;
const WEIGHTS_GRADIENT = 35;
const SCORES_GRADIENT = 36;
const GATES_GRADIENT = 37;
const GH_GRADIENT = 38;
const QUERIES_GRADIENT = 39;
const KEYS_GRADIENT = 40;
const VALUES_GRADIENT = 41;
const V_GRADIENT = 42; // for each row apart [batch, a]
const CARRY = 43; // [batch, hidden], in the end the first state's
const CONTEXT_GRADIENT = 44; // of one step [batch, context]
const ONE_SCORE_GRADIENT = 45; // of one step [batch, source]
const TOGETHER = 46; // rows of a block, not passed

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

/** c = init + a · b for one block of rows, which lie aRow, cRow and initRow bytes apart; b [k, n] packed. */
// @ts-expect-error: decorator
@inline
function rowsTimes(
  a: usize,
  aRow: usize,
  packed: usize,
  c: usize,
  cRow: usize,
  init: usize,
  initRow: usize,
  k: i32,
  n: i32,
  rows: i32,
): void {
  block(a, aRow, 0, c, cRow, init, initRow, k, n, false, false, 0, rows, 0, n, packed);
}

/** Items are blocks of rows. */
function forwardRows(begin: i32, end: i32): void {
  const time = size(TIME);
  const batch = size(BATCH);
  const source = size(SOURCE);
  const hidden = size(HIDDEN);
  const context = size(CONTEXT);
  const attention = size(ATTENTION);
  const hiddenRow = bytes(hidden);
  const contextRow = bytes(context);
  const queryRow = bytes(attention);
  const gateRow = 3 * hiddenRow;
  for (let item = begin; item < end; item++) {
    const from = item * size(TOGETHER);
    const rows = min(size(TOGETHER), batch - from);
    const down = isDownward(from, batch);
    const first = down ? from + rows - 1 : from;
    const way = down ? -1 : 1;
    // From a row of the block to the next.
    const step = <usize>(down ? -time : time);
    for (let t = 0; t < time; t++) {
      const start = <usize>(first * time + t);
      const before = integer(BEFORE) + start * hiddenRow;
      const queries = integer(QUERIES) + start * queryRow;
      const contexts = integer(CONTEXTS) + start * contextRow;
      const gates = integer(GATES) + start * gateRow;
      for (let r = 0, b = first; r < rows; r++, b += way) {
        const at = <usize>(b * time + t) * hiddenRow;
        const last = t == 0 ? integer(H0) + <usize>b * hiddenRow : integer(STATES) + at - hiddenRow;
        copyRow(last, integer(BEFORE) + at, hidden);
      }
      rowsTimes(before, step * hiddenRow, integer(PACKED_QUERY), queries, step * queryRow, 0, 0, hidden, attention, rows);
      for (let r = 0, b = first; r < rows; r++, b += way) {
        const at = <usize>(b * time + t);
        const weights = integer(WEIGHTS) + at * bytes(source);
        const scores = integer(SCORES) + at * bytes(source);
        const keys = integer(KEYS) + <usize>(b * source) * queryRow;
        const values = integer(VALUES) + <usize>(b * source) * contextRow;
        const open = integer(MASK) ? integer(MASK) + <usize>(b * source) : 0;
        const energies = integer(ENERGIES) + at * <usize>source * queryRow;
        scoreRow(integer(QUERIES) + at * queryRow, keys, integer(V), true, energies, scores, source, attention);
        softmaxRow(scores, open, weights, source);
        rowTimesMatrix(weights, values, integer(CONTEXTS) + at * contextRow, 0, source, context);
      }
      const gateStep = step * gateRow;
      const gi = integer(GI) + start * gateRow;
      const wc = integer(PACKED_CONTEXT);
      rowsTimes(contexts, step * contextRow, wc, gates, gateStep, gi, gateStep, context, 3 * hidden, rows);
      const gh = integer(GH) + start * gateRow;
      const wh = integer(PACKED_HIDDEN);
      rowsTimes(before, step * hiddenRow, wh, gh, gateStep, integer(BIAS), 0, hidden, 3 * hidden, rows);
      for (let r = 0, b = first; r < rows; r++, b += way) {
        const at = <usize>(b * time + t);
        const h = at * hiddenRow;
        const g = integer(GATES) + at * gateRow;
        const y = integer(STATES) + h;
        gruRowKeeping(g, integer(GH) + at * gateRow, integer(BEFORE) + h, y, g, g + 2 * hiddenRow, hidden);
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
function attentionBackward(b: i32, t: i32, gq: usize): void {
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
  const energies = integer(ENERGIES) + <usize>((b * size(TIME) + t) * source) * row;
  const keysGradient = integer(KEYS_GRADIENT) + <usize>(b * source) * row;
  const vGradient = integer(V_GRADIENT) + <usize>b * row;
  for (let a: i32 = 0; a < attention; a += 4) {
    const at = bytes(a);
    const v = integer(V) + at;
    const gk = keysGradient + at;
    scoreBackwardGroup(true, 0, energies + at, v, ge, gq + at, gk, vGradient + at, source, row, attention - a, last);
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
  const contextRow = bytes(context);
  const queryRow = bytes(attention);
  for (let item = begin; item < end; item++) {
    const from = item * size(TOGETHER);
    const rows = min(size(TOGETHER), batch - from);
    const down = isDownward(from, batch);
    const first = down ? from + rows - 1 : from;
    const way = down ? -1 : 1;
    // From a row of the block to the next: of what has all steps, and of what has one.
    const step = <usize>(down ? -time : time);
    const next = <usize>way;
    const carry = integer(CARRY) + <usize>first * row;
    const gc = integer(CONTEXT_GRADIENT) + <usize>first * contextRow;
    memory.fill(integer(CARRY) + <usize>from * row, 0, <usize>rows * row);
    for (let t = time - 1; t >= 0; t--) {
      for (let r = 0, b = first; r < rows; r++, b += way) {
        const at = <usize>(b * time + t) * row;
        const g = integer(CARRY) + <usize>b * row;
        addTo(g, integer(STATES_GRADIENT) + at, hidden);
        const kept = integer(GATES) + 3 * at;
        const m = integer(GH) + 3 * at + 2 * row;
        const gi = integer(GATES_GRADIENT) + 3 * at;
        const gh = integer(GH_GRADIENT) + 3 * at;
        gruKeptBackward(kept, kept + 2 * row, m, integer(BEFORE) + at, g, gi, gh, g, hidden);
      }
      const start = <usize>(first * time + t);
      const gh = integer(GH_GRADIENT) + 3 * start * row;
      const gateStep = 3 * step * row;
      rowsTimes(gh, gateStep, integer(PACKED_HIDDEN), carry, next * row, carry, next * row, 3 * hidden, hidden, rows);
      const gi = integer(GATES_GRADIENT) + 3 * start * row;
      const arriving = integer(CONTEXTS_GRADIENT) + start * contextRow;
      const wc = integer(PACKED_CONTEXT);
      rowsTimes(gi, gateStep, wc, gc, next * contextRow, arriving, step * contextRow, 3 * hidden, context, rows);
      for (let r = 0, b = first; r < rows; r++, b += way) {
        attentionBackward(b, t, integer(QUERIES_GRADIENT) + <usize>(b * time + t) * queryRow);
      }
      const gq = integer(QUERIES_GRADIENT) + start * queryRow;
      const wq = integer(PACKED_QUERY);
      rowsTimes(gq, step * queryRow, wq, carry, next * row, carry, next * row, attention, hidden, rows);
    }
  }
}

/**
 * Runs the decoder. JavaScript has passed everything from {@link GI} to {@link ATTENTION} by place. The weights
 * are wc [3·hidden, context], wh [3·hidden, hidden] and wq [a, hidden].
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

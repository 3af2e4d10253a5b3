// A GRU over a whole sequence, forward and backward, each in one call. Rows of a batch never meet: a block of rows runs
// through all its time steps on one thread, and the recurrent weight is packed once for all steps and rows. Time lies
// within each row of the batch, so that a thread's part of every array is one piece.

import { addTo, copyRow } from "./map";
import { block, packPanels } from "./matmul";
import { gruKeptBackward, gruRowKeeping, isOver } from "./gates";
import { expectedThreads, integer, parallelLong, setInteger } from "./threads";

const FEW_ROWS = 16;
const MANY_ROWS = 32;

/**
 * Rows that go through time together: whole register tiles, and pieces enough that a thread that is held up leaves some to
 * the others; but fewer than FEW_ROWS only where a thread would get none.
 */
export function rowsTogether(batch: i32): i32 {
  const threads = expectedThreads();
  const share = (batch + threads - 1) / threads;
  const rows = max((share + 1) >> 1, min(FEW_ROWS, share));
  return max(4, min(MANY_ROWS, (rows + 3) & ~3));
}

/**
 * Whether a block of rows is gone through downward, as in the lower half of a batch; the upper half is gone through upward.
 * Processors fetch ahead, many rows far, and two threads that worked towards each other would take lines that the other
 * is writing: where their cores are far apart a sequence took half as long again.
 */
export function isDownward(from: i32, batch: i32): bool {
  return 2 * from < batch;
}

/** Items are blocks of rows. */
function forwardRows(begin: i32, end: i32): void {
  const gi = integer(0);
  const bias = integer(1);
  const mask = integer(2);
  const states = integer(3);
  const before = integer(4);
  const gh = integer(5);
  const kept = integer(6);
  const packed = integer(7);
  const time = <i32>integer(8);
  const batch = <i32>integer(9);
  const hidden = <i32>integer(10);
  const reversed = integer(11) != 0;
  const together = <i32>integer(12);
  const h0 = integer(13);
  const row = <usize>hidden << 2;
  const rowOfAll = <usize>time * row;
  for (let item = begin; item < end; item++) {
    const from = item * together;
    const rows = min(together, batch - from);
    const down = isDownward(from, batch);
    const first = down ? from + rows - 1 : from;
    const way = down ? -1 : 1;
    const step = down ? -rowOfAll : rowOfAll;
    for (let i = 0; i < time; i++) {
      const t = <usize>(reversed ? time - 1 - i : i);
      for (let r = 0, b = first; r < rows; r++, b += way) {
        const at = <usize>b * rowOfAll + t * row;
        const last = i == 0 ? h0 + <usize>b * row : states + at + (reversed ? row : -row);
        copyRow(last, before + at, hidden);
      }
      const start = <usize>first * rowOfAll + t * row;
      const gates = gh + 3 * start;
      block(before + start, step, 0, gates, 3 * step, bias, 0, hidden, 3 * hidden, false, true, 0, rows, 0, 3 * hidden, packed);
      for (let r = 0, b = first; r < rows; r++, b += way) {
        const at = <usize>b * rowOfAll + t * row;
        if (isOver(mask, b * time + <i32>t)) copyRow(before + at, states + at, hidden);
        else gruRowKeeping(gi + 3 * at, gh + 3 * at, before + at, states + at, gh + 3 * at, kept + at, hidden);
      }
    }
  }
}

/**
 * States [batch, time, hidden] from projections gi [batch, time, 3·hidden], w [3·hidden, hidden] and its bias, and the
 * state h0 [batch, hidden] that the sequence begins with. mask bytes [batch, time] or 0. Kept for the way back: in
 * `before` [batch, time, hidden] what each step started from, in gh [batch, time, 3·hidden] r, z and ghₙ, in `kept`
 * [batch, time, hidden] n. `packed` is room for w.
 */
export function gruSequence(
  gi: usize,
  w: usize,
  bias: usize,
  h0: usize,
  mask: usize,
  states: usize,
  before: usize,
  gh: usize,
  kept: usize,
  packed: usize,
  time: i32,
  batch: i32,
  hidden: i32,
  reversed: bool,
): void {
  packPanels(w, true, hidden, 3 * hidden, packed);
  const together = rowsTogether(batch);
  setInteger(0, gi);
  setInteger(1, bias);
  setInteger(2, mask);
  setInteger(3, states);
  setInteger(4, before);
  setInteger(5, gh);
  setInteger(6, kept);
  setInteger(7, packed);
  setInteger(8, time);
  setInteger(9, batch);
  setInteger(10, hidden);
  setInteger(11, reversed);
  setInteger(12, together);
  setInteger(13, h0);
  parallelLong(forwardRows, (batch + together - 1) / together);
}

/** Items are blocks of rows. */
function backwardRows(begin: i32, end: i32): void {
  const kept = integer(0);
  const mask = integer(1);
  const before = integer(2);
  const gh = integer(3);
  const gy = integer(4);
  const packed = integer(5);
  const giGradient = integer(6);
  const ghGradient = integer(7);
  const carry = integer(8);
  const time = <i32>integer(9);
  const batch = <i32>integer(10);
  const hidden = <i32>integer(11);
  const reversed = integer(12) != 0;
  const together = <i32>integer(13);
  const row = <usize>hidden << 2;
  const rowOfAll = <usize>time * row;
  for (let item = begin; item < end; item++) {
    const from = item * together;
    const rows = min(together, batch - from);
    const down = isDownward(from, batch);
    const first = down ? from + rows - 1 : from;
    const way = down ? -1 : 1;
    const step = down ? -rowOfAll : rowOfAll;
    const mine = carry + <usize>first * row;
    const mineStep = down ? -row : row;
    memory.fill(carry + <usize>from * row, 0, <usize>rows * row);
    for (let i = time - 1; i >= 0; i--) {
      const t = <usize>(reversed ? time - 1 - i : i);
      for (let r = 0, b = first; r < rows; r++, b += way) {
        const at = <usize>b * rowOfAll + t * row;
        const g = carry + <usize>b * row;
        addTo(g, gy + at, hidden);
        if (isOver(mask, b * time + <i32>t)) {
          memory.fill(giGradient + 3 * at, 0, 3 * row);
          memory.fill(ghGradient + 3 * at, 0, 3 * row);
        } else {
          const m = gh + 3 * at + 2 * row;
          gruKeptBackward(gh + 3 * at, kept + at, m, before + at, g, giGradient + 3 * at, ghGradient + 3 * at, g, hidden);
        }
      }
      const gates = ghGradient + 3 * (<usize>first * rowOfAll + t * row);
      block(gates, 3 * step, 0, mine, mineStep, mine, mineStep, 3 * hidden, hidden, false, false, 0, rows, 0, hidden, packed);
    }
  }
}

/**
 * Gradients for gi, for gh and, in `carry` [batch, hidden], for the state that the sequence began with, given gy
 * [batch, time, hidden], that of all states.
 */
export function gruSequenceBackward(
  w: usize,
  mask: usize,
  before: usize,
  gh: usize,
  kept: usize,
  gy: usize,
  packed: usize,
  giGradient: usize,
  ghGradient: usize,
  carry: usize,
  time: i32,
  batch: i32,
  hidden: i32,
  reversed: bool,
): void {
  packPanels(w, false, 3 * hidden, hidden, packed);
  const together = rowsTogether(batch);
  setInteger(0, kept);
  setInteger(1, mask);
  setInteger(2, before);
  setInteger(3, gh);
  setInteger(4, gy);
  setInteger(5, packed);
  setInteger(6, giGradient);
  setInteger(7, ghGradient);
  setInteger(8, carry);
  setInteger(9, time);
  setInteger(10, batch);
  setInteger(11, hidden);
  setInteger(12, reversed);
  setInteger(13, together);
  parallelLong(backwardRows, (batch + together - 1) / together);
}

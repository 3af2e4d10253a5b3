// A GRU over a whole sequence, forward and backward, each in one call. Rows of a batch never meet: a block of rows runs
// through all its time steps on one thread, and the recurrent weight is packed once for all steps and rows.

import { addTo } from "./map";
import { block, packPanels } from "./matmul";
import { gruKeptBackward, gruRowKeeping, isOver } from "./gates";
import { expectedThreads, integer, parallelLong, setInteger } from "./threads";

/** Rows that go through time together: a whole number of register tiles, few enough that every thread gets some. */
export function rowsTogether(batch: i32): i32 {
  const pieces = 2 * expectedThreads();
  return max(4, min(32, ((batch + pieces - 1) / pieces + 3) & ~3));
}

/** Items are blocks of rows. */
function forwardRows(begin: i32, end: i32): void {
  const gi = integer(0);
  const bias = integer(1);
  const mask = integer(2);
  const states = integer(3);
  const gh = integer(4);
  const kept = integer(11);
  const packed = integer(5);
  const time = <i32>integer(6);
  const batch = <i32>integer(7);
  const hidden = <i32>integer(8);
  const reversed = integer(9) != 0;
  const together = <i32>integer(10);
  const row = <usize>hidden << 2;
  const step = <usize>batch * row;
  for (let item = begin; item < end; item++) {
    const from = item * together;
    const rows = min(together, batch - from);
    for (let i = 0; i < time; i++) {
      const t = <usize>(reversed ? time - 1 - i : i);
      const before = states + (reversed ? t + 1 : t) * step;
      const after = states + (reversed ? t : t + 1) * step;
      const gates = gh + 3 * t * step;
      block(before, 0, gates, bias, 0, batch, hidden, 3 * hidden, false, true, from, rows, 0, 3 * hidden, packed);
      const open = mask ? mask + t * <usize>batch : 0;
      for (let b = from; b < from + rows; b++) {
        const at = <usize>b * row;
        if (isOver(open, b)) memory.copy(after + at, before + at, row);
        else {
          const g = gates + 3 * at;
          gruRowKeeping(gi + 3 * (t * step + at), g, before + at, after + at, g, kept + t * step + at, hidden);
        }
      }
    }
  }
}

/**
 * States [time + 1, batch, hidden] from projections gi [time, batch, 3·hidden], w [3·hidden, hidden] and its bias. The
 * state that the sequence begins with is there already: at index 0, or, `reversed`, at index `time`. mask bytes
 * [time, batch] or 0. Kept for the way back: in gh [time, batch, 3·hidden] r, z and ghₙ, in `kept` [time, batch, hidden]
 * n. `packed` is room for w.
 */
export function gruSequence(
  gi: usize,
  w: usize,
  bias: usize,
  mask: usize,
  states: usize,
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
  setInteger(4, gh);
  setInteger(5, packed);
  setInteger(6, time);
  setInteger(7, batch);
  setInteger(8, hidden);
  setInteger(9, reversed);
  setInteger(10, together);
  setInteger(11, kept);
  parallelLong(forwardRows, (batch + together - 1) / together);
}

/** Items are blocks of rows. */
function backwardRows(begin: i32, end: i32): void {
  const kept = integer(0);
  const mask = integer(1);
  const states = integer(2);
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
  const step = <usize>batch * row;
  for (let item = begin; item < end; item++) {
    const from = item * together;
    const rows = min(together, batch - from);
    const block0 = <usize>from * row;
    const numbers = rows * hidden;
    memory.copy(carry + block0, gy + (reversed ? 0 : <usize>time * step) + block0, <usize>numbers << 2);
    for (let i = time - 1; i >= 0; i--) {
      const t = <usize>(reversed ? time - 1 - i : i);
      const before = (reversed ? t + 1 : t) * step;
      for (let b = from; b < from + rows; b++) {
        const at = <usize>b * row;
        const gates = 3 * (t * step + at);
        if (isOver(mask ? mask + t * <usize>batch : 0, b)) {
          memory.fill(giGradient + gates, 0, 3 * row);
          memory.fill(ghGradient + gates, 0, 3 * row);
        } else {
          const h = states + before + at;
          const g = carry + at;
          const n = kept + t * step + at;
          const m = gh + gates + 2 * row;
          gruKeptBackward(gh + gates, n, m, h, g, giGradient + gates, ghGradient + gates, g, hidden);
        }
      }
      const gates = ghGradient + 3 * t * step;
      block(gates, 0, carry, carry, row, batch, 3 * hidden, hidden, false, false, from, rows, 0, hidden, packed);
      addTo(carry + block0, gy + before + block0, numbers);
    }
  }
}

/**
 * Gradients for gi, for gh and, in `carry` [batch, hidden], for the state that the sequence began with, given gy
 * [time + 1, batch, hidden], that of all states.
 */
export function gruSequenceBackward(
  w: usize,
  mask: usize,
  states: usize,
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
  setInteger(2, states);
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

import { type EncodedPair, makeBatch } from "../data/batches.js";
import type { Translator } from "../models/translator.js";
import { tensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import { batchTensors, deviceOf } from "../training/batch-tensors.js";
import { type PathTerms, pathGradients, pathTerms } from "./path-split.js";
import {
  type Direction,
  directions,
  norm,
  numbers,
  type StateLayout,
  stateLayout,
  stateOffset,
  stateSites,
} from "./states.js";
import { Recorder, Trace, type TraceOptions } from "./trace.js";

export interface EntryPoints {
  /** I, [S][S]: I[j][k] = ‖(J_k ⋯ J_{j+1})ᵀ d_k‖, the part of h̄_j that entered the encoder at word k. */
  readonly entries: number[][];
  /** D_j = Σ_k |k − j| I[j][k] / Σ_k I[j][k]: how many recurrent steps h_j's gradient has come on average. */
  readonly distance: number[];
}

/** [j][k]: the vector behind I[j][k]; in an LSTM h and c together. */
export type EntryTerms = readonly (readonly Float64Array[])[];

/**
 * Where each source word's gradient entered the encoder. d_k = value + score + bridge at k is what comes from the decoder;
 * from there it goes back along the recurrence, J being the Jacobian of one step. k = j came by the shortcut alone.
 *
 * All entry points go back in one batched pass: the sentence stands in the batch S times, and row k starts from d_k only.
 */
export async function entryPoints(
  model: Translator,
  pair: EncodedPair,
  options: Pick<TraceOptions, "change"> = {},
): Promise<EntryPoints> {
  const entries = (await entryTerms(model, pair, options)).map((terms) => terms.map(norm));
  const distance = entries.map((row, j) => {
    const whole = row.reduce((sum, value) => sum + value, 0);
    return whole === 0 ? 0 : row.reduce((sum, value, k) => sum + Math.abs(k - j) * value, 0) / whole;
  });
  return { entries, distance };
}

/** The vectors behind I: [j][k], the term of h̄_j that entered at k. Their sum over k is h̄_j. */
export async function entryTerms(
  model: Translator,
  pair: EncodedPair,
  { change }: Pick<TraceOptions, "change"> = {},
): Promise<EntryTerms> {
  const { gradients, layout } = scope(() => {
    const trace = new Trace(model, pair, { change });
    return { gradients: pathGradients(trace, trace.loss()), layout: stateLayout(trace) };
  });
  const entering = enteringGradients(await pathTerms(gradients));
  const length = entering.length;
  const found = scope(() => {
    const recorder = new Recorder(change);
    const { source, mask } = batchTensors(makeBatch(new Array<EncodedPair>(length).fill(pair)), deviceOf(model));
    model.encode(source, mask, { tap: recorder.tap });
    const sites = stateSites(length);
    const seeds = directions.flatMap((direction) =>
      entering.map((d, k) => {
        const state = recorder.value(`encoder.${direction}.state[${k}]`);
        return tensor(seed(layout, direction, d, k, length), {
          shape: state.shape,
          dtype: state.dtype,
          device: state.device,
        });
      }),
    );
    return recorder.gradients(
      sites.map((site) => recorder.value(site)),
      sites,
      { seeds },
    );
  });
  const packed = layout.parts * layout.hidden;
  const terms = entering.map(() => entering.map(() => new Float64Array(2 * packed)));
  for (const [index, gradient] of found.entries()) {
    const [direction, j] = [directions[Math.floor(index / length)], index % length];
    const rows = await numbers(gradient, layout.parts * length * layout.hidden);
    gradient?.dispose();
    for (let k = 0; k < length; k++) {
      for (let part = 0; part < layout.parts; part++) {
        const from = (part * length + k) * layout.hidden;
        terms[j][k].set(
          rows.subarray(from, from + layout.hidden),
          stateOffset(layout, direction) + part * layout.hidden,
        );
      }
    }
  }
  return terms;
}

/** d_k: what enters the encoder at k from the decoder. */
const enteringGradients = ({ value, score, bridge }: PathTerms): Float64Array[] =>
  value.map((term, k) => term.map((x, i) => x + score[k][i] + bridge[k][i]));

/** One direction's share of d_k in row k of a state [rows, H] or [parts, rows, H], zeros in the other rows. */
function seed(layout: StateLayout, direction: Direction, d: Float64Array, k: number, rows: number): Float64Array {
  const { hidden, parts } = layout;
  const values = new Float64Array(parts * rows * hidden);
  const start = stateOffset(layout, direction);
  for (let part = 0; part < parts; part++) {
    const from = start + part * hidden;
    values.set(d.subarray(from, from + hidden), (part * rows + k) * hidden);
  }
  return values;
}

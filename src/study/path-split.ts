import type { Tensor } from "../tensor/tensor.js";
import { type PathName, type PathSplit, pathNames } from "./sentence-study.js";
import {
  dot,
  norm,
  numbers,
  recurrences,
  type StateLayout,
  stateLayout,
  stateOffset,
  stateSites,
  stateSize,
} from "./states.js";
import type { Trace } from "./trace.js";

/** For each source word, the gradient of its encoder state and the four terms that it is the sum of. */
export interface PathTerms extends Readonly<Record<PathName, readonly Float64Array[]>> {
  readonly total: readonly Float64Array[];
}

/** Gradients not yet read from the device, by what they belong to. */
export interface PathGradients {
  readonly layout: StateLayout;
  readonly length: number;
  readonly total: readonly (Tensor | null)[];
  readonly recurrence: readonly (Tensor | null)[];
  /** [1, S, 2H]; null without attention. */
  readonly values: Tensor | null;
  readonly keys: Tensor | null;
  /** [1, H] */
  readonly bridge: Tensor | null;
  /** [1, 2H], only without attention. */
  readonly summary: Tensor | null;
}

/**
 * The gradients of every use of every encoder state, in one backward pass.
 * @param trace of one row
 */
export function pathGradients(trace: Trace, loss: Tensor): PathGradients {
  const length = trace.sourceLength;
  const states = stateSites(length);
  const steps = recurrences(length).map(({ site }) => site);
  const attends = trace.has("attention.values");
  const others = ["bridge", ...(attends ? ["attention.values", "attention.keys"] : ["decoder.context"])];
  const found = trace.gradients(loss, [...states, ...steps, ...others]);
  const [bridge, first, second = null] = found.slice(states.length + steps.length);
  return {
    layout: stateLayout(trace),
    length,
    total: found.slice(0, states.length),
    recurrence: found.slice(states.length, states.length + steps.length),
    bridge,
    values: attends ? first : null,
    keys: second,
    summary: attends ? null : first,
  };
}

/**
 * h̄_j = value + score + bridge + recurrence, term by term (exact: each is the gradient of one use of h_j).
 *
 * - value: Σ_t α_tj γ_t, h_j as the context sums it;
 * - score: Σ_t ē_tj Uᵀ[v ⊙ (1 − q_tj²)], h_j as U projects it;
 * - bridge: the first backward state as the decoder starts from it; without attention also the fixed context, which is
 *   made of the last forward and the first backward state;
 * - recurrence: h_j as the next step of its direction takes it. An LSTM's state is h and c together.
 *
 * Reads the gradients from their device and frees them.
 */
export async function pathTerms(gradients: PathGradients): Promise<PathTerms> {
  const { layout, length, values, keys, bridge, summary } = gradients;
  const { hidden } = layout;
  const packed = layout.parts * hidden;
  const empty = (): Float64Array[] => Array.from({ length }, () => new Float64Array(stateSize(layout)));
  const terms = { value: empty(), score: empty(), bridge: empty(), recurrence: empty(), total: empty() };

  /** Adds annotation gradients, [forward h; backward h] of 2H numbers, where a state keeps its two h. */
  const addAnnotation = (into: Float64Array, source: Float64Array, at: number): void => {
    for (let i = 0; i < hidden; i++) {
      into[i] += source[at + i];
      into[stateOffset(layout, "backward") + i] += source[at + hidden + i];
    }
  };
  const annotations = 2 * hidden * length;
  const [value, score] = [await numbers(values, annotations), await numbers(keys, annotations)];
  for (let j = 0; j < length; j++) {
    addAnnotation(terms.value[j], value, 2 * hidden * j);
    addAnnotation(terms.score[j], score, 2 * hidden * j);
  }

  const first = await numbers(bridge, hidden);
  const whole = await numbers(summary, 2 * hidden);
  for (let i = 0; i < hidden; i++) {
    terms.bridge[0][stateOffset(layout, "backward") + i] += first[i] + whole[hidden + i];
    terms.bridge[length - 1][i] += whole[i];
  }

  for (const [index, { direction, j }] of recurrences(length).entries()) {
    terms.recurrence[j].set(await numbers(gradients.recurrence[index], packed), stateOffset(layout, direction));
  }
  for (let j = 0; j < length; j++) {
    terms.total[j].set(await numbers(gradients.total[j], packed), 0);
    terms.total[j].set(await numbers(gradients.total[length + j], packed), stateOffset(layout, "backward"));
  }
  const { total, recurrence } = gradients;
  for (const tensor of [...total, ...recurrence, values, keys, bridge, summary]) tensor?.dispose();
  return terms;
}

/** Shares ρ_P = ⟨P_j, h̄_j⟩ / ‖h̄_j‖², which sum to 1, and norms. Where h̄_j is 0, the shares are 0. */
export function pathSplit(terms: PathTerms): PathSplit {
  const perPath = (measure: (term: Float64Array, total: Float64Array) => number): Record<PathName, number[]> => {
    const of = (path: PathName): number[] => terms[path].map((term, j) => measure(term, terms.total[j]));
    return { value: of("value"), score: of("score"), bridge: of("bridge"), recurrence: of("recurrence") };
  };
  return {
    ...perPath((term, total) => dot(term, total) / (dot(total, total) || 1)),
    norms: perPath(norm),
    total: terms.total.map(norm),
  };
}

/** The largest |h̄_j − Σ_P P_j| over all words and numbers: rounding only. */
export function pathResidual(terms: PathTerms): number {
  let worst = 0;
  for (const [j, total] of terms.total.entries()) {
    for (let i = 0; i < total.length; i++) {
      const sum = pathNames.reduce((partial, path) => partial + terms[path][j][i], 0);
      worst = Math.max(worst, Math.abs(sum - total[i]));
    }
  }
  return worst;
}

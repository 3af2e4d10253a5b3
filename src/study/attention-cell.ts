import type { EncodedPair } from "../data/batches.js";
import { DataError } from "../errors.js";
import { RNNsearch } from "../models/rnnsearch.js";
import type { Translator } from "../models/translator.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { rowsOf } from "./states.js";
import { Trace } from "./trace.js";

/** Every number on the way from s_{t−1} and h_j to α_tj, and back from γ_t to ē_tj. */
export interface AttentionCell {
  /** s_{t−1}, [H], and h_j, [2H]. */
  readonly state: number[];
  readonly annotation: number[];
  /** W s_{t−1}, U h_j, q_tj = tanh of their sum, and v: [a] each. */
  readonly query: number[];
  readonly key: number[];
  readonly q: number[];
  readonly v: number[];
  /** e_t = v · q_t and α_t = softmax(e_t), [S]. */
  readonly scores: number[];
  readonly weights: number[];
  /** γ_t = c̄_t, [2H]. */
  readonly contextGradient: number[];
  /** ᾱ_t and ē_t, [S]. */
  readonly weightGradients: number[];
  readonly scoreGradients: number[];
}

/**
 * The arithmetic of one cell of the alignment, target word t and source word j.
 * @throws DataError for a model without attention, or a cell outside the alignment
 */
export function attentionCell(model: Translator, pair: EncodedPair, t: number, j: number): AttentionCell {
  if (!(model instanceof RNNsearch)) throw new DataError(`attentionCell: ${model.config.model} has no attention`);
  return scope(() => {
    const trace = new Trace(model, pair);
    if (!(t >= 0 && t < trace.targetLength && j >= 0 && j < trace.sourceLength)) {
      throw new DataError(`attentionCell: no cell (${t}, ${j}) in ${trace.targetLength} × ${trace.sourceLength}`);
    }
    const list = (tensor: Tensor | null): number[] => (tensor ? rowsOf(tensor.dataSync(), tensor.size)[0] : []);
    const value = (name: string): number[] => list(trace.value(`decoder.${name}[${t}]`));
    const [gamma, weightGradient, scoreGradient] = trace.gradients(
      trace.loss(),
      ["context", "alpha", "e"].map((name) => `decoder.${name}[${t}]`),
    );
    const annotation = trace.value("encoder.h").at(0).at(j);
    const state =
      t === 0
        ? model.bridge.forward(trace.value("bridge")).tanh()
        : model.cell.hidden(trace.value(`decoder.s[${t - 1}]`));
    const query = value("query");
    const key = list(model.attention.U.forward(annotation.reshape([1, annotation.size])));
    return {
      state: list(state),
      annotation: list(annotation),
      query,
      key,
      q: query.map((x, i) => Math.tanh(x + key[i])),
      v: list(model.attention.v.weight),
      scores: value("e"),
      weights: value("alpha"),
      contextGradient: list(gamma),
      weightGradients: list(weightGradient),
      scoreGradients: list(scoreGradient),
    };
  });
}

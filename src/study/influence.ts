import type { EncodedPair } from "../data/batches.js";
import type { Translator } from "../models/translator.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { numbers, stateSites } from "./states.js";
import { Trace, type TraceOptions } from "./trace.js";

export interface Influence {
  /** K, [T][S]: ‖∂ logit_t(y_t) / ∂x_j‖, x_j the embedding of source word j. */
  readonly influence: number[][];
  /** G, [T][S]: ‖∂ℓ_t / ∂h_j‖, an LSTM's h_j with its c. */
  readonly stateInfluence: number[][];
}

/**
 * Each target word's own gradients, all in one batched pass: the sentence stands in the batch T times, and of row t only
 * target word t counts.
 */
export async function influence(
  model: Translator,
  pair: EncodedPair,
  options: Pick<TraceOptions, "change"> = {},
): Promise<Influence> {
  const { embeddings, states, words, length } = scope(() => {
    const trace = new Trace(model, pair, { ...options, rows: pair.target.length + 1 });
    const { logits, labels, right } = trace.ownWords();
    const loss = logits.crossEntropy(labels, { reduction: "sum" });
    const chosen = logits.mul(right).sum();
    const [embedding] = trace.gradients(chosen, ["source.embedding"]);
    return {
      embeddings: embedding?.mul(embedding).sum({ axis: 2 }) ?? null,
      states: trace
        .gradients(loss, stateSites(trace.sourceLength))
        .map((gradient) => gradient && squaredNorms(gradient)),
      words: trace.targetLength,
      length: trace.sourceLength,
    };
  });
  const squaresK = await numbers(embeddings, words * length);
  const squaresG = await Promise.all(states.map((squares) => numbers(squares, words)));
  for (const one of [embeddings, ...states]) one?.dispose();
  const matrix = (squared: (t: number, j: number) => number): number[][] =>
    Array.from({ length: words }, (_, t) => Array.from({ length }, (_, j) => Math.sqrt(squared(t, j))));
  return {
    influence: matrix((t, j) => squaresK[t * length + j]),
    stateInfluence: matrix((t, j) => squaresG[j][t] + squaresG[length + j][t]),
  };
}

/** [rows, H] or an LSTM's [2, rows, H] → [rows] */
function squaredNorms(gradient: Tensor): Tensor {
  const squares = gradient.mul(gradient).sum({ axis: -1 });
  return squares.rank === 2 ? squares.sum({ axis: 0 }) : squares;
}

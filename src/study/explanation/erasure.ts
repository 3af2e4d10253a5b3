import { grad } from "../../autograd/backward.js";
import type { EncodedPair } from "../../data/batches.js";
import type { Translator } from "../../models/translator.js";
import { oneHot, tensor } from "../../tensor/create.js";
import { Random } from "../../tensor/random.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { rowsOf } from "../states.js";
import { DecoderSteps } from "./decoder-steps.js";

/** By what the weights are ordered before they are erased, the largest first. */

export type ErasureOrder = "attention" | "gradient" | "product" | "random";

/** For each order and target word the share of weights erased when the decision flips; 1 where it never does. */
export type Erasure = Readonly<Record<ErasureOrder, number[]>>;

/**
 * How many attention weights can be set to zero (the rest scaled to sum to 1) before the model says another word, in an
 * order by α, by ∂logit/∂α of the word it says, by their product, or at random (Serrano & Smith 2019, section 4). The
 * order that needs the fewest tells best what the decision hangs on.
 */
export function erasure(model: Translator, pair: EncodedPair, options: { seed?: number } = {}): Erasure {
  const random = new Random(options.seed ?? 1);
  return scope(() => {
    const steps = new DecoderSteps(model, pair);
    const [T, S] = steps.weights.shape;
    const weights = rowsOf(steps.weights.dataSync(), S);
    const gradients = rowsOf(decisionGradient(steps).dataSync(), S);
    const decisions = [...steps.logits.argmax({ axis: 1 }).dataSync()];
    const ranked = (score: (t: number, j: number) => number): number[][] =>
      weights.map((row, t) => row.map((_, j) => j).sort((a, b) => score(t, b) - score(t, a)));
    const orders: Record<ErasureOrder, number[][]> = {
      attention: ranked((t, j) => weights[t][j]),
      gradient: ranked((t, j) => gradients[t][j]),
      product: ranked((t, j) => weights[t][j] * gradients[t][j]),
      random: weights.map((row) => random.shuffle(row.map((_, j) => j))),
    };
    const run = steps.choose(Array.from({ length: T * S }, (_, row) => Math.floor(row / S)));
    const flips = (order: readonly number[][]): number[] =>
      scope(() => {
        const erased = order.flatMap((places, t) => erasedRows(weights[t], places));
        const { dtype, device } = steps.weights;
        const said = run(tensor(Float64Array.from(erased), { shape: [T * S, S], dtype, device })).argmax({ axis: 1 });
        return rowsOf(said.dataSync(), S).map((words, t) => {
          const first = words.findIndex((word) => word !== decisions[t]);
          return first < 0 ? 1 : (first + 1) / S;
        });
      });
    return {
      attention: flips(orders.attention),
      gradient: flips(orders.gradient),
      product: flips(orders.product),
      random: flips(orders.random),
    };
  });
}

/** ∂ logit_t(ŷ_t) / ∂α_tj of the word ŷ that the model says, the state before held as it is: [T, S]. */
export function decisionGradient(steps: DecoderSteps): Tensor {
  const weights = steps.weights.view(steps.weights.shape);
  weights.requiresGrad = true;
  const logits = steps.choose(Array.from({ length: steps.length }, (_, t) => t))(weights);
  const { dtype, device } = logits;
  const said = oneHot([...steps.logits.argmax({ axis: 1 }).dataSync()], logits.shape[1], { dtype, device });
  return grad(logits.mul(said).sum(), [weights])[0] as Tensor;
}

/** [S][S] flat: row i has the first i + 1 places of the order at 0 and the rest scaled to sum to 1; the last is all 0. */
function erasedRows(weights: readonly number[], order: readonly number[]): number[] {
  const left = [...weights];
  return order.flatMap((place) => {
    left[place] = 0;
    const sum = left.reduce((a, b) => a + b, 0);
    return left.map((weight) => (sum > 0 ? weight / sum : 0));
  });
}

import { noGrad } from "../../autograd/mode.js";
import { type EncodedPair, makeBatch } from "../../data/batches.js";
import type { Translator } from "../../models/translator.js";
import type { Tap } from "../../nn/tap.js";
import { full, tensor } from "../../tensor/create.js";
import { Random } from "../../tensor/random.js";
import { scope } from "../../tensor/scope.js";
import { batchTensors, deviceOf } from "../../training/batch-tensors.js";
import { cut } from "../scalpels.js";
import { rowsOf } from "../states.js";
import { Trace } from "../trace.js";
import { DecoderSteps } from "./decoder-steps.js";
import { totalVariation } from "./divergence.js";

/**
 * Gradient × input, [T][S]: |x_j · ∂p_t(y_t)/∂x_j|, p_t(y_t) the probability of the right word (Jain & Wallace 2019,
 * algorithm 1).
 * @param options.throughAttention false takes α as a constant, as the paper does; true lets the gradient through it
 */
export function saliency(
  model: Translator,
  pair: EncodedPair,
  { throughAttention }: { throughAttention: boolean },
): number[][] {
  return scope(() => {
    const rows = pair.target.length + 1;
    const trace = new Trace(model, pair, { rows, change: throughAttention ? undefined : cut("attention") });
    const { logits, right } = trace.ownWords();
    const chosen = logits.softmax().mul(right).sum();
    const [gradient] = trace.gradients(chosen, ["source.embedding"]);
    if (!gradient) return Array.from({ length: rows }, () => new Array<number>(trace.sourceLength).fill(0));
    const products = gradient.mul(trace.value("source.embedding").detach()).sum({ axis: 2 }).abs();
    return rowsOf(products.dataSync(), trace.sourceLength);
  });
}

/**
 * Leave one out, [T][S]: the total variation distance between what the decoder says at t, given the right words before,
 * with the whole source and without word j. `<eos>` is never left out: its column is 0.
 */
export function leaveOneOut(model: Translator, pair: EncodedPair): number[][] {
  const whole = probabilities(model, [pair])[0];
  const shorter = pair.source.map((_, j) => ({ ...pair, source: pair.source.filter((_, k) => k !== j) }));
  const without = probabilities(model, shorter);
  return whole.map((p, t) => [...without.map((rows) => totalVariation(p, rows[t])), 0]);
}

/** p_t of every pair, [pair][T][vocabulary]; all pairs have the same target. */
function probabilities(model: Translator, pairs: readonly EncodedPair[]): number[][][] {
  return scope(() =>
    noGrad(() => {
      const { source, mask, target } = batchTensors(makeBatch(pairs), deviceOf(model));
      const p = model.forward(source, mask, target).logits.softmax();
      const [, T, V] = p.shape;
      const rows = rowsOf(p.dataSync(), V);
      return pairs.map((_, i) => rows.slice(i * T, (i + 1) * T));
    }),
  );
}

/** For each target word the median total variation distance of its output over random permutations of α_t. */
export function permutation(
  model: Translator,
  pair: EncodedPair,
  options: { permutations?: number; seed?: number } = {},
): number[] {
  const { permutations = 20, seed = 1 } = options;
  const random = new Random(seed);
  return scope(() => {
    const steps = new DecoderSteps(model, pair);
    const [T, S] = steps.weights.shape;
    const shuffled = rowsOf(steps.weights.dataSync(), S).flatMap((row) =>
      Array.from({ length: permutations }, () => random.shuffle(row)),
    );
    const { dtype, device } = steps.weights;
    const run = steps.choose(Array.from({ length: T * permutations }, (_, row) => Math.floor(row / permutations)));
    const changed = run(tensor(Float64Array.from(shuffled.flat()), { shape: [shuffled.length, S], dtype, device }));
    const vocabulary = changed.shape[1];
    const observed = rowsOf(steps.logits.softmax().dataSync(), vocabulary);
    const outputs = rowsOf(changed.softmax().dataSync(), vocabulary);
    return observed.map((p, t) =>
      median(outputs.slice(t * permutations, (t + 1) * permutations).map((q) => totalVariation(p, q))),
    );
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Every source token looked at alike, at every step: the baseline of Wiegreffe & Pinter 2019 (section 3.1). */
export const uniformAttention: Tap = (site, x) =>
  /^decoder\.alpha\[/.test(site) ? full(x.shape, 1 / x.shape[1], { dtype: x.dtype, device: x.device }) : x;

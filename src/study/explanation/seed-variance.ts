import { noGrad } from "../../autograd/mode.js";
import type { EncodedPair } from "../../data/batches.js";
import { DataError } from "../../errors.js";
import type { Translator } from "../../models/translator.js";
import { scope } from "../../tensor/scope.js";
import { inEvaluationMode } from "../../training/evaluation-mode.js";
import { rowsOf } from "../states.js";
import { Trace } from "../trace.js";
import { jensenShannon, totalVariation } from "./divergence.js";
import { kendallTau } from "./kendall-tau.js";

/** How far two models trained alike, but from other seeds, differ; a number a target word. */
export interface SeedVariance {
  /** JSD(α′, α) in nats, at most ln 2. */
  readonly divergence: number[];
  /** Total variation distance of what they say. */
  readonly outputChange: number[];
  /** Kendall τ of the order of their weights, without the words where one is all ties. */
  readonly tau: number[];
}

/**
 * The baseline of Wiegreffe & Pinter 2019 (section 3.2) for an adversarial attention: how far attention moves by the seed
 * of the training alone. An adversary is telling only where it goes farther than that.
 * @param other trained on the same sentences, with the same vocabularies
 * @throws DataError where a model has no attention
 */
export async function seedVariance(
  model: Translator,
  other: Translator,
  pairs: readonly EncodedPair[],
): Promise<SeedVariance> {
  const found: SeedVariance = { divergence: [], outputChange: [], tau: [] };
  for (const pair of pairs) {
    const [ours, theirs] = [await said(model, pair), await said(other, pair)];
    for (const [t, alpha] of ours.alpha.entries()) {
      found.divergence.push(jensenShannon(theirs.alpha[t], alpha));
      found.outputChange.push(totalVariation(theirs.output[t], ours.output[t]));
      const tau = kendallTau(theirs.alpha[t], alpha);
      if (tau !== null) found.tau.push(tau);
    }
  }
  return found;
}

/** α, [T][S], and p, [T][vocabulary], under teacher forcing. */
async function said(model: Translator, pair: EncodedPair): Promise<{ alpha: number[][]; output: number[][] }> {
  const tensors = await inEvaluationMode(model, async () =>
    scope(() => {
      const trace = noGrad(() => new Trace(model, pair));
      if (!trace.has("decoder.alpha[0]")) throw new DataError(`seedVariance: ${model.config.model} has no attention`);
      return {
        alpha: trace.steps("alpha").map((site) => trace.value(site).detach()),
        output: noGrad(() => trace.logits.at(0).softmax()),
      };
    }),
  );
  const alpha: number[][] = [];
  for (const row of tensors.alpha) {
    alpha.push(Array.from(await row.data()));
    row.dispose();
  }
  const output = rowsOf(await tensors.output.data(), tensors.output.shape[1]);
  tensors.output.dispose();
  return { alpha, output };
}

import { noGrad } from "../../autograd/mode.js";
import { type EncodedPair, encodePairs } from "../../data/batches.js";
import type { SentencePair } from "../../data/pair.js";
import { DataError } from "../../errors.js";
import type { Translator } from "../../models/translator.js";
import { scope } from "../../tensor/scope.js";
import { alignmentErrorRate, hardAlignment } from "../../training/alignment-error-rate.js";
import type { Vocabularies } from "../../training/evaluate.js";
import { inEvaluationMode } from "../../training/evaluation-mode.js";
import { rowsOf } from "../states.js";
import { Trace } from "../trace.js";
import { type Adversary, type AdversaryOptions, adversary } from "./adversary.js";
import { type Erasure, erasure } from "./erasure.js";
import { leaveOneOut, permutation, saliency, uniformAttention } from "./faithfulness.js";
import { kendallTau } from "./kendall-tau.js";

/** How far attention explains what one sentence's decoder says; a number a target word unless noted. */
export interface Explanation {
  /** Kendall τ between α_t and three measures of what matters; null where a ranking is all ties. */
  readonly tau: {
    /** Gradient × input, α taken as a constant. */
    readonly gradient: (number | null)[];
    /** The same with the gradient through α too. */
    readonly gradientThroughAttention: (number | null)[];
    readonly leaveOneOut: (number | null)[];
  };
  /** Median total variation distance of the output over random permutations of α_t. */
  readonly permutation: number[];
  readonly adversary: Adversary;
  readonly erasure: Erasure;
  /** α and gradient × input through everything, [T][S]. */
  readonly alpha: number[][];
  readonly saliency: number[][];
  /** Σ_t ℓ_t with the model's attention, and with all source words looked at alike. */
  readonly loss: { readonly observed: number; readonly uniform: number };
}

export interface ExplainOptions extends AdversaryOptions {
  readonly permutations?: number;
}

/**
 * Everything that is asked about one sentence under "is attention an explanation?" (Jain & Wallace 2019, Serrano &
 * Smith 2019, Wiegreffe & Pinter 2019).
 * @throws DataError for a model without attention
 */
export function explainPair(model: Translator, pair: EncodedPair, options: ExplainOptions = {}): Explanation {
  const alpha = attentionOf(model, pair);
  const through = saliency(model, pair, { throughAttention: true });
  const tau = (measure: readonly number[][]): (number | null)[] => alpha.map((row, t) => kendallTau(row, measure[t]));
  return {
    tau: {
      gradient: tau(saliency(model, pair, { throughAttention: false })),
      gradientThroughAttention: tau(through),
      leaveOneOut: tau(leaveOneOut(model, pair)),
    },
    permutation: permutation(model, pair, options),
    adversary: adversary(model, pair, options),
    erasure: erasure(model, pair, options),
    alpha,
    saliency: through,
    loss: {
      observed: scope(() => noGrad(() => new Trace(model, pair).loss().itemSync())),
      uniform: scope(() => noGrad(() => new Trace(model, pair, { change: uniformAttention }).loss().itemSync())),
    },
  };
}

function attentionOf(model: Translator, pair: EncodedPair): number[][] {
  return scope(() => {
    const trace = noGrad(() => new Trace(model, pair));
    if (!trace.has("decoder.alpha[0]")) throw new DataError(`explain: ${model.config.model} has no attention`);
    return trace.steps("alpha").map((site) => rowsOf(trace.value(site).dataSync(), trace.sourceLength)[0]);
  });
}

/** The same over many sentences; every list has one number a target word. */
export interface CorpusExplanation {
  readonly sentences: number;
  readonly tau: {
    readonly gradient: number[];
    readonly gradientThroughAttention: number[];
    readonly leaveOneOut: number[];
  };
  readonly permutation: number[];
  readonly adversary: { readonly divergence: number[]; readonly outputChange: number[] };
  readonly erasure: Erasure;
  /** Of α and of saliency, each target word aligned to its strongest source word; null without gold alignments. */
  readonly alignmentErrorRate: { readonly attention: number; readonly saliency: number } | null;
  /** Nats a token. */
  readonly loss: { readonly observed: number; readonly uniform: number };
}

export interface CorpusExplainOptions extends ExplainOptions {
  /** Called after each sentence with the share that is done and what is known so far; waited for. */
  readonly onProgress?: (share: number, soFar: CorpusExplanation) => void | Promise<void>;
  /** Stops between sentences; what is known then is returned. */
  readonly signal?: AbortSignal;
}

export async function explainCorpus(
  model: Translator,
  vocabularies: Vocabularies,
  pairs: readonly SentencePair[],
  options: CorpusExplainOptions = {},
): Promise<CorpusExplanation> {
  const encoded = encodePairs(pairs, vocabularies.source, vocabularies.target);
  const explained: { pair: SentencePair; explanation: Explanation }[] = [];
  await inEvaluationMode(model, async () => {
    for (const [index, pair] of pairs.entries()) {
      if (options.signal?.aborted) break;
      explained.push({ pair, explanation: explainPair(model, encoded[index], options) });
      await options.onProgress?.((index + 1) / pairs.length, gathered(explained));
    }
  });
  return gathered(explained);
}

function gathered(explained: readonly { pair: SentencePair; explanation: Explanation }[]): CorpusExplanation {
  const all = (pick: (explanation: Explanation) => readonly (number | null)[]): number[] =>
    explained.flatMap(({ explanation }) => pick(explanation).filter((value) => value !== null));
  const words = explained.reduce((sum, { pair }) => sum + pair.target.length + 1, 0);
  const loss = (pick: (explanation: Explanation) => number): number =>
    explained.reduce((sum, { explanation }) => sum + pick(explanation), 0) / words;
  return {
    sentences: explained.length,
    tau: {
      gradient: all(({ tau }) => tau.gradient),
      gradientThroughAttention: all(({ tau }) => tau.gradientThroughAttention),
      leaveOneOut: all(({ tau }) => tau.leaveOneOut),
    },
    permutation: all((explanation) => explanation.permutation),
    adversary: {
      divergence: all((explanation) => explanation.adversary.divergence),
      outputChange: all((explanation) => explanation.adversary.outputChange),
    },
    erasure: {
      attention: all(({ erasure }) => erasure.attention),
      gradient: all(({ erasure }) => erasure.gradient),
      product: all(({ erasure }) => erasure.product),
      random: all(({ erasure }) => erasure.random),
    },
    alignmentErrorRate: errorRates(explained),
    loss: { observed: loss((explanation) => explanation.loss.observed), uniform: loss((e) => e.loss.uniform) },
  };
}

function errorRates(explained: readonly { pair: SentencePair; explanation: Explanation }[]) {
  const aligned = explained.flatMap(({ pair, explanation }) =>
    pair.alignment ? [{ pair, explanation, sure: pair.alignment }] : [],
  );
  if (aligned.length === 0) return null;
  const rate = (weights: (explanation: Explanation) => readonly number[][]): number =>
    alignmentErrorRate(
      aligned.map(({ sure }) => ({ sure })),
      aligned.map(({ pair, explanation }) =>
        hardAlignment(weights(explanation), { sourceLength: pair.source.length, targetLength: pair.target.length }),
      ),
    );
  return { attention: rate(({ alpha }) => alpha), saliency: rate((explanation) => explanation.saliency) };
}

import type { EncodedPair } from "../data/batches.js";
import { DataError } from "../errors.js";
import { RNNsearch } from "../models/rnnsearch.js";
import type { Translator } from "../models/translator.js";
import { scope } from "../tensor/scope.js";
import { numbers, rowsOf } from "./states.js";
import { Trace } from "./trace.js";

/** How free the gradient's way through the attention is; one number a target word. */
export interface AttentionHealth {
  /** Share of the alignment model's tanh units q_tj with q² > 0.95, over all source words: these pass almost nothing. */
  readonly saturated: number[];
  /** −Σ_j α_tj ln α_tj / ln S: 1 looks everywhere alike, 0 at one word. */
  readonly entropy: number[];
  /** ‖diag(α_t) − α_t α_tᵀ‖_F, the size of the softmax's own Jacobian: 0 where α is one-hot. */
  readonly softmaxJacobian: number[];
}

/** q² above which a tanh unit counts as saturated: its slope is below 0.05. */
const SATURATED = 0.95;

/** @throws DataError for a model without attention */
export async function attentionHealth(model: Translator, pair: EncodedPair): Promise<AttentionHealth> {
  if (!(model instanceof RNNsearch)) throw new DataError(`attentionHealth: ${model.config.model} has no attention`);
  const { alphas, units, length } = scope(() => {
    const trace = new Trace(model, pair);
    const keys = model.attention.U.forward(trace.value("encoder.h"));
    const units = trace.steps("query").map((site) => {
      const query = trace.value(site);
      return query.reshape([1, 1, query.shape[1]]).add(keys).tanh().detach();
    });
    return {
      alphas: trace.steps("alpha").map((site) => trace.value(site).detach()),
      units,
      length: trace.sourceLength,
    };
  });
  const rows = await Promise.all(alphas.map(async (alpha) => rowsOf(await numbers(alpha, length), length)[0]));
  const saturated = await Promise.all(
    units.map(async (q) => {
      const values = await numbers(q, 0);
      return values.filter((x) => x * x > SATURATED).length / values.length;
    }),
  );
  for (const tensor of [...alphas, ...units]) tensor.dispose();
  return { saturated, entropy: rows.map(relativeEntropy), softmaxJacobian: rows.map(softmaxJacobianNorm) };
}

/** Entropy over its largest possible value; 0 where there is one position only. */
export function relativeEntropy(alpha: readonly number[]): number {
  if (alpha.length < 2) return 0;
  return alpha.reduce((sum, x) => sum - (x > 0 ? x * Math.log(x) : 0), 0) / Math.log(alpha.length);
}

/** ‖diag(α) − ααᵀ‖_F. With s = Σα²: Σ_i (α_i − α_i²)² + Σ_{i≠j} α_i²α_j² = Σ α_i² − 2 Σ α_i³ + s². */
export function softmaxJacobianNorm(alpha: readonly number[]): number {
  const power = (n: number): number => alpha.reduce((sum, x) => sum + x ** n, 0);
  return Math.sqrt(Math.max(0, power(2) - 2 * power(3) + power(2) ** 2));
}

/** The four ways by which a gradient reaches an encoder state h_j. */
export const pathNames = ["value", "score", "bridge", "recurrence"] as const;
export type PathName = (typeof pathNames)[number];

/**
 * What the gradients of one sentence say, as plain numbers. S source words, T target words; x̄ stands for ∂L/∂x, and L
 * is the sum of the T cross-entropies under teacher forcing. `null` where a model without attention has no such thing.
 */
export interface SentenceStudy {
  readonly model: "rnnsearch" | "rnnencdec";
  /** S tokens. */
  readonly source: readonly string[];
  /** T tokens, `<eos>` the last: what the loss asks the decoder for. */
  readonly target: readonly string[];
  /** True links [source, target] between positions, where they are known. */
  readonly gold: readonly (readonly [source: number, target: number])[] | null;
  /** α, [T][S]: attention weights. Each row sums to 1. */
  readonly alpha: readonly (readonly number[])[] | null;
  /** ᾱ, [T][S]: the gradients of the weights. */
  readonly alphaBar: readonly (readonly number[])[] | null;
  /** ē, [T][S]: the gradients of the scores. Each row sums to 0. */
  readonly eBar: readonly (readonly number[])[] | null;
  readonly paths: PathSplit;
  /** K, [T][S]: ‖∂ logit_t(y_t) / ∂x_j‖, x_j the embedding of source word j. */
  readonly influence: readonly (readonly number[])[];
  /** G, [T][S]: ‖∂ℓ_t / ∂h_j‖, ℓ_t the cross-entropy of target word t. */
  readonly stateInfluence: readonly (readonly number[])[];
}

/** What one forward pass gives: all but the influence of each word on each. */
export type AttentionStudy = Omit<SentenceStudy, "influence" | "stateInfluence">;

/** h̄_j as the sum of what came by each path; one number a source word. */
export interface PathSplit extends Readonly<Record<PathName, readonly number[]>> {
  /** The lengths of the terms themselves. The shares above are ⟨P_j, h̄_j⟩ / ‖h̄_j‖²; they sum to 1, each may be negative. */
  readonly norms: Readonly<Record<PathName, readonly number[]>>;
  /** ‖h̄_j‖. */
  readonly total: readonly number[];
}

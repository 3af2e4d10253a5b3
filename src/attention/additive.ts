import { additiveScore } from "../autograd/operations/additive-score.js";
import { Linear } from "../nn/linear.js";
import { Module, type ParameterOptions } from "../nn/module.js";
import type { Tap } from "../nn/tap.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Attended, type AttentionOptions, attend } from "./attend.js";

/**
 * Additive attention (Bahdanau 2015, A.1.2) over projected queries and keys:
 *
 *     eₜⱼ = v · tanh(queryₜ + keyⱼ)   αₜ = softmax(eₜ)   cₜ = Σⱼ αₜⱼ valueⱼ
 *
 * A row whose positions are all masked gets zero weights, a zero context and no gradient.
 * @param query W·s, [batch, queries, a] or [batch, a]
 * @param keys U·h, [batch, source, a]
 * @param values h, [batch, source, valueSize]
 * @param v [a]
 */
export function additiveAttention(
  query: Tensor,
  keys: Tensor,
  values: Tensor,
  v: Tensor,
  options: AttentionOptions = {},
): Attended {
  return attend((queries, projected) => additiveScore(queries, projected, v), query, keys, values, options);
}

/** What additive attention needs of a source sentence, projected once for all queries. */
export interface AttentionMemory {
  /** U·h [batch, source, a] */
  readonly keys: Tensor;
  /** h [batch, source, valueSize] */
  readonly values: Tensor;
  /** bool [batch, source] or null */
  readonly mask: Tensor | null;
  /** v [a] */
  readonly v: Tensor;
}

/**
 * {@link additiveAttention} with its parameters: `W.weight` [a, querySize] (the paper's Wₐ), `U.weight` [a, valueSize]
 * (Uₐ), `v.weight` [1, a] (vₐ).
 */
export class AdditiveAttention extends Module {
  readonly W: Linear;
  readonly U: Linear;
  readonly v: Linear;

  constructor(
    sizes: { readonly querySize: number; readonly valueSize: number; readonly attentionSize: number },
    options: ParameterOptions = {},
  ) {
    super();
    const { querySize, valueSize, attentionSize } = sizes;
    this.W = this.child("W", new Linear(querySize, attentionSize, { ...options, bias: false }));
    this.U = this.child("U", new Linear(valueSize, attentionSize, { ...options, bias: false }));
    this.v = this.child("v", new Linear(attentionSize, 1, { ...options, bias: false }));
  }

  /**
   * Projects a source's annotations h [batch, source, valueSize].
   * @param options `tap` sites: `values`, h as the context sums it; `keys`, h as U projects it
   */
  memory(annotations: Tensor, { mask = null, tap }: AttentionOptions = {}): AttentionMemory {
    const values = tap ? tap("values", annotations) : annotations;
    const keys = this.U.forward(tap ? tap("keys", annotations) : annotations);
    return { keys, values, mask, v: this.v.weight.reshape([this.v.weight.size]) };
  }

  /** Attends for queries s, [batch, queries, querySize] or [batch, querySize]. */
  forward(query: Tensor, { keys, values, mask, v }: AttentionMemory, options: { tap?: Tap } = {}): Attended {
    return additiveAttention(this.W.forward(query), keys, values, v, { mask, tap: options.tap });
  }
}

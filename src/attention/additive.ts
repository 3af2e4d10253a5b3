import { additiveScore } from "../autograd/operations/additive-score.js";
import { matmul } from "../autograd/operations/matmul.js";
import { softmax } from "../autograd/operations/softmax.js";
import { ShapeError } from "../errors.js";
import { Linear } from "../nn/linear.js";
import { Module, type ParameterOptions } from "../nn/module.js";
import type { Tap } from "../nn/tap.js";
import { showShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** What attention gives for queries [batch, queries, …]; for one query [batch, …] the queries' axis has size 1. */
export interface Attended {
  /** c = Σⱼ αⱼ valueⱼ: [batch, queries, valueSize]. */
  readonly context: Tensor;
  /** α = softmax(scores) over the real source positions: [batch, queries, source]; 0 at padding. */
  readonly weights: Tensor;
  /** e: [batch, queries, source], before the mask. */
  readonly scores: Tensor;
}

export interface AttentionOptions {
  /** bool [batch, source], true where there is a real token. No gradient reaches a masked position. */
  mask?: Tensor | null;
  /** Sites `query`, `e`, `alpha`, `context`. With a single query they are seen without its axis: e [batch, source]. */
  tap?: Tap;
}

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
  { mask, tap }: AttentionOptions = {},
): Attended {
  const { queries, through } = prepare("additiveAttention", query, keys, values, tap);
  const scores = through("e", additiveScore(through("query", queries), keys, v));
  const weights = through("alpha", softmax(scores, { mask }));
  return { scores, weights, context: through("context", matmul(weights, values)) };
}

/** Queries with their axis, and how an intermediate [batch, queries, n] passes the tap. */
function prepare(operation: string, query: Tensor, keys: Tensor, values: Tensor, tap: Tap | undefined) {
  const [batch, source] = keys.shape;
  const fits = (x: Tensor): boolean => x.rank === 3 && x.shape[0] === batch && x.shape[1] === source;
  if ((query.rank !== 2 && query.rank !== 3) || query.shape[0] !== batch || !fits(keys) || !fits(values)) {
    throw new ShapeError(
      `${operation}: query ${showShape(query.shape)}, keys ${showShape(keys.shape)}, values ${showShape(values.shape)} must be [batch, queries, a] or [batch, a], [batch, source, a], [batch, source, n]`,
    );
  }
  const single = query.rank === 2;
  const queries = single ? query.reshape([query.shape[0], 1, query.shape[1]]) : query;
  const through = (site: string, x: Tensor): Tensor => {
    if (!tap) return x;
    return tap(site, single ? x.reshape([x.shape[0], x.shape[2]]) : x).reshape(x.shape);
  };
  return { queries, through };
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

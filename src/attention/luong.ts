import { linear, matmul } from "../autograd/operations/matmul.js";
import { Linear } from "../nn/linear.js";
import { Module, type ParameterOptions } from "../nn/module.js";
import type { Tap } from "../nn/tap.js";
import type { Tensor } from "../tensor/tensor.js";
import { additiveAttention } from "./additive.js";
import { type Attended, type AttentionOptions, attend } from "./attend.js";

// The score functions of Luong, Pham & Manning 2015, equation 8.

/**
 * e = scale · s · h. With scale = 1 Luong's `dot`; with 1/√size the scaled product of Vaswani 2017, eq. 1.
 * @param query s, [batch, queries, size] or [batch, size]
 * @param keys [batch, source, size]
 * @param values [batch, source, valueSize]
 */
export function dotAttention(
  query: Tensor,
  keys: Tensor,
  values: Tensor,
  { scale = 1, ...options }: AttentionOptions & { scale?: number } = {},
): Attended {
  const score = (queries: Tensor, all: Tensor): Tensor => {
    const products = matmul(queries, all, { transposeB: true });
    return scale === 1 ? products : products.mul(scale);
  };
  return attend(score, query, keys, values, options);
}

/** What a score with parameters needs of a source, computed once for all queries. */
export interface ProjectedSource {
  /** [batch, source, …] */
  readonly keys: Tensor;
  /** h [batch, source, valueSize] */
  readonly values: Tensor;
  /** bool [batch, source] or null */
  readonly mask: Tensor | null;
}

interface Sizes {
  readonly querySize: number;
  readonly valueSize: number;
}

/** Luong's `general`: e = s · W h. Parameter: `W.weight` [querySize, valueSize]. */
export class GeneralAttention extends Module {
  readonly W: Linear;

  constructor({ querySize, valueSize }: Sizes, options: ParameterOptions = {}) {
    super();
    this.W = this.child("W", new Linear(valueSize, querySize, { ...options, bias: false }));
  }

  /** Projects annotations h [batch, source, valueSize]. */
  memory(annotations: Tensor, { mask = null, tap }: AttentionOptions = {}): ProjectedSource {
    const values = tap ? tap("values", annotations) : annotations;
    return { keys: this.W.forward(tap ? tap("keys", annotations) : annotations), values, mask };
  }

  /** Attends for queries [batch, queries, querySize] or [batch, querySize]. */
  forward(query: Tensor, { keys, values, mask }: ProjectedSource, { tap }: { tap?: Tap } = {}): Attended {
    return dotAttention(query, keys, values, { mask, tap });
  }
}

/** {@link ConcatAttention}'s source, with the part of W that the queries meet. */
export interface ConcatSource extends ProjectedSource {
  readonly queryWeight: Tensor;
  readonly v: Tensor;
}

/**
 * Luong's `concat`: e = v · tanh(W [s; h]). Parameters: `W.weight` [a, querySize + valueSize], `v.weight` [1, a].
 * W [s; h] is W₁ s + W₂ h, so nothing is concatenated: it is additive attention with one weight for both projections.
 */
export class ConcatAttention extends Module {
  readonly W: Linear;
  readonly v: Linear;
  private readonly sizes: Sizes;

  constructor(sizes: Sizes & { readonly attentionSize: number }, options: ParameterOptions = {}) {
    super();
    this.sizes = sizes;
    const { querySize, valueSize, attentionSize } = sizes;
    this.W = this.child("W", new Linear(querySize + valueSize, attentionSize, { ...options, bias: false }));
    this.v = this.child("v", new Linear(attentionSize, 1, { ...options, bias: false }));
  }

  /** Projects annotations h [batch, source, valueSize]. */
  memory(annotations: Tensor, { mask = null, tap }: AttentionOptions = {}): ConcatSource {
    const [queryWeight, keyWeight] = this.W.weight.split([this.sizes.querySize, this.sizes.valueSize], { axis: 1 });
    const values = tap ? tap("values", annotations) : annotations;
    const keys = linear(tap ? tap("keys", annotations) : annotations, keyWeight);
    return { keys, values, mask, queryWeight, v: this.v.weight.reshape([this.v.weight.size]) };
  }

  /** Attends for queries [batch, queries, querySize] or [batch, querySize]. */
  forward(query: Tensor, source: ConcatSource, { tap }: { tap?: Tap } = {}): Attended {
    const { keys, values, mask, queryWeight, v } = source;
    return additiveAttention(linear(query, queryWeight), keys, values, v, { mask, tap });
  }
}

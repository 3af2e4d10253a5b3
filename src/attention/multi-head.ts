import { linear, matmul } from "../autograd/operations/matmul.js";
import { softmax } from "../autograd/operations/softmax.js";
import { DataError, ShapeError } from "../errors.js";
import { xavierUniform, zero } from "../nn/initializers.js";
import { Linear } from "../nn/linear.js";
import { Module, type ParameterOptions } from "../nn/module.js";
import { tensor } from "../tensor/create.js";
import { sameShape, showShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

export interface MultiHeadOptions {
  /** bool [batch, source], true where there is a real token. */
  mask?: Tensor | null;
  /** Query t sees positions 0…t only. */
  causal?: boolean;
}

export interface MultiHeadAttended {
  /** [batch, queries, size] */
  readonly output: Tensor;
  /** α of each head, [batch, heads, queries, source]. */
  readonly weights: Tensor;
  /** e of each head, scaled, before the mask. */
  readonly scores: Tensor;
}

/** bool [batch, heads, queries, source]: what each query may see. */
function causalMask(shape: readonly number[], mask: Tensor | null, like: Tensor): Tensor {
  const [batch, , queries, source] = shape;
  const later = Uint8Array.from({ length: queries * source }, (_, i) => (i % source > Math.floor(i / source) ? 1 : 0));
  const hidden = tensor(later, { shape: [1, 1, queries, source], dtype: "bool", device: like.device });
  // Of two truths, a > b is "a and not b".
  const visible = mask ? mask.reshape([batch, 1, 1, source]).greater(hidden) : hidden.equal(0);
  return visible.broadcastTo(shape);
}

/**
 * Multi-head attention (Vaswani 2017, 3.2.2): each head attends by scaled dot products of its own projections,
 * softmax(Q Kᵀ / √d) V with d = size / heads, and a last projection mixes the heads.
 *
 * Parameters, as PyTorch's: `in_proj_weight` [3·size, size] (query, key, value), `in_proj_bias` [3·size],
 * `out_proj.weight` [size, size], `out_proj.bias` [size].
 */
export class MultiHeadAttention extends Module {
  private readonly projectionWeight: Tensor;
  private readonly projectionBias: Tensor;
  private readonly mix: Linear;

  /** @throws DataError unless `heads` divides `size` */
  constructor(
    private readonly size: number,
    private readonly heads: number,
    options: ParameterOptions = {},
  ) {
    super();
    if (!(Number.isInteger(heads) && heads > 0 && Number.isInteger(size / heads))) {
      throw new DataError(`multi-head attention: ${heads} heads do not divide ${size}`);
    }
    this.projectionWeight = this.parameter("in_proj_weight", xavierUniform([3 * size, size], options));
    this.projectionBias = this.parameter("in_proj_bias", zero([3 * size], options));
    this.mix = this.child("out_proj", new Linear(size, size, options));
  }

  /**
   * @param query [batch, queries, size]
   * @param keys [batch, source, size]: keys and values alike
   */
  forward(query: Tensor, keys: Tensor, { mask = null, causal = false }: MultiHeadOptions = {}): MultiHeadAttended {
    const fits = (x: Tensor): boolean => x.rank === 3 && x.shape[2] === this.size && x.shape[0] === query.shape[0];
    if (!fits(query) || !fits(keys)) {
      throw new ShapeError(
        `multi-head attention: query ${showShape(query.shape)} and keys ${showShape(keys.shape)} must be [batch, …, ${this.size}]`,
      );
    }
    if (mask && !sameShape(mask.shape, keys.shape.slice(0, 2))) {
      throw new ShapeError(
        `multi-head attention: mask ${showShape(mask.shape)} must be [batch, source] of keys ${showShape(keys.shape)}`,
      );
    }
    const [q, k, v] = [query, keys, keys].map((x, part) => this.project(x, part));
    const scores = matmul(q, k, { transposeB: true }).mul(1 / Math.sqrt(this.size / this.heads));
    const weights = softmax(scores, { mask: causal ? causalMask(scores.shape, mask, scores) : mask });
    const [batch, queries] = query.shape;
    const joined = matmul(weights, v).permute([0, 2, 1, 3]).reshape([batch, queries, this.size]);
    return { output: this.mix.forward(joined), weights, scores };
  }

  /** One of query, key and value, cut into heads: [batch, heads, time, size / heads]. */
  private project(x: Tensor, part: number): Tensor {
    const rows = [part * this.size, (part + 1) * this.size] as const;
    const projected = linear(x, this.projectionWeight.slice(rows), this.projectionBias.slice(rows));
    return projected.reshape([x.shape[0], x.shape[1], this.heads, this.size / this.heads]).permute([0, 2, 1, 3]);
  }
}

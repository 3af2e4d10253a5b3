import { matmul } from "../autograd/operations/matmul.js";
import { softmax } from "../autograd/operations/softmax.js";
import { ShapeError } from "../errors.js";
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

/** e[batch, queries, source] of queries [batch, queries, …] and keys [batch, source, …]. */
export type Score = (queries: Tensor, keys: Tensor) => Tensor;

/**
 * Attention by any score: α = softmax(e) over the real positions, c = Σⱼ αⱼ valueⱼ. A row whose positions are all masked
 * gets zero weights, a zero context and no gradient.
 * @param query [batch, queries, …] or, for a single one, [batch, …]
 * @param keys [batch, source, …]
 * @param values [batch, source, valueSize]
 */
export function attend(
  score: Score,
  query: Tensor,
  keys: Tensor,
  values: Tensor,
  { mask, tap }: AttentionOptions = {},
): Attended {
  checkShapes(query, keys, values);
  const single = query.rank === 2;
  const through = (site: string, x: Tensor): Tensor => {
    if (!tap) return x;
    return tap(site, single ? x.reshape([x.shape[0], x.shape[2]]) : x).reshape(x.shape);
  };
  const queries = single ? query.reshape([query.shape[0], 1, query.shape[1]]) : query;
  const scores = through("e", score(through("query", queries), keys));
  const weights = through("alpha", softmax(scores, { mask }));
  return { scores, weights, context: through("context", matmul(weights, values)) };
}

function checkShapes(query: Tensor, keys: Tensor, values: Tensor): void {
  const [batch, source] = keys.shape;
  const fits = (x: Tensor): boolean => x.rank === 3 && x.shape[0] === batch && x.shape[1] === source;
  if ((query.rank !== 2 && query.rank !== 3) || query.shape[0] !== batch || !fits(keys) || !fits(values)) {
    throw new ShapeError(
      `attention: query ${showShape(query.shape)}, keys ${showShape(keys.shape)}, values ${showShape(values.shape)} must be [batch, queries, a] or [batch, a], [batch, source, a], [batch, source, n]`,
    );
  }
}

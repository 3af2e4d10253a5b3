import { ShapeError } from "../../errors.js";
import { showShape } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import { defineOp } from "../operation.js";

/**
 * e[b, t, j] = v · tanh(query[b, t] + keys[b, j]) (Bahdanau 2015, A.1.2), fused: the tanh is never stored.
 *
 *     with q = tanh(query + keys):  v̄ = Σ ē q   and, with u = ē v ⊙ (1 − q²):  query̅ = Σⱼ u,  keys̅ = Σₜ u
 */
export const additiveScoreOp = defineOp<Record<never, never>>("additiveScore", {
  takes: ["float"],
  shape: ([query, keys, v]) => {
    const [batch, queries, size] = query.shape as [number, number, number];
    const [keyBatch, length, keySize] = keys.shape as [number, number, number];
    const fits = query.rank === 3 && keys.rank === 3 && v.rank === 1;
    if (!fits || batch !== keyBatch || size !== keySize || v.size !== size) {
      throw new ShapeError(
        `additiveScore: query ${showShape(query.shape)}, keys ${showShape(keys.shape)}, v ${showShape(v.shape)} must be [batch, queries, a], [batch, length, a], [a]`,
      );
    }
    return [batch, queries, length];
  },
  forward: (kernels, [query, keys, v]) => kernels.additiveScore(query, keys, v),
  composed: ([query, keys, v]) => {
    const [batch, queries, size] = query.shape as [number, number, number];
    const length = keys.shape[1] as number;
    const energy = query
      .reshape([batch, queries, 1, size])
      .add(keys.reshape([batch, 1, length, size]))
      .tanh();
    return energy.matmul(v);
  },
  backwardKernel: (kernels, { inputs }, gy) => {
    const [query, keys, v] = inputs;
    const gradients = kernels.additiveScoreBackward(query, keys, v, gy);
    return inputs.map((input, i) => new Tensor(gradients[i as 0 | 1 | 2], input.shape, input.device));
  },
});

/** The additive scores [batch, queries, length] of projected queries [batch, queries, a] and keys [batch, length, a]. */
export const additiveScore = (query: Tensor, keys: Tensor, v: Tensor): Tensor => additiveScoreOp([query, keys, v], {});

import { ShapeError } from "../../errors.js";
import { sameShape, showShape } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import { defineOp } from "../operation.js";

export interface Epsilon {
  /** Added to the variance. */
  readonly epsilon: number;
}

/**
 * Layer normalisation over the last axis (Ba, Kiros & Hinton 2016), fused: y = x̂ ⊙ w + b with x̂ = (x − mean) / √(variance + ε).
 *
 *     with g = ȳ ⊙ w:  x̄ = (g − mean g − x̂ mean(g ⊙ x̂)) / √(variance + ε),  w̄ = Σ ȳ ⊙ x̂,  b̄ = Σ ȳ over the rows
 *
 * Inputs: x [..., n], w [n], b [n].
 */
export const layerNormOp = defineOp<Epsilon>("layerNorm", {
  takes: ["float"],
  shape: ([x, weight, bias]) => {
    const row = x.shape.slice(-1);
    if (x.rank === 0 || !sameShape(weight.shape, row) || !sameShape(bias.shape, row)) {
      throw new ShapeError(
        `layerNorm: weight ${showShape(weight.shape)} and bias ${showShape(bias.shape)} must each be as long as the last axis of x ${showShape(x.shape)}`,
      );
    }
    return x.shape;
  },
  forward: (kernels, [x, weight, bias], { epsilon }) => kernels.layerNorm(x, weight, bias, epsilon),
  composed: ([x, weight, bias], { epsilon }) => {
    const centred = x.sub(x.mean({ axis: -1, keepDims: true }));
    const variance = centred.mul(centred).mean({ axis: -1, keepDims: true });
    return centred.div(variance.add(epsilon).sqrt()).mul(weight).add(bias);
  },
  backwardKernel: (kernels, { inputs, options: { epsilon } }, gy) => {
    const [x, weight] = inputs;
    const gradients = kernels.layerNormBackward(x, weight, epsilon, gy);
    return inputs.map((input, i) => new Tensor(gradients[i], input.shape, input.device));
  },
});

/** See {@link layerNormOp}: every row of x [..., n] at mean 0 and variance 1, then times weight [n] plus bias [n]. */
export const layerNorm = (x: Tensor, weight: Tensor, bias: Tensor, { epsilon = 1e-5 }: Partial<Epsilon> = {}): Tensor =>
  layerNormOp([x, weight, bias], { epsilon });

import type { EncodedPair } from "../../data/batches.js";
import { EOS } from "../../data/vocabulary.js";
import type { Translator } from "../../models/translator.js";
import { oneHot, tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import { rowsOf } from "../states.js";
import { Trace } from "../trace.js";
import { gaussLegendre } from "./quadrature.js";

export interface IntegratedGradients {
  /** [T][S]: what source word j adds to the logit of target word t, in logits. */
  readonly attribution: number[][];
  /** [T]: |Σ_j attribution − (F(x) − F(0))|: how far the sum of the parts is from the whole. */
  readonly completenessError: number[];
}

/**
 * Integrated gradients (Sundararajan, Taly & Yan 2017, equation 1) of F_t = logit_t(y_t) over the source words'
 * embeddings, from the baseline of zero embeddings:
 *
 *     IG_tj = x_j · ∫₀¹ ∂F_t(βx)/∂x_j dβ
 *
 * the integral by Gauss–Legendre quadrature with `nodes` points, all in one batch.
 */
export function integratedGradients(
  model: Translator,
  pair: EncodedPair,
  { nodes = 32 }: { nodes?: number } = {},
): IntegratedGradients {
  const quadrature = gaussLegendre(nodes);
  return scope(() => {
    // Behind the nodes come two rows more: the baseline and the sentence itself, of weight 0.
    const betas = [...quadrature.map(({ x }) => x), 0, 1];
    const weights = [...quadrature.map(({ weight }) => weight), 0, 0];
    const trace = new Trace(model, pair, {
      rows: betas.length,
      change: (site, x) => {
        if (site !== "source.embedding") return x;
        const { dtype, device } = x;
        return x.detach().mul(tensor(betas, { dtype, device }).reshape([betas.length, 1, 1]));
      },
    });
    const { logits, targetLength: T, sourceLength: S } = trace;
    const { dtype, device } = logits;
    const labels = [...pair.target, EOS];
    const rowWeights = tensor(weights, { dtype, device });
    const whole = trace.value("source.embedding").at(-1).detach();
    const attribution: number[][] = [];
    const completenessError: number[] = [];
    for (let t = 0; t < T; t++) {
      const values = logits.at(t, { axis: 1 }).matmul(oneHot([labels[t]], logits.shape[2], { dtype, device }), {
        transposeB: true,
      });
      const [gradient] = trace.gradients(values.reshape([betas.length]).mul(rowWeights).sum(), ["source.embedding"], {
        side: "arriving",
      });
      const parts = gradient ? rowsOf(gradient.sum({ axis: 0 }).mul(whole).sum({ axis: 1 }).dataSync(), S)[0] : [];
      const numbers = values.dataSync();
      const difference = numbers[betas.length - 1] - numbers[betas.length - 2];
      attribution.push(parts);
      completenessError.push(Math.abs(parts.reduce((sum, part) => sum + part, 0) - difference));
    }
    return { attribution, completenessError };
  });
}

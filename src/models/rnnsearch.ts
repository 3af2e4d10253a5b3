import { AdditiveAttention, type AttentionMemory } from "../attention/additive.js";
import { within } from "../autograd/mode.js";
import { concat, stack } from "../autograd/operations/concat.js";
import { type GruDecoded, gruDecoder } from "../autograd/operations/gru-decoder.js";
import { hasSequences } from "../autograd/operations/gru-sequence.js";
import { linear } from "../autograd/operations/matmul.js";
import { GRUCell } from "../nn/gru.js";
import type { ParameterOptions } from "../nn/module.js";
import type { Tap } from "../nn/tap.js";
import type { Tensor } from "../tensor/tensor.js";
import {
  type Encoded,
  Translator,
  type TranslatorConfig,
  type TranslatorOutput,
  type TranslatorStep,
} from "./translator.js";

const memoryOf = ({ rows, shared }: Encoded): AttentionMemory => ({
  keys: rows.keys,
  values: rows.values,
  mask: rows.mask,
  v: shared.v,
});

/**
 * RNNsearch (Bahdanau, Cho & Bengio 2015): at every step the decoder looks over all annotations.
 *
 *     cₜ = Σⱼ αₜⱼ hⱼ   αₜ = softmaxⱼ(v · tanh(W sₜ₋₁ + U hⱼ))
 *
 * Tap sites beyond {@link Translator}'s: `attention.values` and `attention.keys` [batch, source, 2·hidden], h as the
 * context sums it and as U projects it; at every step t `decoder.query[t]` (W sₜ₋₁) [batch, a], `decoder.e[t]` and
 * `decoder.alpha[t]` [batch, source], `decoder.context[t]` [batch, 2·hidden].
 */
export class RNNsearch extends Translator {
  readonly attention: AdditiveAttention;

  constructor(config: TranslatorConfig, options: ParameterOptions = {}) {
    super(config, options);
    const { hiddenSize, attentionSize = hiddenSize } = config;
    const sizes = { querySize: hiddenSize, valueSize: 2 * hiddenSize, attentionSize };
    this.attention = this.child("", new AdditiveAttention(sizes, options));
  }

  override encode(source: Tensor, mask: Tensor, { tap }: { tap?: Tap } = {}): Encoded {
    return within("encoder", () => {
      const { annotations, state } = this.readSource(source, mask, tap);
      const attentionTap: Tap | undefined = tap && ((site, x) => tap(`attention.${site}`, x));
      const { keys, values, v } = this.attention.memory(annotations, { tap: attentionTap });
      return { state, rows: { keys, values, mask }, shared: { v, ...this.decoderWeights() } };
    });
  }

  override forward(source: Tensor, mask: Tensor, target: Tensor, { tap }: { tap?: Tap } = {}): TranslatorOutput {
    const encoded = this.encode(source, mask, { tap });
    const { cellEmbedding, cellBias, readoutState, readoutContext, readoutEmbedding } = encoded.shared;
    const embedded = this.readTarget(target, source.shape[0]);
    const gates = linear(embedded, cellEmbedding, cellBias);
    const atOnce = tap ? null : this.atOnce(gates, encoded);
    const { states, contexts, weights, scores } = atOnce ?? this.stepByStep(gates, encoded, tap);
    return within("readout", () => {
      const rest = linear(contexts, readoutContext, linear(embedded, readoutEmbedding, this.readout.bias));
      return { logits: this.sequenceLogits(this.deepOutput(states, readoutState, rest), tap), weights, scores };
    });
  }

  /** The decoder over the whole target in one call; null where the cell or the back end has no kernel for that. */
  private atOnce(gates: Tensor, { state, rows, shared }: Encoded): GruDecoded | null {
    if (!(this.cell instanceof GRUCell) || !hasSequences(gates)) return null;
    const { weightHh, biasHh } = this.cell;
    return within("decoder", () =>
      gruDecoder({
        gi: gates,
        contextWeight: shared.cellContext,
        hiddenWeight: weightHh,
        hiddenBias: biasHh,
        queryWeight: this.attention.W.weight,
        keys: rows.keys,
        values: rows.values,
        v: shared.v,
        h0: state,
        mask: rows.mask,
      }),
    );
  }

  private stepByStep(gates: Tensor, encoded: Encoded, tap: Tap | undefined): GruDecoded {
    const memory = memoryOf(encoded);
    const hidden: Tensor[] = [];
    const contexts: Tensor[] = [];
    const weights: Tensor[] = [];
    const scores: Tensor[] = [];
    let { state } = encoded;
    // With time leading, a step is a view.
    const steps = gates.permute([1, 0, 2]);
    for (let t = 0; t < steps.shape[0]; t++) {
      within(`decoder step ${t}`, () => {
        const stepTap: Tap | undefined = tap && ((site, x) => tap(`decoder.${site}[${t}]`, x));
        if (tap && t > 0) state = tap(`decoder.recurrence[${t - 1}]`, state);
        const attended = this.attention.forward(this.cell.hidden(state), memory, { tap: stepTap });
        const context = attended.context.reshape([attended.context.shape[0], attended.context.shape[2]]);
        state = this.cell.advance(linear(context, encoded.shared.cellContext, steps.at(t)), state);
        if (tap) state = tap(`decoder.s[${t}]`, state);
        hidden.push(this.cell.hidden(state));
        contexts.push(context);
        weights.push(attended.weights);
        scores.push(attended.scores);
      });
    }
    return {
      states: stack(hidden, { axis: 1 }),
      contexts: stack(contexts, { axis: 1 }),
      weights: concat(weights, { axis: 1 }),
      scores: concat(scores, { axis: 1 }),
    };
  }

  override step(encoded: Encoded, token: Tensor, state: Tensor, { tap }: { tap?: Tap } = {}): TranslatorStep {
    const { cellEmbedding, cellContext, cellBias, readoutState, readoutContext, readoutEmbedding } = encoded.shared;
    const embedded = this.readToken(token);
    const attended = this.attention.forward(this.cell.hidden(state), memoryOf(encoded), { tap });
    const [batch, , source] = attended.weights.shape;
    const context = attended.context.reshape([batch, attended.context.shape[2]]);
    const gates = linear(context, cellContext, linear(embedded, cellEmbedding, cellBias));
    const next = this.cell.advance(gates, state);
    const rest = linear(context, readoutContext, linear(embedded, readoutEmbedding, this.readout.bias));
    const logits = this.output.forward(this.deepOutput(this.cell.hidden(next), readoutState, rest));
    return { logits, state: next, weights: attended.weights.reshape([batch, source]) };
  }
}

import { within } from "../autograd/mode.js";
import { stack } from "../autograd/operations/concat.js";
import { linear } from "../autograd/operations/matmul.js";
import type { Tap } from "../nn/tap.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Encoded, Translator, type TranslatorOutput, type TranslatorStep } from "./translator.js";

/** Rows [batch, n], the same at every step: [batch, 1, n]. */
const atEveryStep = (rows: Tensor): Tensor => rows.reshape([rows.shape[0], 1, rows.shape[1]]);

/**
 * RNNencdec (Cho 2014), RNNsearch's rival without attention: the context is the same at every step, the encoder's
 * summary [last forward state; first backward state], fed to the cell and the readout each time.
 *
 * Tap site beyond {@link Translator}'s: `decoder.context` [batch, 2·hidden].
 */
export class RNNencdec extends Translator {
  override encode(source: Tensor, mask: Tensor, { tap }: { tap?: Tap } = {}): Encoded {
    return within("encoder", () => {
      const { summary, state } = this.readSource(source, mask, tap);
      const context = tap ? tap("decoder.context", summary()) : summary();
      const { cellContext, readoutContext, cellBias, ...shared } = this.decoderWeights();
      const gates = linear(context, cellContext, cellBias);
      return { state, rows: { gates, readout: linear(context, readoutContext, this.readout.bias) }, shared };
    });
  }

  override forward(source: Tensor, mask: Tensor, target: Tensor, { tap }: { tap?: Tap } = {}): TranslatorOutput {
    const encoded = this.encode(source, mask, { tap });
    const { rows, shared } = encoded;
    const embedded = this.readTarget(target, source.shape[0]);
    const gates = linear(embedded, shared.cellEmbedding).add(atEveryStep(rows.gates));
    const atOnce = tap ? null : within("decoder", () => this.cell.sequence(gates, encoded.state));
    const hidden = atOnce?.hidden ?? this.stepByStep(gates, encoded.state, tap);
    return within("readout", () => {
      const rest = linear(embedded, shared.readoutEmbedding).add(atEveryStep(rows.readout));
      const logits = this.sequenceLogits(this.deepOutput(hidden, shared.readoutState, rest), tap);
      return { logits, weights: null, scores: null };
    });
  }

  /** Hidden states [batch, target, hidden] from the gates' input shares [batch, target, gates·hidden]. */
  private stepByStep(gates: Tensor, initial: Tensor, tap: Tap | undefined): Tensor {
    const hidden: Tensor[] = [];
    let state = initial;
    // With time leading, a step is a view.
    const steps = gates.permute([1, 0, 2]);
    for (let t = 0; t < steps.shape[0]; t++) {
      within(`decoder step ${t}`, () => {
        if (tap && t > 0) state = tap(`decoder.recurrence[${t - 1}]`, state);
        state = this.cell.advance(steps.at(t), state);
        if (tap) state = tap(`decoder.s[${t}]`, state);
        hidden.push(this.cell.hidden(state));
      });
    }
    return stack(hidden, { axis: 1 });
  }

  override step({ rows, shared }: Encoded, token: Tensor, state: Tensor): TranslatorStep {
    const embedded = this.readToken(token);
    const next = this.cell.advance(linear(embedded, shared.cellEmbedding, rows.gates), state);
    const rest = linear(embedded, shared.readoutEmbedding, rows.readout);
    const logits = this.output.forward(this.deepOutput(this.cell.hidden(next), shared.readoutState, rest));
    return { logits, state: next, weights: null };
  }
}

import { noGrad } from "../../autograd/mode.js";
import { concat } from "../../autograd/operations/concat.js";
import type { EncodedPair } from "../../data/batches.js";
import { EOS } from "../../data/vocabulary.js";
import { DataError } from "../../errors.js";
import { RNNsearch } from "../../models/rnnsearch.js";
import type { Encoded, Translator } from "../../models/translator.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Trace } from "../trace.js";

/** Several steps of a decoder side by side, each ready to be run with attention weights of the caller's. */
export type Steps = (weights: Tensor) => Tensor;

/**
 * The decoder's steps on one sentence under teacher forcing, each held where it was: its state, its input word and the
 * source as they were, only the attention weights to be chosen anew. Run it inside a scope.
 */
export class DecoderSteps {
  /** α as the model has it, [T, S]. */
  readonly weights: Tensor;
  /** What the model says with them, [T, vocabulary]. */
  readonly logits: Tensor;
  /** The right words, `<eos>` the last. */
  readonly labels: readonly number[];
  private readonly encoded: Encoded;
  private readonly states: Tensor;
  private readonly tokens: Tensor;

  /** @throws DataError for a model without attention */
  constructor(
    private readonly model: Translator,
    pair: EncodedPair,
  ) {
    if (!(model instanceof RNNsearch)) throw new DataError(`attention: ${model.config.model} has none`);
    const trace = noGrad(() => new Trace(model, pair));
    const source = tensor([[...pair.source, EOS]], { dtype: "int32", device: trace.logits.device });
    this.encoded = noGrad(() => model.encode(source, source.notEqual(-1)));
    const before = [
      this.encoded.state,
      ...trace
        .steps("s")
        .slice(0, -1)
        .map((site) => trace.value(site).detach()),
    ];
    this.states = concat(before, { axis: this.encoded.state.rank - 2 });
    this.tokens = trace.inputs.at(0);
    this.weights = concat(trace.steps("alpha").map((site) => trace.value(site).detach()));
    this.logits = trace.logits.at(0).detach();
    this.labels = [...trace.labels.dataSync()];
  }

  /** So many steps. */
  get length(): number {
    return this.labels.length;
  }

  /**
   * The chosen steps, any number of times each.
   * @returns weights [chosen, S] → logits [chosen, vocabulary], differentiable
   */
  choose(chosen: readonly number[]): Steps {
    const { model } = this;
    const { device } = this.logits;
    const rows = tensor(Int32Array.from(chosen), { device });
    const encoded = noGrad(() => model.select(this.encoded, tensor(new Int32Array(chosen.length), { device })));
    const state = noGrad(() => model.selectState(this.states, rows));
    const token = noGrad(() => this.tokens.gather(rows));
    return (weights) =>
      model.step(encoded, token, state, { tap: (site, x) => (site === "alpha" ? weights : x) }).logits;
  }
}

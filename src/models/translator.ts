import { linear } from "../autograd/operations/matmul.js";
import { DataError, DTypeError, ShapeError } from "../errors.js";
import { Dropout } from "../nn/dropout.js";
import { Embedding } from "../nn/embedding.js";
import { GRU, GRUCell } from "../nn/gru.js";
import { Linear } from "../nn/linear.js";
import { LSTM, LSTMCell } from "../nn/lstm.js";
import { Module, type ParameterOptions } from "../nn/module.js";
import type { RecurrentCell } from "../nn/recurrent-cell.js";
import type { RecurrentLayer } from "../nn/recurrent-layer.js";
import { RNN, RNNCell } from "../nn/rnn.js";
import type { Tap } from "../nn/tap.js";
import { sameShape, showShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

export interface TranslatorConfig {
  /** `rnnsearch`: with additive attention (Bahdanau 2015). `rnnencdec`: a fixed summary instead (Cho 2014). */
  readonly model: "rnnsearch" | "rnnencdec";
  readonly sourceVocabulary: number;
  readonly targetVocabulary: number;
  readonly embeddingSize: number;
  /** Of each encoder direction and of the decoder. */
  readonly hiddenSize: number;
  /** Size a of the alignment model; `hiddenSize` where left out. */
  readonly attentionSize?: number;
  /** Default `gru`. */
  readonly cell?: "gru" | "lstm" | "rnn";
  /** On embeddings and before the output layer, while training. Default 0. */
  readonly dropout?: number;
}

export interface TranslatorOutput {
  /** [batch, target, targetVocabulary] */
  readonly logits: Tensor;
  /** α [batch, target, source]; null without attention. */
  readonly weights: Tensor | null;
  /** e [batch, target, source], before the mask; null without attention. */
  readonly scores: Tensor | null;
}

/** One decoder step. */
export interface TranslatorStep {
  /** [batch, targetVocabulary] */
  readonly logits: Tensor;
  /** What the next step starts from: [batch, hidden], or [2, batch, hidden] of an LSTM. */
  readonly state: Tensor;
  /** α [batch, source]; null without attention. */
  readonly weights: Tensor | null;
}

/** A source as the decoder uses it, all that does not depend on a step computed: hand it back to `step` as it is. */
export interface Encoded {
  /** The decoder's state before the first step. */
  readonly state: Tensor;
  /** Tensors with one row a sentence. */
  readonly rows: Readonly<Record<string, Tensor>>;
  /** Tensors that all sentences share. */
  readonly shared: Readonly<Record<string, Tensor>>;
}

const recurrent = {
  rnn: { Layer: RNN, Cell: RNNCell },
  gru: { Layer: GRU, Cell: GRUCell },
  lstm: { Layer: LSTM, Cell: LSTMCell },
} as const;

/** The source encoded, before a model takes from it what it needs. */
interface Source {
  /** h [batch, source, 2·hidden], forward beside backward; 0 at padding. */
  readonly annotations: Tensor;
  /** [last forward h; first backward h]: [batch, 2·hidden]. */
  summary(): Tensor;
  readonly state: Tensor;
}

/** The decoder's weights cut by what they multiply, so that nothing is concatenated. */
export interface DecoderWeights {
  readonly cellEmbedding: Tensor;
  readonly cellContext: Tensor;
  readonly readoutState: Tensor;
  readonly readoutContext: Tensor;
  readonly readoutEmbedding: Tensor;
  readonly cellBias: Tensor;
}

function checkConfig(config: TranslatorConfig): void {
  const { sourceVocabulary, targetVocabulary, embeddingSize, hiddenSize, attentionSize = 1 } = config;
  const sizes = { sourceVocabulary, targetVocabulary, embeddingSize, hiddenSize, attentionSize };
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1) {
      throw new DataError(`translator: ${name} must be a whole number of 1 or more, got ${size}`);
    }
  }
  if (config.cell !== undefined && !Object.hasOwn(recurrent, config.cell)) {
    throw new DataError(`translator: no cell "${config.cell}": there are ${Object.keys(recurrent).join(", ")}`);
  }
}

/**
 * An encoder-decoder: a bidirectional encoder, a bridge to the decoder's first state, a recurrent decoder over
 * [embedding; context] and a deep output. What the context is, a subclass says.
 *
 *     s₀ = tanh(bridge(h̃₁))   sₜ = cell([yₜ; cₜ], sₜ₋₁)   logitsₜ = output(tanh(readout [sₜ; cₜ; yₜ]))
 *
 * where h̃₁ is the backward encoder's state at the first word. An LSTM's first c is zero.
 *
 * Tap sites: `source.embedding` [batch, source, embedding]; `encoder.` and the sites of a recurrent layer;
 * `encoder.h` [batch, source, 2·hidden], the annotations; `bridge` [batch, hidden], h̃₁ as s₀ takes it;
 * `decoder.s[t]`, the state after step t, packed [2, batch, hidden] for an LSTM; `decoder.recurrence[t]`, the same as it
 * enters step t + 1; `decoder.logits` [batch, target, vocabulary].
 */
export abstract class Translator extends Module {
  readonly sourceEmbedding: Embedding;
  readonly targetEmbedding: Embedding;
  readonly encoder: RecurrentLayer;
  readonly bridge: Linear;
  readonly cell: RecurrentCell;
  readonly readout: Linear;
  readonly output: Linear;
  protected readonly dropout: Dropout;

  constructor(
    readonly config: TranslatorConfig,
    options: ParameterOptions = {},
  ) {
    super();
    checkConfig(config);
    const { sourceVocabulary, targetVocabulary, embeddingSize, hiddenSize, cell = "gru", dropout = 0 } = config;
    const { Layer, Cell } = recurrent[cell];
    const contextSize = 2 * hiddenSize;
    this.sourceEmbedding = this.child("srcEmbedding", new Embedding(sourceVocabulary, embeddingSize, options));
    this.targetEmbedding = this.child("tgtEmbedding", new Embedding(targetVocabulary, embeddingSize, options));
    this.encoder = this.child("encoder", new Layer(embeddingSize, hiddenSize, { ...options, bidirectional: true }));
    this.bridge = this.child("bridge", new Linear(hiddenSize, hiddenSize, options));
    this.cell = this.child("cell", new Cell(embeddingSize + contextSize, hiddenSize, options));
    this.readout = this.child("readout", new Linear(hiddenSize + contextSize + embeddingSize, hiddenSize, options));
    this.output = this.child("output", new Linear(hiddenSize, targetVocabulary, options));
    this.dropout = this.child("", new Dropout(dropout, options));
  }

  /**
   * Teacher forcing: the logits of every next token, given the true ones before it.
   * @param source int32 [batch, source]
   * @param mask bool [batch, source], true where there is a real token; padding comes last
   * @param target int32 [batch, target], begins with `<bos>`
   */
  abstract forward(source: Tensor, mask: Tensor, target: Tensor, options?: { tap?: Tap }): TranslatorOutput;

  /** Reads a source once, for any number of {@link step}s. */
  abstract encode(source: Tensor, mask: Tensor, options?: { tap?: Tap }): Encoded;

  /**
   * One step of decoding.
   * @param token int32 [batch], the token before: `<bos>` at first
   * @param state `encoded.state` at first, then that of the step before
   * @param options `tap` sites, with attention: `query`, `e`, `alpha` and `context` of this step
   */
  abstract step(encoded: Encoded, token: Tensor, state: Tensor, options?: { tap?: Tap }): TranslatorStep;

  /** Rows of an encoded source, in any order and number: what a beam goes on with. `rows` int32. */
  select(encoded: Encoded, rows: Tensor): Encoded {
    const chosen = Object.entries(encoded.rows).map(([name, x]) => [name, x.gather(rows)] as const);
    return { ...encoded, rows: Object.fromEntries(chosen), state: this.selectState(encoded.state, rows) };
  }

  /** Rows of a decoder state. `rows` int32. */
  selectState(state: Tensor, rows: Tensor): Tensor {
    return state.gather(rows, { axis: state.rank - 2 });
  }

  protected readSource(source: Tensor, mask: Tensor, tap: Tap | undefined): Source {
    if (source.rank !== 2 || !sameShape(source.shape, mask.shape)) {
      throw new ShapeError(
        `translator: source ${showShape(source.shape)} and mask ${showShape(mask.shape)} must both be [batch, source]`,
      );
    }
    if (source.dtype !== "int32" || mask.dtype !== "bool") {
      throw new DTypeError(`translator: source is ${source.dtype} and mask ${mask.dtype}, but must be int32 and bool`);
    }
    const embedded = this.sourceEmbedding.forward(source);
    const words = this.dropout.forward(tap ? tap("source.embedding", embedded) : embedded);
    const encoderTap: Tap | undefined = tap && ((site, x) => tap(`encoder.${site}`, x));
    const { output, last } = this.encoder.run(words, { mask, tap: encoderTap });
    const first = this.cell.hidden(last(1));
    const initial = this.bridge.forward(tap ? tap("bridge", first) : first).tanh();
    return {
      annotations: tap ? tap("encoder.h", output) : output,
      summary: () => this.cell.hidden(last(0)).concat([first], { axis: 1 }),
      state: this.cell.withHidden(initial),
    };
  }

  protected decoderWeights(): DecoderWeights {
    const { embeddingSize, hiddenSize } = this.config;
    const contextSize = 2 * hiddenSize;
    const [cellEmbedding, cellContext] = this.cell.weightIh.split([embeddingSize, contextSize], { axis: 1 });
    const [readoutState, readoutContext, readoutEmbedding] = this.readout.weight.split(
      [hiddenSize, contextSize, embeddingSize],
      { axis: 1 },
    );
    const cellBias = this.cell.projectionBias();
    return { cellEmbedding, cellContext, readoutState, readoutContext, readoutEmbedding, cellBias };
  }

  /** target [batch, target] → embeddings [batch, target, embedding] */
  protected readTarget(target: Tensor, batch: number): Tensor {
    if (target.rank !== 2 || target.shape[0] !== batch || target.shape[1] === 0) {
      throw new ShapeError(`translator: target ${showShape(target.shape)} must be [${batch}, target], not empty`);
    }
    return this.readToken(target);
  }

  protected readToken(token: Tensor): Tensor {
    return this.dropout.forward(this.targetEmbedding.forward(token));
  }

  /**
   * The deep output's hidden layer.
   * @param hidden s [..., hidden]
   * @param rest the share of context and embedding, bias included, [..., hidden]
   */
  protected deepOutput(hidden: Tensor, readoutState: Tensor, rest: Tensor): Tensor {
    return this.dropout.forward(linear(hidden, readoutState, rest).tanh());
  }

  /** Hidden layer [batch, target, hidden] → logits [batch, target, vocabulary]. */
  protected sequenceLogits(hidden: Tensor, tap: Tap | undefined): Tensor {
    const logits = this.output.forward(hidden);
    return tap ? tap("decoder.logits", logits) : logits;
  }
}

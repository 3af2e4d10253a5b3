import type { Operand, Storage } from "./storage.js";

/** A GRU over a sequence: h′ = GRU(giₜ, w · h + bias) at every step, from its first to its last or `reversed`. */
export interface GruSequenceInputs {
  /** The input's share of the gates: [time, batch, 3·hidden]. */
  readonly gi: Operand;
  /** The recurrent weight: [3·hidden, hidden]. */
  readonly w: Operand;
  /** [3·hidden] */
  readonly bias: Operand;
  /** The state to begin with: [batch, hidden]. */
  readonly h0: Operand;
  /** Bool [time, batch], or null: where false the old state stays. */
  readonly mask: Operand | null;
  readonly reversed: boolean;
}

/** A GRU decoder with additive attention (Bahdanau 2015, A.1.2), the embeddings' share of its gates given. */
export interface GruDecoderInputs {
  /** [time, batch, 3·hidden] */
  readonly gi: Operand;
  /** What turns a context into its share of the gates: [3·hidden, context]. */
  readonly contextWeight: Operand;
  /** The recurrent weight: [3·hidden, hidden]. */
  readonly hiddenWeight: Operand;
  /** [3·hidden] */
  readonly hiddenBias: Operand;
  /** What turns a state into a query: [a, hidden]. */
  readonly queryWeight: Operand;
  /** [batch, source, a] */
  readonly keys: Operand;
  /** [batch, source, context] */
  readonly values: Operand;
  /** [a] */
  readonly v: Operand;
  /** The state to begin with: [batch, hidden]. */
  readonly h0: Operand;
  /** Bool [batch, source], or null: false where there is nothing to attend to. */
  readonly mask: Operand | null;
}

/** How many of everything a decoder has. */
export function decoderSizes({ gi, h0, keys, values }: Pick<GruDecoderInputs, "gi" | "h0" | "keys" | "values">) {
  const [time] = gi.shape;
  const [batch, hidden] = h0.shape;
  const [, source, context] = values.shape;
  return { time, batch, source, hidden, context, attention: keys.shape[2] };
}

/**
 * Where the parts of a decoder's result begin, in elements: states [time + 1, batch, hidden] of which the first is h0,
 * contexts [time, batch, context], weights and scores [batch, time, source]. Behind `size` lies what the way back needs.
 */
export function decoderParts(sizes: ReturnType<typeof decoderSizes>) {
  const { time, batch, source, hidden, context, attention } = sizes;
  const contexts = (time + 1) * batch * hidden;
  const weights = contexts + time * batch * context;
  const scores = weights + batch * time * source;
  const size = scores + batch * time * source;
  const gates = size + time * batch * attention;
  const gh = gates + time * batch * 3 * hidden;
  return {
    states: 0,
    contexts,
    weights,
    scores,
    size,
    queries: size,
    gates,
    gh,
    length: gh + time * batch * 3 * hidden,
  };
}

/**
 * Kernels for a whole sequence in one call, for back ends that gain by it: the rows of a batch are independent, so that
 * threads need not meet at every step.
 */
export interface SequenceKernels {
  /** States [time + 1, batch, hidden] with h0 at its place (the last one if `reversed`); behind them what the way back needs. */
  gruSequence(inputs: GruSequenceInputs): Storage;
  /** Gradients, given gy [time + 1, batch, hidden] of all states; `states` is what the way forward gave. */
  gruSequenceBackward(inputs: GruSequenceInputs, states: Operand, gy: Operand): Record<"gi" | "gh" | "h0", Storage>;
  /** See {@link decoderParts} for the result. */
  gruDecoder(inputs: GruDecoderInputs): Storage;
  /**
   * Gradients, given gy of {@link decoderParts}' size: of the whole gates gi + contextWeight · c (and so of gi too), of
   * gh = hiddenWeight · h + hiddenBias, of queries, keys, values, v and h0.
   */
  gruDecoderBackward(
    inputs: GruDecoderInputs,
    output: Operand,
    gy: Operand,
  ): Record<"gates" | "gh" | "queries" | "keys" | "values" | "v" | "h0", Storage>;
}

import type { Operand, Storage } from "./storage.js";

/** A GRU over a sequence: h′ = GRU(giₜ, w · h + bias) at every step, from its first to its last or `reversed`. */
export interface GruSequenceInputs {
  /** The input's share of the gates: [batch, time, 3·hidden]. */
  readonly gi: Operand;
  /** The recurrent weight: [3·hidden, hidden]. */
  readonly w: Operand;
  /** [3·hidden] */
  readonly bias: Operand;
  /** The state to begin with: [batch, hidden]. */
  readonly h0: Operand;
  /** Bool [batch, time], or null: where false the old state stays. */
  readonly mask: Operand | null;
  readonly reversed: boolean;
}

/** A GRU decoder with additive attention (Bahdanau 2015, A.1.2), the embeddings' share of its gates given. */
export interface GruDecoderInputs {
  /** [batch, time, 3·hidden] */
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
  const [, time] = gi.shape;
  const [batch, hidden] = h0.shape;
  const [, source, context] = values.shape;
  return { time, batch, source, hidden, context, attention: keys.shape[2] };
}

/**
 * Where the parts of a sequence's result begin, in elements: states [batch, time, hidden]. Behind `size` lies what the way
 * back needs, `gap` elements apart: the state `before` each step and n in `kept` [batch, time, hidden], and gh
 * [batch, time, 3·hidden].
 */
export function sequenceParts({ gi, h0 }: Pick<GruSequenceInputs, "gi" | "h0">, gap: number) {
  const [batch, time] = gi.shape;
  const size = batch * time * h0.shape[1];
  const before = size + gap;
  const gh = before + size + gap;
  const kept = gh + 3 * size + gap;
  return { states: 0, size, before, gh, kept, length: kept + size + gap };
}

/**
 * Where the parts of a decoder's result begin, in elements: states [batch, time, hidden], contexts [batch, time, context],
 * weights and scores [batch, time, source]. Behind `size` lies what the way back needs, `gap` elements apart: first the
 * state `before` each step, last the `energies` tanh(query + keys) [batch, time, source, a]. What comes before `size` does
 * not depend on `gap`.
 */
export function decoderParts(sizes: ReturnType<typeof decoderSizes>, gap = 0) {
  const { time, batch, source, hidden, context, attention } = sizes;
  const steps = batch * time;
  const contexts = steps * hidden;
  const weights = contexts + steps * context;
  const scores = weights + steps * source;
  const size = scores + steps * source;
  const before = size + gap;
  const queries = before + steps * hidden + gap;
  const gates = queries + steps * attention + gap;
  const gh = gates + steps * 3 * hidden + gap;
  const energies = gh + steps * 3 * hidden + gap;
  return {
    states: 0,
    contexts,
    weights,
    scores,
    size,
    before,
    queries,
    gates,
    gh,
    energies,
    length: energies + steps * source * attention + gap,
  };
}

/**
 * Kernels for a whole sequence in one call, for back ends that gain by it: the rows of a batch are independent, so that
 * threads need not meet at every step. Time lies within each row of the batch.
 */
export interface SequenceKernels {
  /** Elements left free between arrays: see {@link sequenceParts}. */
  readonly gap: number;
  /** See {@link sequenceParts} for the result. */
  gruSequence(inputs: GruSequenceInputs): Storage;
  /** Gradients, given gy [batch, time, hidden] of all states; `output` is what the way forward gave. */
  gruSequenceBackward(inputs: GruSequenceInputs, output: Operand, gy: Operand): Record<"gi" | "gh" | "h0", Storage>;
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

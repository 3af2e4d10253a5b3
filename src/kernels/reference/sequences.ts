import { oneProduct } from "../backend.js";
import {
  decoderParts,
  decoderSizes,
  type GruDecoderInputs,
  type GruSequenceInputs,
  type SequenceKernels,
  sequenceParts,
} from "../sequences.js";
import { type DType, hostView, type NumberArray, type Operand, type Storage, sizeOf } from "../storage.js";
import { additiveScore, additiveScoreBackward } from "./attention.js";
import { gruGates, gruGatesBackward } from "./gates.js";
import { linear, matmul, matmulInto } from "./matmul.js";
import { softmax, softmaxBackward } from "./softmax.js";
import { allocate, LentStorage, store } from "./storage.js";

/** One thread needs none. */
const GAP = 0;

/** The numbers of a storage that was only a step on the way. */
function take(storage: Storage): NumberArray {
  const numbers = hostView({ storage, offset: 0, shape: [storage.length] });
  storage.release();
  return numbers;
}

const part = (x: Operand, offset: number, shape: readonly number[]): Operand => ({
  storage: x.storage,
  offset: x.offset + offset,
  shape,
});

const whole = (dtype: DType, numbers: NumberArray, shape: readonly number[]): Operand => ({
  storage: new LentStorage(dtype, numbers),
  offset: 0,
  shape,
});
const zeros = (dtype: DType, shape: readonly number[]): Operand => ({
  storage: store(dtype, allocate(dtype, sizeOf(shape))),
  offset: 0,
  shape,
});

/** Step t of x [batch, time, n], copied: [batch, n]. */
function stepOf(x: Operand, t: number): Operand {
  const [batch, time, n] = [...x.shape, 1];
  const numbers = hostView(x);
  const rows = allocate(x.storage.dtype, batch * n);
  for (let b = 0; b < batch; b++) rows.set(numbers.subarray((b * time + t) * n, (b * time + t + 1) * n), b * n);
  return whole(x.storage.dtype, rows, x.shape.length === 2 ? [batch] : [batch, n]);
}

/** Writes rows [batch, n] into step t of x [batch, time, n]. */
function setStep(x: Operand, t: number, rows: NumberArray): void {
  const [batch, time, n] = x.shape;
  const numbers = hostView(x);
  for (let b = 0; b < batch; b++) numbers.set(rows.subarray(b * n, (b + 1) * n), (b * time + t) * n);
}

const add = (x: Operand, y: Operand): void => {
  const numbers = hostView(x);
  const others = hostView(y);
  for (let i = 0; i < numbers.length; i++) numbers[i] += others[i];
};

/** The time steps in the order in which a sequence is read. */
function stepsOf({ gi, reversed }: GruSequenceInputs): number[] {
  const steps = Array.from({ length: gi.shape[1] }, (_, t) => t);
  return reversed ? steps.reverse() : steps;
}

function sequenceOperands(inputs: GruSequenceInputs, x: Operand) {
  const [batch, time] = inputs.gi.shape;
  const [, hidden] = inputs.h0.shape;
  const parts = sequenceParts(inputs, GAP);
  return {
    states: part(x, parts.states, [batch, time, hidden]),
    before: part(x, parts.before, [batch, time, hidden]),
    gh: part(x, parts.gh, [batch, time, 3 * hidden]),
  };
}

function gruSequence(inputs: GruSequenceInputs): Storage {
  const { gi, w, bias, h0, mask } = inputs;
  const { dtype } = h0.storage;
  const [batch, hidden] = h0.shape;
  const out = zeros(dtype, [sequenceParts(inputs, GAP).length]);
  const { states, before, gh } = sequenceOperands(inputs, out);
  let h = h0;
  for (const t of stepsOf(inputs)) {
    setStep(before, t, hostView(h));
    const recurrent = take(linear(h, w, bias, batch, hidden, 3 * hidden));
    setStep(gh, t, recurrent);
    const next = take(
      gruGates(stepOf(gi, t), whole(dtype, recurrent, [batch, 3 * hidden]), h, mask && stepOf(mask, t)),
    );
    setStep(states, t, next);
    h = whole(dtype, next, h0.shape);
  }
  return out.storage;
}

function gruSequenceBackward(inputs: GruSequenceInputs, output: Operand, gy: Operand) {
  const { gi, w, h0, mask } = inputs;
  const { dtype } = h0.storage;
  const [batch, hidden] = h0.shape;
  const { before, gh } = sequenceOperands(inputs, output);
  const giGradient = zeros(dtype, gi.shape);
  const ghGradient = zeros(dtype, gi.shape);
  const carry = zeros(dtype, h0.shape);
  for (const t of stepsOf(inputs).reverse()) {
    add(carry, stepOf(gy, t));
    const open = mask && stepOf(mask, t);
    const made = gruGatesBackward(stepOf(gi, t), stepOf(gh, t), stepOf(before, t), open, carry);
    const [input, recurrent, state] = made.map(take);
    setStep(giGradient, t, input);
    setStep(ghGradient, t, recurrent);
    hostView(carry).set(state);
    matmulInto(whole(dtype, recurrent, [batch, 3 * hidden]), w, oneProduct(batch, 3 * hidden, hidden), carry);
  }
  return { gi: giGradient.storage, gh: ghGradient.storage, h0: carry.storage };
}

/** A decoder's parts as operands: of its result, and of the gradient that arrives at it. */
function operandsOf(inputs: GruDecoderInputs, x: Operand) {
  const sizes = decoderSizes(inputs);
  const { time, batch, source, hidden, context, attention } = sizes;
  const parts = decoderParts(sizes, GAP);
  return {
    states: part(x, parts.states, [batch, time, hidden]),
    contexts: part(x, parts.contexts, [batch, time, context]),
    weights: part(x, parts.weights, [batch, time, source]),
    scores: part(x, parts.scores, [batch, time, source]),
    before: part(x, parts.before, [batch, time, hidden]),
    queries: part(x, parts.queries, [batch, time, attention]),
    gates: part(x, parts.gates, [batch, time, 3 * hidden]),
    gh: part(x, parts.gh, [batch, time, 3 * hidden]),
  };
}

function gruDecoder(inputs: GruDecoderInputs): Storage {
  const { gi, contextWeight, hiddenWeight, hiddenBias, queryWeight, keys, values, v, h0, mask } = inputs;
  const { dtype } = h0.storage;
  const sizes = decoderSizes(inputs);
  const { time, batch, source, hidden, context, attention } = sizes;
  // The energies are computed anew on the way back.
  const out = zeros(dtype, [decoderParts(sizes, GAP).energies]);
  const { states, contexts, weights, scores, before, queries, gates, gh } = operandsOf(inputs, out);
  let h = h0;
  for (let t = 0; t < time; t++) {
    setStep(before, t, hostView(h));
    const query = take(linear(h, queryWeight, null, batch, hidden, attention));
    const e = take(additiveScore(whole(dtype, query, [batch, 1, attention]), keys, v));
    const rows = { outer: batch, length: source, inner: 1 };
    const alpha = take(softmax(whole(dtype, e, [batch, source]), rows, mask, 1));
    const layout = { ...oneProduct(1, source, context), batch, batchStrideA: source, batchStrideB: source * context };
    const c = take(matmul(whole(dtype, alpha, [batch, source]), values, layout));
    const atContext = whole(dtype, c, [batch, context]);
    const gate = take(linear(atContext, contextWeight, stepOf(gi, t), batch, context, 3 * hidden));
    const recurrent = take(linear(h, hiddenWeight, hiddenBias, batch, hidden, 3 * hidden));
    const gateRows = [batch, 3 * hidden];
    const next = take(gruGates(whole(dtype, gate, gateRows), whole(dtype, recurrent, gateRows), h, null));
    setStep(queries, t, query);
    setStep(scores, t, e);
    setStep(weights, t, alpha);
    setStep(contexts, t, c);
    setStep(gates, t, gate);
    setStep(gh, t, recurrent);
    setStep(states, t, next);
    h = whole(dtype, next, h0.shape);
  }
  return out.storage;
}

function gruDecoderBackward(inputs: GruDecoderInputs, output: Operand, gy: Operand) {
  const { contextWeight, hiddenWeight, queryWeight, keys, values, v, h0 } = inputs;
  const { dtype } = h0.storage;
  const { time, batch, source, hidden, context, attention } = decoderSizes(inputs);
  const made = operandsOf(inputs, output);
  const arriving = operandsOf(inputs, gy);
  const gradients = {
    gates: zeros(dtype, made.gates.shape),
    gh: zeros(dtype, made.gh.shape),
    queries: zeros(dtype, made.queries.shape),
    keys: zeros(dtype, keys.shape),
    values: zeros(dtype, values.shape),
    v: zeros(dtype, v.shape),
    h0: zeros(dtype, h0.shape),
  };
  const carry = gradients.h0;
  const rows = { outer: batch, length: source, inner: 1 };
  const perRow = { batch, batchStrideA: context, batchStrideB: source * context };
  for (let t = time - 1; t >= 0; t--) {
    add(carry, stepOf(arriving.states, t));
    const gates = gruGatesBackward(stepOf(made.gates, t), stepOf(made.gh, t), stepOf(made.before, t), null, carry);
    const [gi, gh, state] = gates.map(take);
    hostView(carry).set(state);
    matmulInto(whole(dtype, gh, [batch, 3 * hidden]), hiddenWeight, oneProduct(batch, 3 * hidden, hidden), carry);
    // c̄ₜ, then ᾱₜ = values · c̄ₜ and values̅ += αₜ c̄ₜᵀ
    const toContext = oneProduct(batch, 3 * hidden, context);
    const gc = stepOf(arriving.contexts, t);
    matmulInto(whole(dtype, gi, [batch, 3 * hidden]), contextWeight, toContext, gc);
    const alpha = stepOf(made.weights, t);
    const outer = { ...oneProduct(source, 1, context), batch, batchStrideA: source, batchStrideB: context };
    matmulInto(alpha, gc, outer, gradients.values);
    const ga = stepOf(arriving.weights, t);
    matmulInto(gc, values, { ...oneProduct(1, context, source), ...perRow, transposeB: true }, ga);
    const ge = whole(dtype, take(softmaxBackward(alpha, ga, rows)), [batch, 1, source]);
    add(ge, stepOf(arriving.scores, t));
    const query = { ...stepOf(made.queries, t), shape: [batch, 1, attention] };
    const [gq, gk, gv] = additiveScoreBackward(query, keys, v, ge).map(take);
    add(gradients.keys, whole(dtype, gk, keys.shape));
    add(gradients.v, whole(dtype, gv, v.shape));
    matmulInto(whole(dtype, gq, [batch, attention]), queryWeight, oneProduct(batch, attention, hidden), carry);
    setStep(gradients.gates, t, gi);
    setStep(gradients.gh, t, gh);
    setStep(gradients.queries, t, gq);
  }
  const { gates, gh, queries, keys: gk, values: gValues, v: gv } = gradients;
  return {
    gates: gates.storage,
    gh: gh.storage,
    queries: queries.storage,
    keys: gk.storage,
    values: gValues.storage,
    v: gv.storage,
    h0: carry.storage,
  };
}

/** Whole sequences, step by step with the kernels of one step. */
export const sequences: SequenceKernels = {
  gap: GAP,
  gruSequence,
  gruSequenceBackward,
  gruDecoder,
  gruDecoderBackward,
};

import type { MatmulLayout } from "../backend.js";
import {
  decoderParts,
  decoderSizes,
  type GruDecoderInputs,
  type GruSequenceInputs,
  type SequenceKernels,
} from "../sequences.js";
import { type DType, hostView, type NumberArray, type Operand, type Storage, sizeOf } from "../storage.js";
import { additiveScore, additiveScoreBackward } from "./attention.js";
import { gruGates, gruGatesBackward } from "./gates.js";
import { linear, matmul, matmulInto } from "./matmul.js";
import { softmax, softmaxBackward } from "./softmax.js";
import { allocate, store } from "./storage.js";

/** The numbers of a storage that was only a step on the way. */
function take(storage: Storage): NumberArray {
  const numbers = hostView({ storage, offset: 0, shape: [storage.length] });
  storage.release();
  return numbers;
}

/** Index `i` of the leading axis. */
function at(x: Operand, i: number): Operand {
  const shape = x.shape.slice(1);
  return { storage: x.storage, offset: x.offset + i * sizeOf(shape), shape };
}

const part = (x: Operand, offset: number, shape: readonly number[]): Operand => ({
  storage: x.storage,
  offset: x.offset + offset,
  shape,
});

const whole = (storage: Storage, shape: readonly number[]): Operand => ({ storage, offset: 0, shape });
const zeros = (dtype: DType, shape: readonly number[]): Operand =>
  whole(store(dtype, allocate(dtype, sizeOf(shape))), shape);

const add = (x: Operand, y: NumberArray): void => {
  const numbers = hostView(x);
  for (let i = 0; i < numbers.length; i++) numbers[i] += y[i];
};

const plain = { transposeA: false, transposeB: false, batchStrideA: 0, batchStrideB: 0 };
const rowsTimes = (m: number, k: number, n: number): MatmulLayout => ({ ...plain, batch: 1, m, k, n });

/** The time steps in the order in which a sequence is read, with the index of the state before each and after. */
function stepsOf({ gi, reversed }: GruSequenceInputs): { t: number; before: number; after: number }[] {
  const [time] = gi.shape;
  const forward = Array.from({ length: time }, (_, t) => ({ t, before: t, after: t + 1 }));
  return reversed ? forward.map(({ t }) => ({ t, before: t + 1, after: t })).reverse() : forward;
}

function sequenceParts({ gi, h0 }: GruSequenceInputs, states: Operand): { states: Operand; gh: Operand } {
  const [time] = gi.shape;
  const [batch, hidden] = h0.shape;
  return {
    states: part(states, 0, [time + 1, batch, hidden]),
    gh: part(states, (time + 1) * batch * hidden, [time, batch, 3 * hidden]),
  };
}

function gruSequence(inputs: GruSequenceInputs): Storage {
  const { gi, w, bias, h0, mask, reversed } = inputs;
  const [time] = gi.shape;
  const [batch, hidden] = h0.shape;
  const out = zeros(h0.storage.dtype, [(time + 1) * batch * hidden + time * batch * 3 * hidden]);
  const { states, gh } = sequenceParts(inputs, out);
  hostView(at(states, reversed ? time : 0)).set(hostView(h0));
  for (const { t, before, after } of stepsOf(inputs)) {
    const h = at(states, before);
    hostView(at(gh, t)).set(take(linear(h, w, bias, batch, hidden, 3 * hidden)));
    hostView(at(states, after)).set(take(gruGates(at(gi, t), at(gh, t), h, mask && at(mask, t))));
  }
  return out.storage;
}

function gruSequenceBackward(inputs: GruSequenceInputs, output: Operand, gy: Operand) {
  const { gi, w, h0, mask, reversed } = inputs;
  const { dtype } = h0.storage;
  const [time] = gi.shape;
  const [batch, hidden] = h0.shape;
  const { states, gh } = sequenceParts(inputs, output);
  const giGradient = zeros(dtype, gi.shape);
  const ghGradient = zeros(dtype, gi.shape);
  const carry = zeros(dtype, h0.shape);
  add(carry, hostView(at(gy, reversed ? 0 : time)));
  for (const { t, before } of stepsOf(inputs).reverse()) {
    const open = mask && at(mask, t);
    const [input, recurrent, state] = gruGatesBackward(at(gi, t), at(gh, t), at(states, before), open, carry);
    hostView(at(giGradient, t)).set(take(input));
    hostView(at(ghGradient, t)).set(take(recurrent));
    hostView(carry).set(take(state));
    matmulInto(at(ghGradient, t), w, rowsTimes(batch, 3 * hidden, hidden), carry);
    add(carry, hostView(at(gy, before)));
  }
  return { gi: giGradient.storage, gh: ghGradient.storage, h0: carry.storage };
}

/** A decoder's parts as operands: of its result, and of the gradient that arrives at it. */
function operandsOf(inputs: GruDecoderInputs, x: Operand) {
  const sizes = decoderSizes(inputs);
  const { time, batch, source, hidden, context, attention } = sizes;
  const parts = decoderParts(sizes);
  return {
    states: part(x, parts.states, [time + 1, batch, hidden]),
    contexts: part(x, parts.contexts, [time, batch, context]),
    weights: part(x, parts.weights, [batch, time, source]),
    scores: part(x, parts.scores, [batch, time, source]),
    queries: part(x, parts.queries, [time, batch, attention]),
    gates: part(x, parts.gates, [time, batch, 3 * hidden]),
    gh: part(x, parts.gh, [time, batch, 3 * hidden]),
  };
}

/** Copies step t of a stack [batch, time, source] from or to its own rows [batch, source]. */
function stepOf(x: Operand, t: number): NumberArray {
  const [batch, , source] = x.shape;
  const rows = allocate(x.storage.dtype, batch * source);
  for (let b = 0; b < batch; b++) rows.set(hostView(at(at(x, b), t)), b * source);
  return rows;
}

function setStep(x: Operand, t: number, rows: NumberArray): void {
  const [batch, , source] = x.shape;
  for (let b = 0; b < batch; b++) hostView(at(at(x, b), t)).set(rows.subarray(b * source, (b + 1) * source));
}

function gruDecoder(inputs: GruDecoderInputs): Storage {
  const { gi, contextWeight, hiddenWeight, hiddenBias, queryWeight, keys, values, v, h0, mask } = inputs;
  const { dtype } = h0.storage;
  const sizes = decoderSizes(inputs);
  const { time, batch, source, hidden, context, attention } = sizes;
  const out = zeros(dtype, [decoderParts(sizes).length]);
  const { states, contexts, weights, scores, queries, gates, gh } = operandsOf(inputs, out);
  hostView(at(states, 0)).set(hostView(h0));
  for (let t = 0; t < time; t++) {
    const h = at(states, t);
    const query = at(queries, t);
    hostView(query).set(take(linear(h, queryWeight, null, batch, hidden, attention)));
    const e = additiveScore({ ...query, shape: [batch, 1, attention] }, keys, v);
    const alpha = softmax(whole(e, [batch, source]), { outer: batch, length: source, inner: 1 }, mask, 1);
    const layout = { ...rowsTimes(1, source, context), batch, batchStrideA: source, batchStrideB: source * context };
    hostView(at(contexts, t)).set(take(matmul(whole(alpha, [batch, source]), values, layout)));
    setStep(scores, t, take(e));
    setStep(weights, t, take(alpha));
    const gate = linear(at(contexts, t), contextWeight, at(gi, t), batch, context, 3 * hidden);
    hostView(at(gates, t)).set(take(gate));
    hostView(at(gh, t)).set(take(linear(h, hiddenWeight, hiddenBias, batch, hidden, 3 * hidden)));
    hostView(at(states, t + 1)).set(take(gruGates(at(gates, t), at(gh, t), h, null)));
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
  add(carry, hostView(at(arriving.states, time)));
  const rows = { outer: batch, length: source, inner: 1 };
  const perRow = { batch, batchStrideA: context, batchStrideB: source * context };
  for (let t = time - 1; t >= 0; t--) {
    const before = at(made.states, t);
    const [gates, gh, state] = gruGatesBackward(at(made.gates, t), at(made.gh, t), before, null, carry);
    hostView(at(gradients.gates, t)).set(take(gates));
    hostView(at(gradients.gh, t)).set(take(gh));
    hostView(carry).set(take(state));
    matmulInto(at(gradients.gh, t), hiddenWeight, rowsTimes(batch, 3 * hidden, hidden), carry);
    // c̄ₜ, then ᾱₜ = values · c̄ₜ and values̅ += αₜ c̄ₜᵀ
    const gc = whole(matmul(at(gradients.gates, t), contextWeight, rowsTimes(batch, 3 * hidden, context)), [
      batch,
      context,
    ]);
    add(gc, hostView(at(arriving.contexts, t)));
    const ga = matmul(gc, values, { ...rowsTimes(1, context, source), ...perRow, transposeB: true });
    const alpha = whole(store(dtype, stepOf(made.weights, t)), [batch, source]);
    const outer = { ...rowsTimes(source, 1, context), batch, batchStrideA: source, batchStrideB: context };
    matmulInto(alpha, gc, outer, gradients.values);
    const atWeights = whole(ga, [batch, source]);
    add(atWeights, stepOf(arriving.weights, t));
    const ge = whole(softmaxBackward(alpha, atWeights, rows), [batch, 1, source]);
    add(ge, stepOf(arriving.scores, t));
    const query = { ...at(made.queries, t), shape: [batch, 1, attention] };
    const [gq, gk, gv] = additiveScoreBackward(query, keys, v, ge);
    hostView(at(gradients.queries, t)).set(take(gq));
    add(gradients.keys, take(gk));
    add(gradients.v, take(gv));
    for (const used of [gc, alpha, atWeights, ge]) used.storage.release();
    matmulInto(at(gradients.queries, t), queryWeight, rowsTimes(batch, attention, hidden), carry);
    add(carry, hostView(at(arriving.states, t)));
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
export const sequences: SequenceKernels = { gruSequence, gruSequenceBackward, gruDecoder, gruDecoderBackward };

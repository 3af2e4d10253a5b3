import { ShapeError } from "../../errors.js";
import { decoderParts, decoderSizes } from "../../kernels/sequences.js";
import { sameShape, showShape } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import { defineOp } from "../operation.js";
import { additiveScore } from "./additive-score.js";
import { concat } from "./concat.js";
import { gruGates } from "./gates.js";
import { hasSequences, sequencesOf } from "./gru-sequence.js";
import { linearOp, matmul } from "./matmul.js";
import { at, sectionOp } from "./slice.js";
import { softmax } from "./softmax.js";

const names = [
  "gi",
  "contextWeight",
  "hiddenWeight",
  "hiddenBias",
  "queryWeight",
  "keys",
  "values",
  "v",
  "h0",
] as const;

/** What a decoder is given: see {@link gruDecoder}. */
export type GruDecoderTensors = Readonly<Record<(typeof names)[number], Tensor>> & { readonly mask: Tensor | null };

/** A decoder's inputs by name; the mask may be missing. */
export const decoderTensors = ([
  gi,
  contextWeight,
  hiddenWeight,
  hiddenBias,
  queryWeight,
  keys,
  values,
  v,
  h0,
  mask = null,
]: readonly (Tensor | null)[]): GruDecoderTensors =>
  ({ gi, contextWeight, hiddenWeight, hiddenBias, queryWeight, keys, values, v, h0, mask }) as GruDecoderTensors;

function checkShapes(inputs: readonly Tensor[]): void {
  const { time, batch, source, hidden, context, attention } = decoderSizes(decoderTensors(inputs));
  const wanted = [
    [batch, time, 3 * hidden],
    [3 * hidden, context],
    [3 * hidden, hidden],
    [3 * hidden],
    [attention, hidden],
    [batch, source, attention],
    [batch, source, context],
    [attention],
    [batch, hidden],
    [batch, source],
  ];
  inputs.forEach((x, i) => {
    if (!sameShape(x.shape, wanted[i] as number[]) || x.size === 0) {
      throw new ShapeError(
        `gruDecoder: ${names[i] ?? "mask"} is ${showShape(x.shape)}, but must be ${showShape(wanted[i] as number[])}, nothing of it empty`,
      );
    }
  });
}

/**
 * A GRU decoder with additive attention over a whole target sequence (Bahdanau 2015, A.1.2), fused. At every step
 *
 *     e = v · tanh(W_q s + keys)   α = softmax(e)   c = Σⱼ αⱼ valuesⱼ   s′ = GRU(giₜ + W_c c, W_h s + b)
 *
 * On the way back every weight gets one product for all steps: W̄_c = Σₜ ḡₜᵀ cₜ, W̄_h = Σₜ ḡhₜᵀ sₜ, W̄_q = Σₜ q̄ₜᵀ sₜ.
 * Inputs by name in {@link gruDecoder}. The result is flat: {@link decoderParts}.
 */
export const gruDecoderOp = defineOp<Record<never, never>>("gruDecoder", {
  takes: [...names.map(() => "float" as const), "bool"],
  shape: (inputs) => {
    checkShapes(inputs);
    return [decoderParts(decoderSizes(decoderTensors(inputs))).size];
  },
  forward: (kernels, inputs) => sequencesOf(kernels).gruDecoder(decoderTensors(inputs)),
  composed: stepByStep,
  backwardKernel: (kernels, { inputs, output, needs }, gy) => {
    const tensors = decoderTensors(inputs);
    const { keys, values, v, h0, gi, hiddenBias } = tensors;
    const sizes = decoderSizes(tensors);
    const { time, batch, hidden, context, attention } = sizes;
    const { gap, gruDecoderBackward } = sequencesOf(kernels);
    const gradients = gruDecoderBackward(tensors, output, gy);
    const rows = time * batch;
    const tensor = (name: keyof typeof gradients, shape: readonly number[]): Tensor =>
      new Tensor(gradients[name], shape, gi.device);
    const gates = tensor("gates", gi.shape);
    const gh = tensor("gh", [rows, 3 * hidden]);
    const queries = tensor("queries", [rows, attention]);
    const parts = decoderParts(sizes, gap);
    const before = output.view([rows, hidden], output.offset + parts.before);
    const contexts = output.view([rows, context], output.offset + parts.contexts);
    const shift = (): Tensor => {
      const sum = kernels.reduce("sum", gh, { outer: 1, length: rows, inner: 3 * hidden });
      return new Tensor(sum, hiddenBias.shape, gi.device);
    };
    return [
      gates,
      needs(1) ? { product: { a: gates.view([rows, 3 * hidden]), b: contexts } } : null,
      needs(2) ? { product: { a: gh, b: before } } : null,
      needs(3) ? shift() : null,
      needs(4) ? { product: { a: queries, b: before } } : null,
      tensor("keys", keys.shape),
      tensor("values", values.shape),
      tensor("v", v.shape),
      tensor("h0", h0.shape),
      null,
    ];
  },
});

function stepByStep(inputs: readonly Tensor[]): Tensor {
  const tensors = decoderTensors(inputs);
  const { gi, contextWeight, hiddenWeight, hiddenBias, queryWeight, keys, values, v, h0, mask } = tensors;
  const { time, batch, source, hidden, context, attention } = decoderSizes(tensors);
  const states: Tensor[] = [];
  const contexts: Tensor[] = [];
  const weights: Tensor[] = [];
  const scores: Tensor[] = [];
  let h = h0;
  for (let t = 0; t < time; t++) {
    const query = linearOp([h, queryWeight], {}).reshape([batch, 1, attention]);
    const e = additiveScore(query, keys, v);
    const alpha = softmax(e, { mask });
    const c = matmul(alpha, values).reshape([batch, context]);
    const gates = linearOp([c, contextWeight, at(gi, t, { axis: 1 })], {});
    h = gruGates(gates, linearOp([h, hiddenWeight, hiddenBias], {}), h);
    states.push(h);
    contexts.push(c);
    weights.push(alpha);
    scores.push(e);
  }
  const flat = (steps: readonly Tensor[], width: number): Tensor =>
    concat(
      steps.map((step) => step.reshape([batch, 1, width])),
      { axis: 1 },
    ).reshape([-1]);
  return concat([flat(states, hidden), flat(contexts, context), flat(weights, source), flat(scores, source)]);
}

/** What a decoder makes of a target sequence. */
export interface GruDecoded {
  /** The states after every step: [batch, time, hidden]. */
  readonly states: Tensor;
  /** [batch, time, context] */
  readonly contexts: Tensor;
  /** α: [batch, time, source]. */
  readonly weights: Tensor;
  /** e: [batch, time, source], before the mask. */
  readonly scores: Tensor;
}

/**
 * Runs a GRU decoder with additive attention over a target sequence, in one call where the back end can: see {@link gruDecoderOp}.
 * @param tensors `gi` [batch, time, 3·hidden], the embeddings' share of the gates with its bias; `contextWeight`
 *   [3·hidden, context]; `hiddenWeight` [3·hidden, hidden] and `hiddenBias` [3·hidden]; `queryWeight` [a, hidden]; `keys`
 *   [batch, source, a], projected; `values` [batch, source, context]; `v` [a]; `h0` [batch, hidden]; `mask` bool
 *   [batch, source] or null
 */
export function gruDecoder(tensors: GruDecoderTensors): GruDecoded {
  const inputs = names.map((name) => tensors[name]);
  if (tensors.mask) inputs.push(tensors.mask);
  const out = hasSequences(tensors.gi) ? gruDecoderOp(inputs, {}) : stepByStep(inputs);
  const sizes = decoderSizes(tensors);
  const { time, batch, source, hidden, context } = sizes;
  const parts = decoderParts(sizes);
  const part = (start: number, shape: readonly number[]): Tensor => sectionOp([out], { start, shape });
  return {
    states: part(parts.states, [batch, time, hidden]),
    contexts: part(parts.contexts, [batch, time, context]),
    weights: part(parts.weights, [batch, time, source]),
    scores: part(parts.scores, [batch, time, source]),
  };
}

import type { Tensor } from "../../../tensor/tensor.js";
import { additiveScore } from "../../operations/additive-score.js";
import { concat } from "../../operations/concat.js";
import { type CrossEntropyOptions, crossEntropy } from "../../operations/cross-entropy.js";
import { gruGates, lstmGates } from "../../operations/gates.js";
import { decoderTensors, type GruDecoded, gruDecoder } from "../../operations/gru-decoder.js";
import { gruSequence } from "../../operations/gru-sequence.js";
import { layerNorm } from "../../operations/layer-norm.js";
import { linear, matmul } from "../../operations/matmul.js";
import { at, split } from "../../operations/slice.js";
import { logSoftmax, softmax } from "../../operations/softmax.js";
import { type Cases, type Draw, use } from "./case.js";

const pair = (a: readonly number[], b: readonly number[]) => (d: Draw) => [d.normal(...a), d.normal(...b)];
const normal =
  (...shape: number[]) =>
  (d: Draw) => [d.normal(...shape)];

export const productCases = {
  matmul: [
    use("two matrices", pair([2, 3], [3, 4]), (a, b) => matmul(a, b)),
    use("left transposed", pair([3, 2], [3, 4]), (a, b) => matmul(a, b, { transposeA: true })),
    use("right transposed", pair([2, 3], [4, 3]), (a, b) => matmul(a, b, { transposeB: true })),
    use("both transposed", pair([3, 2], [4, 3]), (a, b) => matmul(a, b, { transposeA: true, transposeB: true })),
    use("batched", pair([2, 2, 3], [2, 3, 2]), (a, b) => matmul(a, b)),
    use("batched, left transposed", pair([2, 3, 2], [2, 3, 2]), (a, b) => matmul(a, b, { transposeA: true })),
    use("batched, right transposed", pair([2, 2, 3], [2, 2, 3]), (a, b) => matmul(a, b, { transposeB: true })),
    use("batched, both transposed", pair([2, 3, 2], [2, 2, 3]), (a, b) =>
      matmul(a, b, { transposeA: true, transposeB: true }),
    ),
    use("stack times matrix", pair([2, 2, 3], [3, 2]), (a, b) => matmul(a, b)),
    use("matrix times stack", pair([2, 3], [2, 3, 2]), (a, b) => matmul(a, b)),
    use("stacks broadcast against each other", pair([2, 1, 2, 2], [3, 2, 2]), (a, b) => matmul(a, b)),
    use("row vector", pair([3], [3, 2]), (a, b) => matmul(a, b)),
    use("column vector", pair([2, 3], [3]), (a, b) => matmul(a, b)),
    use("inner product", pair([3], [3]), (a, b) => matmul(a, b)),
    use("length-1 inner axis", pair([2, 1], [1, 3]), (a, b) => matmul(a, b)),
    use("empty inner axis", pair([2, 0], [0, 3]), (a, b) => matmul(a, b)),
    use("no rows", pair([0, 2], [2, 3]), (a, b) => matmul(a, b)),
    use("a matrix with itself", normal(3, 3), (a) => matmul(a, a)),
    use("a matrix with itself transposed", normal(2, 3), (a) => matmul(a, a, { transposeB: true })),
    use("one weight at several steps", pair([3, 1, 2], [2, 2]), (x, w) =>
      split(x, 3).reduce((h, step) => matmul(h.add(at(step, 0)), w).tanh(), at(x, 0)),
    ),
    use("one weight at two steps", pair([2, 1, 2], [2, 2]), (x, w) =>
      matmul(matmul(at(x, 0), w).tanh().add(at(x, 1)), w),
    ),
  ],
  linear: [
    use("with bias", (d) => [d.normal(3, 2), d.normal(4, 2), d.normal(4)], linear),
    use("without bias", pair([3, 2], [4, 2]), (x, w) => linear(x, w)),
    use("with a bias for each row", (d) => [d.normal(3, 2), d.normal(4, 2), d.normal(3, 4)], linear),
    use("leading axes", (d) => [d.normal(2, 2, 3), d.normal(2, 3), d.normal(2)], linear),
    use("one row", (d) => [d.normal(3), d.normal(2, 3), d.normal(2)], linear),
    use(
      "one weight at several steps",
      (d) => [d.normal(3, 2), d.normal(2, 2), d.normal(2)],
      (x, w, b) => split(x, 3).reduce((h, row) => linear(h.add(row), w, b).tanh(), at(x, 0).reshape([1, 2])),
    ),
    use("no rows", (d) => [d.normal(0, 2), d.normal(3, 2), d.normal(3)], linear),
  ],
} as const satisfies Record<string, Cases>;

export const softmaxCases = {
  softmax: [
    use("last axis", normal(2, 4), (x) => softmax(x)),
    use("first axis", normal(3, 2), (x) => softmax(x, { axis: 0 })),
    use("middle axis", normal(2, 3, 2), (x) => softmax(x, { axis: -2 })),
    use("length-1 axis", normal(3, 1), (x) => softmax(x)),
    use(
      "large numbers",
      (d) => [d.large(2, 3)],
      (x) => softmax(x),
    ),
    use("weighing itself", normal(2, 3), (x) => softmax(x).mul(x)),
    use("no rows", normal(0, 3), (x) => softmax(x)),
  ],
  maskedSoftmax: [
    use("a mask for each row", (d) => [d.normal(2, 3), d.mask([1, 1, 0, 0, 1, 1], [2, 3])], masked),
    use("one mask for several queries", (d) => [d.normal(2, 2, 3), d.mask([1, 0, 1, 1, 1, 0], [2, 3])], masked),
    use("nothing left in a row", (d) => [d.normal(2, 2), d.mask([0, 0, 1, 1], [2, 2])], masked),
    use("one place left", (d) => [d.normal(2, 3), d.mask([0, 1, 0, 1, 1, 1], [2, 3])], masked),
  ],
  logSoftmax: [
    use("last axis", normal(2, 4), (x) => logSoftmax(x)),
    use("first axis", normal(3, 2), (x) => logSoftmax(x, { axis: 0 })),
    use("middle axis", normal(2, 3, 2), (x) => logSoftmax(x, { axis: -2 })),
    use("length-1 axis", normal(3, 1), (x) => logSoftmax(x)),
    use(
      "large numbers",
      (d) => [d.large(2, 3)],
      (x) => logSoftmax(x),
    ),
    use("squared", normal(2, 3), (x) => logSoftmax(x).mul(x)),
  ],
  layerNorm: [
    use(
      "rows of four",
      (d) => [d.normal(3, 4), d.normal(4), d.normal(4)],
      (x, w, b) => layerNorm(x, w, b),
    ),
    use(
      "leading axes",
      (d) => [d.normal(2, 2, 3), d.normal(3), d.normal(3)],
      (x, w, b) => layerNorm(x, w, b),
    ),
    use(
      "one row",
      (d) => [d.normal(3), d.normal(3), d.normal(3)],
      (x, w, b) => layerNorm(x, w, b),
    ),
    use(
      "a large ε",
      (d) => [d.normal(2, 3), d.normal(3), d.normal(3)],
      (x, w, b) => layerNorm(x, w, b, { epsilon: 2 }),
    ),
    use(
      "rows of one",
      (d) => [d.normal(2, 1), d.normal(1), d.normal(1)],
      (x, w, b) => layerNorm(x, w, b),
    ),
    use(
      "a row that is its own weight",
      (d) => [d.normal(3), d.normal(3)],
      (x, b) => layerNorm(x, x, b),
    ),
    use(
      "no rows",
      (d) => [d.normal(0, 3), d.normal(3), d.normal(3)],
      (x, w, b) => layerNorm(x, w, b),
    ),
  ],
  crossEntropy: [
    use("a loss for each row", (d) => [d.normal(3, 4), d.indices([0, 3, 1])], loss({ reduction: "none" })),
    use("mean", (d) => [d.normal(3, 4), d.indices([2, 2, 0])], loss({})),
    use(
      "sum over leading axes",
      (d) => [d.normal(2, 2, 3), d.indices([0, 1, 2, 0], [2, 2])],
      loss({ reduction: "sum" }),
    ),
    use(
      "an ignored target",
      (d) => [d.normal(3, 4), d.indices([1, 0, 3])],
      loss({ ignoreIndex: 0, reduction: "none" }),
    ),
    use("mean without the ignored", (d) => [d.normal(3, 4), d.indices([1, -100, 3])], loss({})),
    use(
      "smoothed labels",
      (d) => [d.normal(3, 4), d.indices([1, 0, 3])],
      loss({ labelSmoothing: 0.1, reduction: "none" }),
    ),
    use(
      "smoothed, one ignored",
      (d) => [d.normal(3, 4), d.indices([1, 0, 3])],
      loss({ labelSmoothing: 0.2, ignoreIndex: 3 }),
    ),
  ],
} as const satisfies Record<string, Cases>;

function masked(x: Tensor, mask: Tensor): Tensor {
  return softmax(x, { mask });
}

function loss(options: CrossEntropyOptions) {
  return (logits: Tensor, targets: Tensor): Tensor => crossEntropy(logits, targets, options);
}

const gru = (d: Draw): Tensor[] => [d.normal(2, 6), d.normal(2, 6), d.normal(2, 2)];
const lstm = (d: Draw): Tensor[] => [d.normal(2, 8), d.normal(2, 8), d.normal(2, 2, 2)];

const sequence = (d: Draw): Tensor[] => [d.normal(2, 2, 6), d.normal(6, 2), d.normal(6), d.normal(2, 2)];

/** Sentences of three words, two target steps, everything else of size 2; smaller where there are two sentences. */
const decoder = (d: Draw, batch = 1): Tensor[] => {
  const hidden = 3 - batch;
  return [
    d.normal(batch, 2, 3 * hidden),
    d.normal(3 * hidden, 2),
    d.normal(3 * hidden, hidden),
    d.normal(3 * hidden),
    d.normal(2, hidden),
    d.normal(batch, 3, 2),
    d.normal(batch, 3, 2),
    d.normal(2),
    d.normal(batch, hidden),
  ];
};

const decode = (inputs: Tensor[]): GruDecoded => gruDecoder(decoderTensors(inputs));

const everything = ({ states, contexts, weights, scores }: GruDecoded): Tensor =>
  concat([states, contexts, weights, scores].map((x) => x.reshape([-1])));

export const recurrentCases = {
  gruGates: [
    use("one step", gru, (gi, gh, h) => gruGates(gi, gh, h)),
    use("one sentence has ended", (d) => [...gru(d), d.mask([1, 0])], gruGates),
    use("two steps", gru, (gi, gh, h) => gruGates(gi, gh, gruGates(gi, gh, h))),
    use(
      "hidden size 1",
      (d) => [d.normal(1, 3), d.normal(1, 3), d.normal(1, 1)],
      (gi, gh, h) => gruGates(gi, gh, h),
    ),
  ],
  lstmGates: [
    use("one step", lstm, (gi, gh, state) => lstmGates(gi, gh, state)),
    use("one sentence has ended", (d) => [...lstm(d), d.mask([0, 1])], lstmGates),
    use("two steps", lstm, (gi, gh, state) => lstmGates(gi, gh, lstmGates(gi, gh, state))),
    use("only h is used", lstm, (gi, gh, state) => at(lstmGates(gi, gh, state), 0)),
    use("only c is used", lstm, (gi, gh, state) => at(lstmGates(gi, gh, state), 1)),
  ],
  gruSequence: [
    use("two steps", sequence, (gi, w, b, h) => gruSequence(gi, w, b, h)),
    use("from the end", sequence, (gi, w, b, h) => gruSequence(gi, w, b, h, { reversed: true })),
    use(
      "one sentence has ended",
      (d) => [...sequence(d), d.mask([1, 0, 1, 1], [2, 2])],
      (gi, w, b, h, mask) => gruSequence(gi, w, b, h, { mask }),
    ),
    use(
      "padding first, from the end",
      (d) => [...sequence(d), d.mask([1, 0, 1, 1], [2, 2])],
      (gi, w, b, h, mask) => gruSequence(gi, w, b, h, { mask, reversed: true }),
    ),
    use("only the last state is used", sequence, (gi, w, b, h) => at(gruSequence(gi, w, b, h), -1, { axis: 1 })),
    use(
      "one step, hidden size 1",
      (d) => [d.normal(1, 1, 3), d.normal(3, 1), d.normal(3), d.normal(1, 1)],
      (gi, w, b, h) => gruSequence(gi, w, b, h),
    ),
  ],
  gruDecoder: [
    use(
      "two steps",
      (d) => decoder(d),
      (...x) => everything(decode(x)),
    ),
    use(
      "a masked source",
      (d) => [...decoder(d, 2), d.mask([1, 1, 1, 1, 1, 0], [2, 3])],
      (...x) => everything(decode(x)),
    ),
    use(
      "nothing to attend to in a row",
      (d) => [...decoder(d, 2), d.mask([1, 1, 0, 0, 0, 0], [2, 3])],
      (...x) => everything(decode(x)),
    ),
    use(
      "only the states are used",
      (d) => decoder(d),
      (...x) => decode(x).states,
    ),
    use(
      "only the weights are used",
      (d) => decoder(d),
      (...x) => decode(x).weights,
    ),
  ],
  additiveScore: [
    use("several queries", (d) => [d.normal(2, 2, 3), d.normal(2, 3, 3), d.normal(3)], additiveScore),
    use("one query", (d) => [d.normal(2, 1, 2), d.normal(2, 3, 2), d.normal(2)], additiveScore),
    use("one place", (d) => [d.normal(1, 2, 2), d.normal(1, 1, 2), d.normal(2)], additiveScore),
    use(
      "a sentence with itself",
      (d) => [d.normal(1, 3, 2), d.normal(2)],
      (x, v) => additiveScore(x, x, v),
    ),
  ],
} as const satisfies Record<string, Cases>;

import {
  Adam,
  clipGradNorm,
  createTranslator,
  crossEntropy,
  Random,
  type Tensor,
  type Translator,
  tensor,
} from "backflow";
import type { PeerJob, Problem } from "../problems/problem.js";
import { type StepProblem, stepProblem, type TensorKind } from "../problems/step-problem.js";
import { fillParameters, gradientsOf, parameterInputs } from "./cells.js";

/** RNNsearch and a batch. */
export interface StepSize {
  readonly embedding: number;
  readonly hidden: number;
  readonly batch: number;
  /** Words of a source sentence, and of a target sentence. */
  readonly time: number;
  readonly vocabulary: number;
}

export const stepSizes: readonly StepSize[] = [
  { embedding: 32, hidden: 32, batch: 32, time: 12, vocabulary: 200 },
  { embedding: 64, hidden: 64, batch: 32, time: 12, vocabulary: 1000 },
  { embedding: 128, hidden: 128, batch: 64, time: 12, vocabulary: 2000 },
  { embedding: 256, hidden: 256, batch: 64, time: 20, vocabulary: 4000 },
];

/** Multiply-adds of the forward pass of RNNsearch that are products of matrices, times two. */
function productFlops({ embedding: e, hidden: h, batch, time, vocabulary }: StepSize): number {
  const encoder = 2 * 3 * h * (e + h);
  const keys = 2 * h * h;
  const decoder = h * h + 3 * h * (e + 2 * h + h) + time * h + time * 2 * h;
  const readout = e * (h + 2 * h + e) + e * vocabulary;
  return 2 * batch * time * (encoder + keys + decoder + readout);
}

const modelOf = ({ embedding, hidden, vocabulary }: StepSize, kind: Partial<TensorKind>, random: Random): Translator =>
  createTranslator(
    {
      model: "rnnsearch",
      sourceVocabulary: vocabulary,
      targetVocabulary: vocabulary,
      embeddingSize: embedding,
      hiddenSize: hidden,
    },
    { ...kind, random },
  );

/** The tokens of a batch: what is read, what the decoder is given, what it is to say. */
const tokenNames = ["source", "target", "labels"] as const;

const tokens = (random: Random, { batch, time, vocabulary }: StepSize): Int32Array<ArrayBuffer>[] =>
  tokenNames.map(() => Int32Array.from({ length: batch * time }, () => random.integer(vocabulary)));

/** The same step for another engine: the first batch of tokens, and every parameter. */
function stepJob(size: StepSize, seed: number): PeerJob {
  const shape = [size.batch, size.time];
  const parameters = parameterInputs(modelOf(size, {}, new Random(seed)), seed + 1);
  return {
    kind: { task: "rnnsearch", gradients: parameters.map(({ name }) => name) },
    inputs: [...tokens(new Random(seed), size).map((data, i) => ({ data, shape, name: tokenNames[i] })), ...parameters],
  };
}

/** One RNNsearch training step: forward, backward, clip to norm 1, Adam, on fresh random tokens. */
export function trainingStep(size: StepSize, seed: number): StepProblem {
  const { embedding, batch, time, vocabulary } = size;
  return {
    suite: "training step",
    name: `RNNsearch E${embedding} B${batch} T${time} V${vocabulary}`,
    family: "RNNsearch",
    size: embedding,
    // Backward takes twice the forward products. The bytes are left out: which arrays stay in a cache decides.
    work: { flops: 3 * productFlops(size), bytes: 0 },
    bound: 1024,
    job: () => stepJob(size, seed),
    build: (kind: TensorKind) => {
      const model = modelOf(size, kind, new Random(seed));
      fillParameters(model, seed + 1);
      const random = new Random(seed);
      const loss = (): Tensor => {
        const options = { shape: [batch, time], device: kind.device };
        const [source, target, labels] = tokens(random, size).map((ids) => tensor(ids, options));
        const mask = tensor(new Uint8Array(batch * time).fill(1), options);
        return crossEntropy(model.forward(source, mask, target).logits, labels);
      };
      let optimizer: Adam | null = null;
      return {
        step: () => {
          optimizer ??= new Adam(model, { learningRate: 1e-3 });
          const value = loss();
          optimizer.zeroGrad();
          value.backward();
          clipGradNorm(optimizer, 1);
          optimizer.step();
          return value;
        },
        check: () => gradientsOf(loss(), model.namedParameters()),
      };
    },
  };
}

/** `chosen` picks embedding sizes: 32, 64, 128, 256. */
export function trainingStepProblems(chosen: readonly number[] | null, seed: number): Problem[] {
  return stepSizes
    .filter(({ embedding }) => (chosen ?? [32, 64]).includes(embedding))
    .map((size) => stepProblem(trainingStep(size, seed)));
}

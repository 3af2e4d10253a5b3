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
  /** Words of a source sentence. */
  readonly source: number;
  /** Words of a target sentence. */
  readonly target: number;
  readonly vocabulary: number;
}

export const stepSizes: readonly StepSize[] = [
  { embedding: 32, hidden: 32, batch: 32, source: 12, target: 12, vocabulary: 200 },
  { embedding: 64, hidden: 64, batch: 32, source: 12, target: 12, vocabulary: 1000 },
  { embedding: 128, hidden: 128, batch: 64, source: 12, target: 12, vocabulary: 2000 },
  { embedding: 256, hidden: 256, batch: 64, source: 20, target: 20, vocabulary: 4000 },
];

/** Multiply-adds of the forward pass of RNNsearch that are products of matrices; the scores of attention are none. */
export function forwardProducts({ embedding: e, hidden: h, batch, source, target, vocabulary }: StepSize): number {
  const encoderAndKeys = 2 * 3 * h * (e + h) + 2 * h * h;
  const attention = h * h + source * 2 * h;
  const decoder = 3 * h * (e + 2 * h + h);
  const readout = h * (h + 2 * h + e) + h * vocabulary;
  return batch * (source * encoderAndKeys + target * (attention + decoder + readout));
}

export const configOf = ({ embedding, hidden, vocabulary }: StepSize) =>
  ({
    model: "rnnsearch",
    sourceVocabulary: vocabulary,
    targetVocabulary: vocabulary,
    embeddingSize: embedding,
    hiddenSize: hidden,
  }) as const;

const modelOf = (size: StepSize, kind: Partial<TensorKind>, random: Random): Translator =>
  createTranslator(configOf(size), { ...kind, random });

/** Batches of random tokens that the steps take in turn. */
const BATCHES = 64;

/** The tokens of a batch: what is read, what the decoder is given, what it is to say. */
const tokens = (random: Random, { batch, source, target, vocabulary }: StepSize) =>
  (
    [
      ["source", source],
      ["target", target],
      ["labels", target],
    ] as const
  ).map(([name, time]) => ({
    name,
    data: Int32Array.from({ length: batch * time }, () => random.integer(vocabulary)),
    shape: [batch, time],
  }));

/** The same step for another engine: the first batch of tokens, and every parameter. */
function stepJob(size: StepSize, seed: number): PeerJob {
  const parameters = parameterInputs(modelOf(size, {}, new Random(seed)), seed + 1);
  return {
    kind: { task: "rnnsearch", gradients: parameters.map(({ name }) => name) },
    inputs: [...tokens(new Random(seed), size), ...parameters],
  };
}

/** One RNNsearch training step: forward, backward, clip to norm 1, Adam, on fresh random tokens. */
export function trainingStep(size: StepSize, seed: number): StepProblem {
  const { embedding, batch, source: time, vocabulary } = size;
  return {
    suite: "training step",
    name: `RNNsearch E${embedding} B${batch} T${time} V${vocabulary}`,
    family: "RNNsearch",
    size: embedding,
    // Backward takes twice the forward products. The bytes are left out: which arrays stay in a cache decides.
    work: { flops: 3 * 2 * forwardProducts(size), bytes: 0 },
    bound: 1024,
    job: () => stepJob(size, seed),
    build: (kind: TensorKind) => {
      const model = modelOf(size, kind, new Random(seed));
      fillParameters(model, seed + 1);
      const random = new Random(seed);
      // Drawn before any step, as a training has its batches; each step takes another.
      const batches = Array.from({ length: BATCHES }, () => tokens(random, size));
      let steps = 0;
      const loss = (): Tensor => {
        const { device } = kind;
        const next = batches[steps++ % BATCHES];
        const [source, target, labels] = next.map(({ data, shape }) => tensor(data, { shape, device }));
        const mask = tensor(new Uint8Array(source.size).fill(1), { shape: source.shape, device });
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

import { Adam, clipGradNorm, createTranslator, crossEntropy, Random, type Tensor, tensor } from "backflow";
import type { Problem } from "../problem.js";
import { stepProblem, type TensorKind } from "../step-problem.js";
import { fillParameters, gradientsOf } from "./cells.js";

interface Size {
  readonly embedding: number;
  readonly hidden: number;
  readonly batch: number;
  readonly time: number;
  readonly vocabulary: number;
}

const sizes: readonly Size[] = [
  { embedding: 32, hidden: 32, batch: 32, time: 12, vocabulary: 200 },
  { embedding: 64, hidden: 64, batch: 32, time: 12, vocabulary: 1000 },
  { embedding: 128, hidden: 128, batch: 64, time: 12, vocabulary: 2000 },
  { embedding: 256, hidden: 256, batch: 64, time: 20, vocabulary: 4000 },
];

/** Multiply-adds of the forward pass of RNNsearch that are products of matrices, times two. */
function productFlops({ embedding: e, hidden: h, batch, time, vocabulary }: Size): number {
  const encoder = 2 * 3 * h * (e + h);
  const keys = 2 * h * h;
  const decoder = h * h + 3 * h * (e + 2 * h + h) + time * h + time * 2 * h;
  const readout = e * (h + 2 * h + e) + e * vocabulary;
  return 2 * batch * time * (encoder + keys + decoder + readout);
}

/** One RNNsearch training step: forward, backward, clip to norm 1, Adam, on fresh random tokens. */
function trainingStepProblem(size: Size, seed: number): Problem {
  const { embedding, hidden, batch, time, vocabulary } = size;
  return stepProblem({
    suite: "training step",
    name: `RNNsearch E${embedding} B${batch} T${time} V${vocabulary}`,
    family: "RNNsearch",
    size: embedding,
    // Backward takes twice the forward products. The bytes are left out: which arrays stay in a cache decides.
    work: { flops: 3 * productFlops(size), bytes: 0 },
    bound: 1024,
    build: (kind: TensorKind) => {
      const random = new Random(seed);
      const model = createTranslator(
        {
          model: "rnnsearch",
          sourceVocabulary: vocabulary,
          targetVocabulary: vocabulary,
          embeddingSize: embedding,
          hiddenSize: hidden,
        },
        { ...kind, random },
      );
      fillParameters(model, seed + 1);
      const ids = (): Tensor =>
        tensor(
          Int32Array.from({ length: batch * time }, () => random.integer(vocabulary)),
          { shape: [batch, time], device: kind.device },
        );
      const loss = (): Tensor => {
        const mask = tensor(new Uint8Array(batch * time).fill(1), { shape: [batch, time], device: kind.device });
        return crossEntropy(model.forward(ids(), mask, ids()).logits, ids());
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
  });
}

/** `chosen` picks embedding sizes: 32, 64, 128, 256. */
export function trainingStepProblems(chosen: readonly number[] | null, seed: number): Problem[] {
  return sizes
    .filter(({ embedding }) => (chosen ?? [32, 64]).includes(embedding))
    .map((size) => trainingStepProblem(size, seed));
}

import {
  Adam,
  clipGradNorm,
  createTranslator,
  crossEntropy,
  Random,
  scope,
  type Tensor,
  tensor,
  translatorParameterCount,
} from "backflow";

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

const configOf = ({ embedding, hidden, vocabulary }: StepSize) =>
  ({
    model: "rnnsearch",
    sourceVocabulary: vocabulary,
    targetVocabulary: vocabulary,
    embeddingSize: embedding,
    hiddenSize: hidden,
  }) as const;

/** A training step in float32 on the CPU, as `backflow train` does it, on new random tokens at every call. */
export function rnnsearchStep(size: StepSize): () => void {
  const random = new Random(0);
  const model = createTranslator(configOf(size), { dtype: "float32", random });
  const optimizer = new Adam(model, { learningRate: 1e-3 });
  const ids = (length: number): Tensor =>
    tensor(
      Int32Array.from({ length: size.batch * length }, () => random.integer(size.vocabulary)),
      { shape: [size.batch, length] },
    );
  return () =>
    scope(() => {
      const mask = tensor(new Uint8Array(size.batch * size.source).fill(1), { shape: [size.batch, size.source] });
      const { logits } = model.forward(ids(size.source), mask, ids(size.target));
      optimizer.zeroGrad();
      crossEntropy(logits, ids(size.target)).backward();
      clipGradNorm(optimizer, 1);
      optimizer.step();
    });
}

/** Additions and multiplications of one tanh by its rational approximation, and of one exponential with its sum. */
const TANH = 20;
const EXPONENTIAL = 20;
/** Adam's update and the norm, a parameter. */
const UPDATE = 16;

/**
 * What a step has to compute, by formula: two operations a multiply-add, the backward pass twice the forward one. A number
 * for comparing sizes; the small terms are rounded guesses, the products are exact.
 */
export function stepFlops(size: StepSize): number {
  const { embedding: e, hidden: h, batch, source, target, vocabulary } = size;
  const read = 2 * 3 * h * (e + h) + 2 * h * h;
  const said = h * h + 3 * h * (e + 3 * h) + source * 2 * h + h * (3 * h + e) + h * vocabulary;
  const products = batch * (source * read + target * said);
  const scores = batch * target * source * h;
  const logits = batch * target * vocabulary;
  return (
    6 * products +
    2 * (TANH + 4) * scores +
    2 * EXPONENTIAL * logits +
    UPDATE * translatorParameterCount(configOf(size))
  );
}

import { translatorParameterCount } from "backflow";
import { configOf, forwardProducts, type StepSize } from "../suites/training-step.js";

/** Additions and multiplications of one tanh, and of one exponential with its sum. */
const TANH = 20;
const EXPONENTIAL = 20;
/** Adam's update and the norm, a parameter. */
const UPDATE = 16;

/**
 * What a step has to compute, by formula: two operations a multiply-add, the backward pass twice the forward one. A number
 * for comparing sizes; the small terms are rounded guesses, the products are exact.
 */
export function stepFlops(size: StepSize): number {
  const { hidden, batch, source, target, vocabulary } = size;
  const scores = batch * target * source * hidden;
  const logits = batch * target * vocabulary;
  return (
    6 * forwardProducts(size) +
    2 * (TANH + 4) * scores +
    2 * EXPONENTIAL * logits +
    UPDATE * translatorParameterCount(configOf(size))
  );
}

import type { Tensor } from "../../../tensor/tensor.js";
import * as arithmetic from "../../operations/arithmetic.js";
import * as elementwise from "../../operations/elementwise.js";
import type { OperationName } from "../../operations/index.js";
import { max, min } from "../../operations/reduce.js";

/** What the derivative is taken to be where there are two slopes, or where the formula would give NaN. */
export interface KinkCase {
  readonly operation: OperationName;
  readonly fn: (...inputs: Tensor[]) => Tensor;
  readonly at: readonly (readonly number[])[];
  /** ∂(Σ output)/∂input, for each input. */
  readonly gradients: readonly (readonly number[])[];
}

const one = (
  operation: OperationName,
  fn: (x: Tensor) => Tensor,
  at: readonly number[],
  gradient: readonly number[],
): KinkCase => ({ operation, fn, at: [at], gradients: [gradient] });

/** The conventions at kinks, which differences cannot decide. */
export const kinkCases: readonly KinkCase[] = [
  one("abs", elementwise.abs, [0, 1, -1], [0, 1, -1]),
  one("relu", elementwise.relu, [0, 1, -1], [0, 1, 0]),
  one("clamp", (x) => elementwise.clamp(x, { min: -1, max: 1 }), [-1, 1, 0, -2, 2], [1, 1, 1, 0, 0]),
  one("max", (x) => max(x), [1, 3, 3], [0, 1, 0]),
  one("min", (x) => min(x), [2, 1, 1], [0, 1, 0]),
  one("maximumConstant", (x) => arithmetic.maximum(x, 2), [2, 3, 1], [0.5, 1, 0]),
  one("minimumConstant", (x) => arithmetic.minimum(x, 2), [2, 3, 1], [0.5, 0, 1]),
  one("powConstant", (x) => arithmetic.pow(x, 0), [0, 2], [0, 0]),
  one("powConstant", (x) => arithmetic.pow(x, 2), [0, -3], [0, -6]),
  {
    operation: "maximum",
    fn: arithmetic.maximum,
    at: [
      [2, 3, 1],
      [2, 2, 2],
    ],
    gradients: [
      [0.5, 1, 0],
      [0.5, 0, 1],
    ],
  },
  {
    operation: "minimum",
    fn: arithmetic.minimum,
    at: [
      [2, 3, 1],
      [2, 2, 2],
    ],
    gradients: [
      [0.5, 0, 1],
      [0.5, 1, 0],
    ],
  },
  {
    operation: "pow",
    fn: arithmetic.pow,
    at: [
      [0, 0, 0],
      [2, 1, 0],
    ],
    gradients: [
      [0, 1, 0],
      [0, 0, 0],
    ],
  },
];

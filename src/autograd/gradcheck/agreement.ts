import type { DType } from "../../kernels/storage.js";
import { tensor } from "../../tensor/create.js";
import { type Device, isFloat } from "../../tensor/devices.js";
import type { Tensor } from "../../tensor/tensor.js";
import { grad } from "../backward.js";
import { enableGrad } from "../mode.js";
import { weights } from "./analytic.js";
import { Draw, type GradcheckCase } from "./cases/case.js";

/** One unit in the last place of a float32 near x: 2^(⌊log₂ |x|⌋ − 23), and 2⁻¹⁴⁹ below the smallest normal. */
export function ulp32(x: number): number {
  const size = Math.abs(x);
  if (size < 2 ** -126) return 2 ** -149;
  let exponent = Math.floor(Math.log2(size));
  // The logarithm may round up to the next power.
  if (2 ** exponent > size) exponent--;
  return 2 ** (exponent - 23);
}

/** How far float32 numbers lie from the float64 ones, in units in the last place. */
export interface UlpError {
  /** Each element in its own ulp: what a function of one number should be judged by. */
  readonly own: number;
  /** Each element in the ulp of the tensor's largest: what a sum, whose terms may cancel, can be judged by. */
  readonly scaled: number;
}

export const noError: UlpError = { own: 0, scaled: 0 };

export const worseOf = (a: UlpError, b: UlpError): UlpError => ({
  own: Math.max(a.own, b.own),
  scaled: Math.max(a.scaled, b.scaled),
});

/** Compares one tensor's numbers. A NaN where the other has none is infinitely wrong. */
export function ulpError(actual: ArrayLike<number>, expected: ArrayLike<number>): UlpError {
  let [largest, error, own] = [0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i] as number, expected[i] as number];
    if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b));
    if (a === b || Object.is(a, b)) continue;
    const distance = Math.abs(a - b);
    error = Math.max(error, Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance);
    own = Math.max(own, Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance / ulp32(b));
  }
  return { own, scaled: error / ulp32(largest) };
}

/** The value and every gradient of one case. */
export interface CaseResult {
  readonly output: ArrayLike<number>;
  /** One for each float input; null where no gradient arrived. */
  readonly gradients: readonly (ArrayLike<number> | null)[];
}

/**
 * Runs a case on a device: its value, and its gradients for fixed weights on the output.
 * @param createGraph by the recorded backward rules instead of the fused kernels
 */
export async function runCase(
  { inputs, fn }: GradcheckCase,
  { dtype, device, seed, createGraph = false }: { dtype: DType; device: Device; seed: number; createGraph?: boolean },
): Promise<CaseResult> {
  const leaves = inputs(new Draw(dtype, device, seed)).map((input) => {
    const leaf = input.view(input.shape);
    leaf.requiresGrad = isFloat(input.dtype);
    return leaf;
  });
  const output = enableGrad(() => fn(...leaves));
  const numbers = weights(output.size, 3).map(Math.fround);
  const u = tensor(numbers, { shape: output.shape, dtype, device });
  const gradients = grad(
    [output],
    leaves.filter((leaf) => leaf.requiresGrad),
    { gradOutputs: [u], createGraph },
  );
  const read = async (x: Tensor | null): Promise<ArrayLike<number> | null> => (x ? x.data() : null);
  return { output: await output.data(), gradients: await Promise.all(gradients.map(read)) };
}

export interface Agreement {
  readonly forward: UlpError;
  readonly backward: UlpError;
}

/** Holds a float32 device to float64: the same case at the same point. */
export async function agreement(checked: GradcheckCase, device: Device, seed: number): Promise<Agreement> {
  const truth = await runCase(checked, { dtype: "float64", device: "cpu", seed });
  const coarse = await runCase(checked, { dtype: "float32", device, seed });
  const backward = truth.gradients.map((gradient, i) => ulpError(coarse.gradients[i] ?? [], gradient ?? []));
  return { forward: ulpError(coarse.output, truth.output), backward: backward.reduce(worseOf, noError) };
}

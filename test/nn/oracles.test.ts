import { describe, expect, test } from "vitest";
import { type DType, grad, type Tensor } from "../../src/index.js";
import { type OracleTensor, weightedLoss } from "../oracle.js";
import { type Case, caseNames, runCase } from "./oracle-cases.js";

/** The largest absolute difference of numbers, whatever the shape ([a] and [1, a] are the same v). */
function difference(actual: Tensor | null, expected: OracleTensor): number {
  const values = actual?.dataSync() ?? new Float64Array(expected.data.length);
  expect(values.length).toBe(expected.data.length);
  return expected.data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - values[i])), 0);
}

function outputError({ oracle, outputs }: Case): number {
  return Math.max(
    ...Object.entries(outputs).map(([name, output]) => {
      expect(output.shape).toEqual(oracle.outputs[name].shape);
      return difference(output, oracle.outputs[name]);
    }),
  );
}

function gradientError({ oracle, leaves }: Case, gradientOf: (leaf: Tensor) => Tensor | null): number {
  const names = Object.keys(oracle.grads);
  return Math.max(...names.map((name) => difference(gradientOf(leaves[name]), oracle.grads[name])));
}

/** By `backward()`: fused kernels, products put off, gradients added in place. */
function fusedError(name: string, dtype: DType): { output: number; gradient: number } {
  const run = runCase(name, dtype);
  weightedLoss(run.oracle, run.outputs).backward();
  return { output: outputError(run), gradient: gradientError(run, (leaf) => leaf.grad) };
}

/** By `grad(…, createGraph)`: every derivative composed of recorded operations. */
function composedError(name: string): number {
  const run = runCase(name, "float64");
  const leaves = Object.keys(run.oracle.grads).map((leaf) => run.leaves[leaf]);
  const gradients = grad(weightedLoss(run.oracle, run.outputs), leaves, { createGraph: true });
  return gradientError(run, (leaf) => gradients[leaves.indexOf(leaf)]);
}

const worst: Record<string, string>[] = [];

describe("layers and models agree with PyTorch, outputs and all gradients", () => {
  test.each(caseNames)("%s: to 1e-10 in float64, fused and composed, and to 4e-6 in float32", (name) => {
    const double = fusedError(name, "float64");
    const composed = composedError(name);
    const single = fusedError(name, "float32");
    const show = (error: number): string => error.toExponential(1);
    worst.push({
      case: name.replace("../translators/", ""),
      "float64 outputs": show(double.output),
      "float64 gradients": show(double.gradient),
      composed: show(composed),
      "float32 outputs": show(single.output),
      "float32 gradients": show(single.gradient),
    });
    expect(Math.max(double.output, double.gradient, composed)).toBeLessThan(1e-10);
    expect(Math.max(single.output, single.gradient)).toBeLessThan(4e-6);
  });

  test("the worst absolute errors, as a table", () => {
    const columns = Object.keys(worst[0]).filter((name) => name !== "case");
    const largest = columns.map((name) => [name, Math.max(...worst.map((row) => Number(row[name]))).toExponential(1)]);
    console.table([...worst, { case: "the worst of all", ...Object.fromEntries(largest) }]);
    expect(worst).toHaveLength(caseNames.length);
  });
});

import { type DeviceFunction, type KernelThis, kernel, tanh, tanhBuiltIn, tanhExponential } from "backflow/kernels";
import { Inputs } from "../problems/inputs.js";
import { kernelProblem } from "../problems/kernel-problem.js";
import type { Problem } from "../problems/problem.js";

const mapped = (name: string, f: DeviceFunction) =>
  kernel(
    `bench:${name}`,
    function map(this: KernelThis, x: number[], xOffset: number): number {
      return this.f(x[xOffset + this.thread.x]);
    },
    ["operand"],
    [{ ...f, name: "f" }],
  );

const variants = {
  builtIn: mapped("tanhBuiltIn", tanhBuiltIn),
  exponential: mapped("tanhExponential", tanhExponential),
  expm1: mapped("tanh", tanh),
} as const;

/** y = tanh x, element by element, or x̄ = ȳ (1 − y²). */
export function tanhProblem(direction: "forward" | "backward", shape: readonly number[], seed: number): Problem {
  const elements = shape.reduce((product, n) => product * n, 1);
  const inputs = new Inputs(seed);
  const common = { suite: "tanh", name: `${direction} [${shape.join(", ")}]`, family: direction, size: elements };
  const x = inputs.arguments(shape);
  if (direction === "forward") {
    return kernelProblem({
      ...common,
      work: { flops: elements, bytes: 8 * elements },
      inputs: [x],
      job: { task: "tanh" },
      compute: (backend, [operand]) => [backend.map("tanh", operand)],
      variants: Object.fromEntries(
        Object.entries(variants).map(([name, program]) => [
          name,
          (gpu, [operand]) => [gpu.runtime.launch("tanh", program, [operand], elements)],
        ]),
      ),
      expect: (_, __, [values]) => [{ name: "y", values, bound: 4 }],
    });
  }
  const y = { data: x.data.map(Math.tanh), shape };
  const gradient = inputs.normal(shape);
  return kernelProblem({
    ...common,
    work: { flops: 3 * elements, bytes: 12 * elements },
    inputs: [x, y, gradient],
    compute: (backend, [a, b, gy]) => [backend.mapBackward("tanh", a, b, gy)],
    // 1 − y² cancels where y is near 1: units are of ȳ.
    expect: (_, __, [values]) => [{ name: "x̄", values, scale: gradient.data.map(Math.abs), bound: 4 }],
  });
}

/** `sizes` chooses numbers of elements. */
export function tanhProblems(sizes: readonly number[] | null, seed: number): Problem[] {
  if (sizes) return sizes.map((size) => tanhProblem("forward", [size], seed));
  return [
    tanhProblem("forward", [1024], seed),
    tanhProblem("forward", [64, 1024], seed),
    tanhProblem("forward", [32, 20, 20, 64], seed),
    tanhProblem("forward", [1024, 1024], seed),
    tanhProblem("backward", [64, 1024], seed),
  ];
}

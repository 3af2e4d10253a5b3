import { type AxisLayout, gpuSoftmax, softmaxVariants } from "backflow/kernels";
import { Inputs } from "../problems/inputs.js";
import { kernelProblem } from "../problems/kernel-problem.js";
import type { Problem } from "../problems/problem.js";

/** The variant `plain` walks a row for every output: longer ones would take minutes where there is no GPU. */
const LONGEST_PLAIN = 256;

type Direction = "forward" | "backward";

/** softmax of x[outer, length, inner] along the middle axis, or its gradient. */
export function softmaxProblem(direction: Direction, shape: readonly number[], axis: number, seed: number): Problem {
  const size = (part: readonly number[]): number => part.reduce((product, n) => product * n, 1);
  const length = shape[axis];
  const layout: AxisLayout = { outer: size(shape.slice(0, axis)), length, inner: size(shape.slice(axis + 1)) };
  const elements = size(shape);
  const inputs = new Inputs(seed);
  const others = shape.map((n, a) => (a === axis ? "n" : n)).join(", ");
  const common = {
    suite: "softmax",
    name: `${direction} [${shape.join(", ")}] axis ${axis}`,
    family: `${direction} [${others}]`,
    size: length,
  };
  if (direction === "backward") {
    const uniform = inputs.filled(shape, (random) => (2 * random.uniform()) / length);
    const gradient = inputs.normal(shape);
    return kernelProblem({
      ...common,
      // y (ȳ − Σ ȳ y): two products, a sum and a difference an element; two arrays in, one out.
      work: { flops: 4 * elements, bytes: 12 * elements },
      inputs: [uniform, gradient],
      compute: (backend, [y, gy]) => [backend.softmaxBackward(y, gy, layout)],
      // The difference ȳ − Σ ȳ y may cancel: units are of its largest terms, |ȳ| up to 6, times y.
      expect: (_, __, [values]) => [
        { name: "x̄", values, scale: uniform.data.map((y) => 6 * y), bound: 4 + 2 * Math.sqrt(length) },
      ],
    });
  }
  const x = inputs.scores(shape);
  return kernelProblem({
    ...common,
    // max, difference, exponential, sum, quotient; one array in, one out.
    work: { flops: 5 * elements, bytes: 8 * elements },
    inputs: [x],
    job: { task: "softmax", axis },
    compute: (backend, [scores]) => [backend.softmax(scores, layout, null, 1)],
    variants: Object.fromEntries(
      (Object.keys(softmaxVariants) as (keyof typeof softmaxVariants)[])
        .filter((variant) => variant !== "plain" || length <= LONGEST_PLAIN)
        .map((variant) => [variant, (gpu, [scores]) => [gpuSoftmax(gpu.runtime, scores, layout, null, 1, variant)]]),
    ),
    // Rounding x − max to float32 moves y by up to y |x − max| 2⁻²⁴, and ln y = x − max − ln Σ.
    expect: (_, __, [values]) => {
      const scale = Float64Array.from(values, (y) => y * Math.max(1, -Math.log(y)));
      return [{ name: "y", values, scale, bound: 4 + 2 * Math.sqrt(length) }];
    },
  });
}

/** Rows of attention and of a vocabulary, long columns, three axes. `sizes` chooses lengths of the axis. */
export function softmaxProblems(sizes: readonly number[] | null, seed: number): Problem[] {
  if (sizes) return sizes.map((length) => softmaxProblem("forward", [1024, length], 1, seed));
  return [
    softmaxProblem("forward", [768, 12], 1, seed),
    softmaxProblem("forward", [256, 256], 1, seed),
    softmaxProblem("forward", [256, 256], 0, seed),
    softmaxProblem("forward", [384, 2000], 1, seed),
    softmaxProblem("forward", [32, 64, 64], 1, seed),
    softmaxProblem("backward", [768, 12], 1, seed),
    softmaxProblem("backward", [256, 256], 1, seed),
  ];
}

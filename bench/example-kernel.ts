/**
 * A GPU kernel of one's own, verified and timed beside its float64 twin:
 *
 *     npm run bench -- bench/example-kernel.ts
 *
 * It computes the row norms of a square matrix: yᵢ = √(Σⱼ xᵢⱼ²). The function below is what gpu.js compiles for each of
 * its modes, so it keeps to numbers, loops and array reads.
 */
import type { KernelThis } from "backflow/kernels";

export default {
  name: "row norms",
  sizes: [64, 256, 1024],
  inputs: (size: number) => [[size, size]],
  outputs: (size: number) => size,
  integers: (size: number) => [size],
  kernel(this: KernelThis, x: number[], n: number): number {
    let sum = 0.0;
    for (let j = 0; j < n; j++) {
      sum += x[this.thread.x * n + j] * x[this.thread.x * n + j];
    }
    return Math.sqrt(sum);
  },
  reference: ([x]: readonly Float64Array[], n: number) =>
    Float64Array.from({ length: n }, (_, i) => Math.hypot(...x.subarray(i * n, (i + 1) * n))),
  ulp: 64,
  flops: (n: number) => 2 * n * n,
  bytes: (n: number) => 4 * (n * n + n),
};

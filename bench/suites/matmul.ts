import { gpuMatmul, type Kernel, matmulVariants, type Operand, oneProduct } from "backflow/kernels";
import { Inputs } from "../problems/inputs.js";
import { kernelProblem } from "../problems/kernel-problem.js";
import type { KernelProblem, Problem } from "../problems/problem.js";

/** Which operands lie transposed: N as it is, T transposed. NN multiplies, NT is a layer's forward pass, TN its weights' gradient. */
type Form = "NN" | "NT" | "TN";

/** c[m, n] = a[m, k] · b[k, n] */
export function matmulProblem(form: Form, m: number, k: number, n: number, seed: number): Problem {
  const layout = oneProduct(m, k, n, { transposeA: form[0] === "T", transposeB: form[1] === "T" });
  const inputs = new Inputs(seed);
  const a = inputs.factors(layout.transposeA ? [k, m] : [m, k]);
  const b = inputs.factors(layout.transposeB ? [n, k] : [k, n]);
  const variant =
    (kernel: Kernel) =>
    (gpu: Parameters<typeof gpuMatmul>[0], [x, y]: readonly Operand[]) => [gpuMatmul(gpu, x, y, layout, kernel)];
  const problem: KernelProblem = {
    suite: "matmul",
    name: `${form} ${m}·${k}·${n}`,
    family: m === k && k === n ? `${form} square` : `${form} ${m}·${k}·${n}`,
    size: Math.max(m, k, n),
    work: { flops: 2 * m * k * n, bytes: 4 * (m * k + k * n + m * n) },
    inputs: [a, b],
    job: { task: "matmul", transposeA: layout.transposeA, transposeB: layout.transposeB },
    compute: (backend, [x, y]) => [backend.matmul(x, y, layout)],
    variants: Object.fromEntries(
      Object.entries(matmulVariants)
        .filter(([, { width }]) => n % width === 0)
        .map(([name, kernel]) => [name, (gpu, operands) => variant(kernel)(gpu.runtime, operands)]),
    ),
    // Σ|a||b| is what rounding errors are measured against; they add up like a random walk (Higham & Mary 2019).
    expect: (reference, operands, [values]) => {
      const [x, y] = operands.map((operand) => {
        const storage = reference.map("abs", operand);
        storage.retain();
        return { ...operand, storage };
      });
      const terms = reference.matmul(x, y, layout);
      terms.retain();
      const scale = reference.readSync({ storage: terms, offset: 0, shape: [terms.length] });
      for (const storage of [x.storage, y.storage, terms]) storage.release();
      return [{ name: "c", values, scale, bound: 4 + 2 * Math.sqrt(k) }];
    },
  };
  return kernelProblem(problem);
}

/** Squares of the given sizes, and the thin products of recurrent nets. */
export function matmulProblems(sizes: readonly number[] | null, seed: number): Problem[] {
  const squares = (sizes ?? [32, 64, 128, 256, 512]).map((size) => matmulProblem("NN", size, size, size, seed));
  if (sizes) return squares;
  return [
    ...squares,
    // A batch of 32 or 64 through the gates of a cell, the projection to the vocabulary, and that weight's gradient.
    matmulProblem("NT", 32, 64, 192, seed),
    matmulProblem("NT", 64, 256, 768, seed),
    matmulProblem("NT", 64, 512, 2000, seed),
    matmulProblem("TN", 768, 64, 256, seed),
  ];
}

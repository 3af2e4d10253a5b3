import { additiveAttention, noGrad, type Tensor, tensor } from "backflow";
import { Inputs } from "../problems/inputs.js";
import type { Problem } from "../problems/problem.js";
import { stepProblem } from "../problems/step-problem.js";
import { gradientsOf, tensorOf } from "./cells.js";

/** Additive attention of T queries over S source positions, the last third of every other row masked. */
export function attentionProblem(
  direction: "forward" | "backward",
  { batch, queries, source, size }: { batch: number; queries: number; source: number; size: number },
  seed: number,
): Problem {
  const inputs = new Inputs(seed);
  const arrays = {
    query: inputs.normal([batch, queries, size]),
    keys: inputs.normal([batch, source, size]),
    values: inputs.normal([batch, source, 2 * size]),
    v: inputs.normal([size], 1 / Math.sqrt(size)),
  };
  const weight = inputs.normal([batch, queries, 2 * size]);
  const real = Uint8Array.from({ length: batch * source }, (_, i) =>
    Number(Math.floor(i / source) % 2 === 0 || i % source < Math.ceil((2 * source) / 3)),
  );
  // add, tanh, multiply-add for every score and element; softmax; context.
  const scores = batch * queries * source;
  const flops = scores * (4 * size + 5 + 4 * size);
  const elements = Object.values(arrays).reduce((sum, { data }) => sum + data.length, 0) + weight.data.length;
  return stepProblem({
    suite: "attention",
    name: `${direction} B${batch} T${queries} S${source} A${size}`,
    family: direction,
    size,
    work: direction === "forward" ? { flops, bytes: 4 * elements } : { flops: 3 * flops, bytes: 8 * elements },
    bound: 256,
    job: () => ({
      kind: { task: "attention", gradients: direction === "forward" ? [] : Object.keys(arrays) },
      inputs: [
        ...Object.entries(arrays).map(([name, array]) => ({ ...array, name })),
        { data: real, shape: [batch, source], name: "mask" },
        { ...weight, name: "weight" },
      ],
    }),
    build: (kind) => {
      const made = Object.entries(arrays).map(([name, array]) => [name, tensorOf(array, kind, true)] as const);
      const [query, keys, values, v] = made.map(([, one]) => one);
      const outputWeight = tensorOf(weight, kind);
      const mask = tensor(real, { shape: [batch, source], dtype: "bool", device: kind.device });
      const forward = (): Tensor => additiveAttention(query, keys, values, v, { mask }).context;
      const backward = (): Record<string, Tensor> => gradientsOf(forward().mul(outputWeight).sum(), made);
      if (direction === "forward") return { step: () => noGrad(forward), check: () => ({ context: noGrad(forward) }) };
      return { step: () => Object.values(backward()).at(-1) as Tensor, check: backward };
    },
  });
}

/** `sizes` chooses attention sizes. */
export function attentionProblems(sizes: readonly number[] | null, seed: number): Problem[] {
  return (sizes ?? [64, 256]).flatMap((size) =>
    (["forward", "backward"] as const).map((direction) =>
      attentionProblem(direction, { batch: 32, queries: 12, source: 12, size }, seed),
    ),
  );
}

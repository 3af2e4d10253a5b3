/** What a mutant must survive: every check of the table, as one function that the mutation script can run on a mutated bundle. */

import { nodesBeneath } from "../../src/autograd/forward.js";
import { cases, Draw, type GradcheckCase, operationNames } from "../../src/autograd/gradcheck/cases/index.js";
import { kinkCases } from "../../src/autograd/gradcheck/cases/kinks.js";
import { gradcheck } from "../../src/autograd/gradcheck/gradcheck.js";
import type { OperationRule } from "../../src/autograd/operation.js";
import { type OperationName, operations } from "../../src/autograd/operations/index.js";
import { defineOp, grad, jvp, type Tensor, tensor, zeros } from "../../src/index.js";

export { operationNames, operations };

const leafOf = (numbers: readonly number[]): Tensor => tensor(Float64Array.from(numbers), { requiresGrad: true });

const differs = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length !== b.length || Array.from(a).some((value, i) => !(Math.abs(value - (b[i] as number)) <= 1e-9));

/** The gradients at kinks, on every road. */
function kinkFailure(operation: OperationName): string | null {
  for (const kink of kinkCases.filter((one) => one.operation === operation)) {
    const leaves = kink.at.map(leafOf);
    for (const createGraph of [false, true]) {
      const gradients = grad([kink.fn(...leaves).sum()], leaves, { createGraph });
      const wrong = gradients.findIndex((g, i) => !g || differs(g.dataSync(), kink.gradients[i] as number[]));
      if (wrong >= 0) return `kink of ${operation}, input ${wrong}${createGraph ? ", recorded" : ""}`;
      const again = createGraph
        ? grad(
            gradients.flatMap((g) => (g?.requiresGrad ? [g.sum()] : [])),
            leaves,
          )
        : [];
      if (again.some((g) => g?.dataSync().some((value) => !Number.isFinite(value))))
        return `kink of ${operation}, order 2`;
    }
    for (const [i, gradient] of kink.gradients.entries()) {
      for (const [j, slope] of gradient.entries()) {
        const tangents = kink.at.map((at, k) => tensor(Float64Array.from(at, (_, l) => (k === i && l === j ? 1 : 0))));
        const { tangent } = jvp((...x) => kink.fn(...x).sum(), leaves, tangents);
        if (differs(tangent.dataSync(), [slope])) return `kink of ${operation}, input ${i}, forward`;
      }
    }
  }
  return null;
}

/** A case's inputs as leaves. */
function leavesFor({ inputs }: GradcheckCase, seed: number): Tensor[] {
  return inputs(new Draw("float64", "cpu", seed)).map((x) => {
    x.requiresGrad = x.dtype === "float64";
    return x;
  });
}

/** Passes into the same leaves must add up: also where `.grad`s lie side by side in one buffer, and recorded ones. */
function accumulationFailure(checked: GradcheckCase, seed: number): string | null {
  const { title, fn } = checked;
  const leaves = leavesFor(checked, seed);
  const floats = leaves.filter((x) => x.requiresGrad);
  const expected = grad([fn(...leaves).sum()], floats).map((g) => g?.mul(2).dataSync() ?? null);
  const compare = (what: string): string | null => {
    const wrong = floats.findIndex((x, i) => expected[i] && (!x.grad || differs(x.grad.dataSync(), expected[i])));
    for (const x of floats) x.grad = null;
    return wrong < 0 ? null : `${title}: ${what} into input ${wrong}`;
  };
  for (let pass = 0; pass < 2; pass++)
    fn(...leaves)
      .sum()
      .backward();
  const plain = compare("two passes");
  if (plain) return plain;

  const buffer = zeros([floats.reduce((sum, x) => sum + x.size, 3)], { dtype: "float64" });
  let offset = 3;
  for (const x of floats) {
    x.grad = buffer.view(x.shape, offset);
    offset += x.size;
  }
  for (let pass = 0; pass < 2; pass++)
    fn(...leaves)
      .sum()
      .backward();
  const flat = compare("two passes into one buffer");
  if (flat) return flat;

  for (let pass = 0; pass < 2; pass++)
    fn(...leaves)
      .sum()
      .backward(undefined, { createGraph: true });
  return compare("two recorded passes");
}

/** A composed twin gives the value of the fused kernel. */
function twinFailure(name: OperationName, checked: GradcheckCase, seed: number): string | null {
  const nodes = nodesBeneath([fnOf(checked, seed)]).filter((node) => node.operation === name);
  for (const { rule, inputs, options, output } of nodes) {
    const twin = (rule?.rule as OperationRule<unknown> | undefined)?.composed?.(inputs, options);
    if (twin && differs(twin.dataSync(), output.dataSync())) return `${checked.title}: the twin's value`;
  }
  return null;
}

const fnOf = (checked: GradcheckCase, seed: number): Tensor => checked.fn(...leavesFor(checked, seed));

/** y = x · c, whose rule hands on tensors that are not its own. */
const handingOn = defineOp<{ what: "input" | "output" }>("handingOn", {
  takes: ["float"],
  shape: ([x]) => x.shape,
  forward: (kernels, [x]) => kernels.mapConstant("mul", x, 1),
  backward: ({ inputs: [x], output, options: { what } }) => [what === "input" ? x : output],
});

/** What the engine promises beside right gradients: nobody's numbers are written to or disposed of. */
function engineFailure(): string | null {
  const x = leafOf([1, 2]);
  const kept: Tensor[] = [];
  x.registerHook((g) => void kept.push(g));
  for (let pass = 0; pass < 2; pass++) x.mul(2).sum().backward();
  if (kept.some((g) => differs(g.dataSync(), [2, 2]))) return "a gradient that a hook kept was written to";
  if (differs((x.grad as Tensor).dataSync(), [4, 4])) return "two passes with a hook";

  const [a, b] = [leafOf([1, 2]), leafOf([3, 4])];
  const seed = tensor(Float64Array.of(1, 1));
  for (let pass = 0; pass < 2; pass++) a.add(b).backward(seed);
  if ([a, b].some((leaf) => differs((leaf.grad as Tensor).dataSync(), [2, 2]))) return "two leaves share a gradient";
  if (differs(seed.dataSync(), [1, 1])) return "the start was written to";

  for (const what of ["input", "output"] as const) {
    const leaf = leafOf([3, 5]);
    const inner = leaf.mul(1);
    const output = handingOn([inner], { what });
    for (let pass = 0; pass < 2; pass++) output.add(inner).sum().backward(undefined, { retainGraph: true });
    if (inner.disposed || output.disposed || differs(inner.dataSync(), [3, 5]) || differs(output.dataSync(), [3, 5])) {
      return `a rule's own ${what} was taken over`;
    }
    if (differs((leaf.grad as Tensor).dataSync(), [8, 12])) return `a rule that hands on its ${what}`;
  }
  return null;
}

/** The first thing that is wrong with some operations, or null. */
export function firstFailure(names: readonly OperationName[]): string | null {
  for (const order of [1, 2] as const) {
    for (const name of names) {
      for (const [seed, checked] of cases[name].entries()) {
        const report = gradcheck(checked.fn, checked.inputs(new Draw("float64", "cpu", seed)), { order, mode: "both" });
        if (!report.passed) return `${name}, ${checked.title}: ${report.failures[0]?.kind}`;
        if (report.kinks.length > 0) return `${name}, ${checked.title}: a kink that should not be there`;
        const failure = order === 1 ? (accumulationFailure(checked, seed) ?? twinFailure(name, checked, seed)) : null;
        if (failure) return `${name}, ${failure}`;
      }
      const kink = order === 1 ? kinkFailure(name) : null;
      if (kink) return kink;
    }
  }
  return names.length > 0 ? engineFailure() : null;
}

export { plantedMutants } from "./plant.js";

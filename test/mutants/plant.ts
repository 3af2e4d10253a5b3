/** Mutants made while the program runs: a rule's finished result, spoiled in the ways people spoil gradients. */

import type { Contribution, OperationRule } from "../../src/autograd/operation.js";
import { type OperationName, operations } from "../../src/autograd/operations/index.js";
import { concat, pad, Tensor, zeros } from "../../src/index.js";

export interface PlantedMutant {
  readonly title: string;
  /** Puts the mutant in place; the function it gives takes it out again. */
  plant(): () => void;
}

type Spoil = (gradient: Tensor) => Tensor;

const f64 = { dtype: "float64" } as const;

/** The gradient with its last element, along the first axis, left out. */
function withoutLast(g: Tensor): Tensor {
  const n = g.shape[0] ?? 0;
  return n === 0 ? g.mul(0) : pad(g.slice([0, n - 1]), [[0, 1]]);
}

/** Every row moved by one. */
function rolled(g: Tensor): Tensor {
  const n = g.shape[0] ?? 0;
  return n < 2 ? g.mul(0.5) : concat([g.slice([1, n]), g.slice([0, 1])]);
}

/** The numbers of the transpose under the same shape. */
const transposed: Spoil = (g) => (g.rank < 2 ? g.mul(0.5) : g.transpose().reshape(g.shape));

const spoils: Record<string, Spoil> = {
  "0.05 % too large": (g) => g.mul(1.0005),
  "sign turned": (g) => g.neg(),
  "factor 2": (g) => g.mul(2),
  "nothing but zeros": (g) => g.mul(0),
  "last element dropped": withoutLast,
  "shifted by one": rolled,
  transposed,
  squared: (g) => g.mul(g),
};

function spoilContribution(contribution: Contribution, spoil: Spoil): Contribution {
  if (contribution === null) return null;
  if (contribution instanceof Tensor) return spoil(contribution);
  if ("product" in contribution) {
    const { a, b } = contribution.product;
    return spoil(a.matmul(b, { transposeA: true }));
  }
  return {
    into: (gradient) => {
      const scratch = zeros(gradient.shape, f64);
      contribution.into(scratch);
      gradient.kernels.accumulate(gradient, spoil(scratch));
    },
  };
}

/** Adds what should be added by overwriting what is there. */
function assigned(contribution: Contribution): Contribution {
  if (contribution === null || contribution instanceof Tensor || "product" in contribution) return contribution;
  return {
    into: (gradient) => {
      gradient.kernels.fill(gradient, 0);
      contribution.into(gradient);
    },
  };
}

type Mutable = { -readonly [K in keyof OperationRule<unknown>]: OperationRule<unknown>[K] };

/** Every mutant of one operation's rules. */
export function plantedMutants(name: OperationName): PlantedMutant[] {
  // The rule object is the very one that graph nodes run, so it is changed in place.
  const rule = operations[name].rule as unknown as Mutable;
  const mutants: PlantedMutant[] = [];
  const replace = <K extends "backward" | "backwardKernel" | "tangent">(
    part: K,
    title: string,
    change: (before: NonNullable<Mutable[K]>) => Mutable[K],
  ): void => {
    const before = rule[part];
    if (!before) return;
    mutants.push({
      title: `${name}.${part}: ${title}`,
      plant() {
        rule[part] = change(before as NonNullable<Mutable[K]>);
        return () => {
          rule[part] = before;
        };
      },
    });
  };
  for (const [title, spoil] of Object.entries(spoils)) {
    replace("backward", title, (before) => (call, gy) => before(call, gy).map((g) => g && spoil(g)));
    replace("tangent", title, (before) => (call, tangents) => spoil(before(call, tangents)));
    replace(
      "backwardKernel",
      title,
      (before) => (kernels, call, gy) => before(kernels, call, gy).map((g) => spoilContribution(g, spoil)),
    );
  }
  const deposits = ["section", "slice", "gather", "matmul", "linear"].includes(name);
  if (deposits) {
    replace(
      "backwardKernel",
      "assigned, not added",
      (before) => (kernels, call, gy) => before(kernels, call, gy).map(assigned),
    );
  }
  const inputs = operations[name].rule.takes.length;
  if (inputs > 1 || ["add", "sub", "mul", "div", "pow", "concat", "matmul", "linear", "additiveScore"].includes(name)) {
    const { takes } = operations[name].rule;
    for (const input of [0, 1]) {
      const kind = takes[Math.min(input, takes.length - 1)];
      if (kind === "bool" || kind === "int32") continue;
      const drop = <G>(gradients: readonly G[]): (G | null)[] => gradients.map((g, i) => (i === input ? null : g));
      replace("backward", `nothing for input ${input}`, (before) => (call, gy) => drop(before(call, gy)));
      replace(
        "backwardKernel",
        `nothing for input ${input}`,
        (before) => (kernels, call, gy) => drop(before(kernels, call, gy)),
      );
    }
  }
  return mutants;
}

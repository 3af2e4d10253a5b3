import { DataError } from "../../errors.js";
import { tensor } from "../../tensor/create.js";
import { isFloat } from "../../tensor/devices.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { grad } from "../backward.js";
import { weights } from "./analytic.js";
import {
  asFunction,
  type CheckedFunction,
  type CheckedModule,
  isModule,
  outputsIn,
  type ParameterOwner,
  Subject,
} from "./subject.js";

interface Names {
  readonly names?: readonly string[];
  readonly module?: ParameterOwner;
}

/** What {@link gradcheck} needs to check the gradient of a function as a function of its own. */
export interface Derivative extends Names {
  readonly subject: CheckedFunction;
  readonly inputs: readonly Tensor[];
  readonly names: readonly string[];
}

/**
 * (x, u) ↦ uᵀ·∂f/∂x, the recorded gradient, as a function whose own gradient can be checked. It is moved in x, in the
 * parameters, and in u.
 */
export function derivativeOf(
  subject: CheckedFunction | CheckedModule,
  inputs: readonly Tensor[],
  { names = [], module }: Names,
): Derivative {
  const run = asFunction(subject);
  const owner = module ?? (isModule(subject) ? subject : undefined);
  const shapes = scope(() =>
    new Subject(subject, inputs, { module }).outputs().map(({ tensor: { shape, size } }) => ({ shape, size })),
  );
  const seeds = shapes.map(({ shape, size }, i) => tensor(weights(size, 2 + i), { shape, name: `u${i}` }));
  const parameters = (): Tensor[] => [...(owner?.namedParameters() ?? [])].map(([, parameter]) => parameter);

  const gradient: CheckedFunction = (...args) => {
    const points = args.slice(0, inputs.length);
    const outputs = outputsIn(run(...points), "output", []).map((output) => output.tensor);
    const moved = [...points.filter((x) => isFloat(x.dtype)), ...parameters().filter((p) => p.requiresGrad)];
    const recorded = outputs.flatMap((output, i) =>
      output.requiresGrad ? [{ output, u: args[inputs.length + i] }] : [],
    );
    if (recorded.length === 0) throw new DataError("gradcheck: there is no gradient to differentiate again");
    const gradients = grad(
      recorded.map(({ output }) => output),
      moved,
      { gradOutputs: recorded.map(({ u }) => u as Tensor), createGraph: true },
    );
    return gradients.filter((g) => g !== null);
  };
  const given = inputs.map((input, i) => names[i] ?? input.name ?? (inputs.length === 1 ? "x" : `x${i}`));
  return {
    subject: gradient,
    inputs: [...inputs, ...seeds],
    names: [...given, ...seeds.map((u) => u.name as string)],
    module: owner,
  };
}

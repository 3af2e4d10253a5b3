import { DataError, DeviceError } from "../../errors.js";
import type { DType } from "../../kernels/storage.js";
import { tensor } from "../../tensor/create.js";
import { isFloat } from "../../tensor/devices.js";
import { scope } from "../../tensor/scope.js";
import { Tensor } from "../../tensor/tensor.js";
import { enableGrad } from "../mode.js";

/** A function to check: its result may be a tensor, or tensors in arrays and plain objects. */
export type CheckedFunction = (...inputs: Tensor[]) => unknown;

/** Something whose parameters are checked along with the inputs. */
export interface ParameterOwner {
  namedParameters(): Iterable<readonly [name: string, parameter: Tensor]>;
}

/** A layer to check: what `src/nn`'s Module offers. */
export interface CheckedModule extends ParameterOwner {
  /** Takes the inputs, and maybe options after them. */
  forward(...inputs: never[]): unknown;
}

/** A tensor that the check moves. */
export interface Target {
  readonly name: string;
  readonly tensor: Tensor;
  /** Its numbers as they were given. */
  readonly values: Float64Array;
}

/** One float tensor of the result. */
export interface Output {
  readonly name: string;
  readonly tensor: Tensor;
}

/** The subject as a plain function. A module's forward may want options, of which no list of tensors is one: it gets none. */
export const asFunction = (subject: CheckedFunction | CheckedModule): CheckedFunction =>
  isModule(subject) ? (...inputs) => subject.forward(...(inputs as never[])) : subject;

export const isModule = (subject: CheckedFunction | CheckedModule): subject is CheckedModule =>
  typeof subject !== "function";

/** Every float tensor in a result, with its path. */
export function outputsIn(value: unknown, name: string, found: Output[]): Output[] {
  if (value instanceof Tensor) {
    if (isFloat(value.dtype)) found.push({ name, tensor: value });
  } else if (Array.isArray(value)) {
    value.forEach((item, i) => {
      outputsIn(item, `${name}.${i}`, found);
    });
  } else if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [key, item] of Object.entries(value)) outputsIn(item, `${name}.${key}`, found);
  }
  return found;
}

const numbersOf = (x: Tensor): Float64Array => Float64Array.from(x.dataSync());

/** A copy as a leaf of its own, so that neither the caller's numbers nor his gradients are touched. */
function leafCopy(input: Tensor): Tensor {
  const { shape, dtype, device } = input;
  return tensor(input.dataSync(), { shape, dtype, device, requiresGrad: true });
}

/** A function or a module as the check sees it: tensors to move, and a value that follows. */
export class Subject {
  readonly targets: readonly Target[];
  evaluations = 0;
  private readonly run: () => unknown;
  /** The tensors as the caller holds them. */
  private readonly given: { name: string; tensor: Tensor }[];

  constructor(
    subject: CheckedFunction | CheckedModule,
    inputs: readonly Tensor[],
    { names = [], module }: { names?: readonly string[]; module?: ParameterOwner } = {},
  ) {
    for (const input of inputs) {
      input.assertAlive("gradcheck");
      if (input.device !== "cpu") {
        throw new DeviceError(`gradcheck: ${input.describe()} is on ${input.device}: it must read every value at once`);
      }
    }
    const args = inputs.map((input) => (isFloat(input.dtype) ? leafCopy(input) : input));
    const targets = args.flatMap((leaf, i) => {
      const given = inputs[i] as Tensor;
      const name = names[i] ?? given.name ?? (inputs.length === 1 ? "x" : `x${i}`);
      return isFloat(leaf.dtype) ? [{ name, tensor: leaf, values: numbersOf(leaf), given }] : [];
    });
    this.given = targets.map(({ name, given }) => ({ name, tensor: given }));
    const owner = module ?? (isModule(subject) ? subject : null);
    for (const [name, parameter] of owner?.namedParameters() ?? []) {
      if (parameter.requiresGrad && !targets.some((target) => target.tensor === parameter)) {
        targets.push({ name, tensor: parameter, values: numbersOf(parameter), given: parameter });
        this.given.push({ name, tensor: parameter });
      }
    }
    const fn = asFunction(subject);
    this.run = () => fn(...args);
    if (targets.length === 0) {
      throw new DataError(
        "gradcheck: there is nothing to move: give at least one float input or a trainable parameter",
      );
    }
    this.targets = targets;
  }

  /** Runs the function, recording. Call it inside a scope. */
  outputs(): Output[] {
    this.evaluations++;
    const found = outputsIn(enableGrad(this.run), "output", []);
    if (found.length === 0) throw new DataError("gradcheck: the function gave no float tensor");
    return found;
  }

  /** All numbers of all outputs, one after another. */
  evaluate(): Float64Array {
    return scope(() => flatten(this.outputs().map(({ tensor: output }) => output.dataSync())));
  }

  /** The dtypes of the outputs. */
  outputDTypes(): DType[] {
    return scope(() => this.outputs().map(({ tensor: output }) => output.dtype));
  }

  /** Pairs of given inputs and parameters that share memory. */
  sharing(overlap: (a: Tensor, b: Tensor) => boolean): [string, string][] {
    const { given } = this;
    return given.flatMap(({ name, tensor: a }, i) =>
      given.slice(i + 1).flatMap((other): [string, string][] => (overlap(a, other.tensor) ? [[name, other.name]] : [])),
    );
  }

  /** Moves a target. */
  place(target: Target, values: Float64Array): void {
    const { tensor: moved } = target;
    scope(() => {
      moved.assign(tensor(values, { shape: moved.shape, dtype: moved.dtype }));
    });
  }

  /** The value with one element of a target moved, and how far it really moved after rounding. */
  shifted(target: Target, element: number, by: number): { value: Float64Array; at: number } {
    const values = target.values.slice();
    const at = (values[element] as number) + by;
    values[element] = at;
    this.place(target, values);
    try {
      return { value: this.evaluate(), at };
    } finally {
      this.place(target, target.values);
    }
  }
}

/** Arrays joined into one. */
export function flatten(parts: readonly ArrayLike<number>[]): Float64Array {
  const joined = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

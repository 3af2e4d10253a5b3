import { DeviceError, DTypeError } from "../errors.js";
import type { Backend } from "../kernels/backend.js";
import type { DType, Storage } from "../kernels/storage.js";
import { backendOf, isFloat } from "../tensor/devices.js";
import type { Shape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { assertBorn } from "./anomaly.js";
import { mode, place } from "./mode.js";
import { GraphNode, nodeOf, type Product } from "./node.js";

/** What an input may be: a float, any number (float or int32), a list of indices, a mask, or anything. */
export type Kind = "float" | "number" | "int32" | "bool" | "any";

/** One run of an operation, as its backward rule sees it. */
export interface Call<Options> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly options: Options;
  /** Whether anyone wants the gradient of this input. */
  needs(input: number): boolean;
}

/** A gradient that is added straight into the one collected so far, without a tensor of its own. */
export interface Deposit {
  /** Adds this part to the collected gradient, which has the input's shape. */
  into(gradient: Tensor): void;
  /** The same as a tensor of the input's shape, for where nothing was collected so far. */
  alone?(): Tensor;
}

/** What a fast backward rule may give for an input: a gradient, a put-off product, a deposit, or nothing. */
export type Contribution = Tensor | { readonly product: Product } | Deposit | null;

/**
 * An operation: its shape rule, its value and its derivative.
 *
 * `backward` returns one gradient an input (null where none) in public tensor operations, so that it can be
 * differentiated again; it may return the output's broadcast shape: the engine sums over what was repeated.
 * An operation that is fused gives `composed` instead: the same value from smaller operations.
 * `backwardKernel` is the fast road, taken when nobody will differentiate the gradient.
 * `tangent` is the derivative once more, in forward mode; `composed` stands in for it too.
 */
export interface OperationRule<Options> {
  /** Kinds by position; the last one holds for all inputs after it. Floats among them must agree in dtype. */
  readonly takes: readonly Kind[];
  /** The result's shape; raises {@link ShapeError} where the inputs do not fit. */
  shape(inputs: readonly Tensor[], options: Options): Shape;
  /** Computes the value; not called for a view. */
  forward?(kernels: Backend, inputs: readonly Tensor[], options: Options, shape: Shape): Storage;
  /** For a free view of the first input: where it starts, in elements. */
  viewOffset?(input: Tensor, options: Options): number;
  backward?(call: Call<Options>, gy: Tensor): readonly (Tensor | null)[];
  composed?(inputs: readonly Tensor[], options: Options): Tensor;
  backwardKernel?(kernels: Backend, call: Call<Options>, gy: Tensor): readonly Contribution[];
  /**
   * Forward mode: how the result moves when the inputs move along their tangents. It may have a shape that broadcasts
   * to the result's. Not derived from `backward`, so that the two can be held against each other.
   */
  tangent?(call: Call<Options>, tangents: readonly (Tensor | null)[]): Tensor;
}

/** A sum of which a term may be missing, but not both. */
export const plus = (a: Tensor | null | undefined, b: Tensor | null | undefined): Tensor =>
  a && b ? a.add(b) : ((a ?? b) as Tensor);

/** A rule with its name: what a graph node points at. */
export interface Operation {
  readonly operation: string;
  // A node runs the rule with the options it was recorded with, so their type is known only there.
  readonly rule: OperationRule<never>;
}

/** Runs an operation on tensors and records it. */
export type OperationFunction<Options> = ((inputs: readonly Tensor[], options: Options) => Tensor) & Operation;

const fits = (kind: Kind, dtype: DType): boolean => {
  if (kind === "any") return true;
  if (kind === "float") return isFloat(dtype);
  if (kind === "number") return dtype !== "bool";
  return kind === dtype;
};

const kindWords: Record<Kind, string> = {
  float: "float32 or float64",
  number: "a number, not bool",
  int32: "int32",
  bool: "bool",
  any: "anything",
};

/** What a caller without TypeScript gave in a tensor's place. */
const kindOf = (x: unknown): string => (Array.isArray(x) ? "an array" : x === null ? "null" : typeof x);

/** Checks dtypes and devices; returns the dtype that picks the back end. */
function checkInputs(operation: string, takes: readonly Kind[], inputs: readonly Tensor[]): DType {
  const first = inputs[0] as Tensor;
  let dtype: DType | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i] as Tensor;
    if (!(input instanceof Tensor)) {
      throw new DTypeError(
        `${operation}: input ${i} is ${kindOf(input)}, but must be a tensor: make one with tensor()`,
      );
    }
    if (input.disposed) input.assertAlive(operation);
    if (input.device !== first.device) {
      throw new DeviceError(
        `${operation}: ${first.describe()} is on ${first.device}, ${input.describe()} on ${input.device}: move one with \`await x.to(device)\``,
      );
    }
    const kind = takes[Math.min(i, takes.length - 1)] as Kind;
    if (!fits(kind, input.dtype)) {
      throw new DTypeError(
        `${operation}: input ${i} is ${input.describe()}, but must be ${kindWords[kind]}: convert it with cast()`,
      );
    }
    if (kind !== "int32" && kind !== "bool") {
      if (dtype !== null && dtype !== input.dtype) {
        throw new DTypeError(`${operation}: dtypes differ: ${dtype} and ${input.dtype}: convert one with cast()`);
      }
      dtype = input.dtype;
    }
  }
  return dtype ?? first.dtype;
}

/** Names a rule and makes it callable. */
export function defineOp<Options = object>(
  operation: string,
  rule: OperationRule<Options>,
): OperationFunction<Options> {
  const differentiable = rule.backward !== undefined || rule.composed !== undefined;
  const run = (inputs: readonly Tensor[], options: Options): Tensor => {
    const dtype = checkInputs(operation, rule.takes, inputs);
    const shape = rule.shape(inputs, options);
    const first = inputs[0] as Tensor;
    const output = rule.forward
      ? new Tensor(rule.forward(backendOf(first.device, dtype), inputs, options, shape), shape, first.device)
      : new Tensor(
          first.storage,
          shape,
          first.device,
          rule.viewOffset ? rule.viewOffset(first, options) : first.offset,
        );
    if (mode.anomaly) assertBorn(operation, inputs, output, place());
    if (mode.recording && differentiable) {
      for (let i = 0; i < inputs.length; i++) {
        if ((inputs[i] as Tensor).requiresGrad) {
          for (const input of inputs) nodeOf(input);
          const node = new GraphNode(definition, inputs, options, output);
          node.place = place();
          output.requiresGrad = true;
          output.history = node;
          break;
        }
      }
    }
    return output;
  };
  const definition: OperationFunction<Options> = Object.assign(run, { operation, rule: rule as OperationRule<never> });
  return definition;
}

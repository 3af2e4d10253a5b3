import { tensor } from "../../tensor/create.js";
import { Random } from "../../tensor/random.js";
import { scope } from "../../tensor/scope.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { grad } from "../backward.js";
import { nodesBeneath, pushForward } from "../forward.js";
import type { Output, Subject, Target } from "./subject.js";

/** Where one output's elements lie among all rows of a Jacobian. */
export interface OutputSpan {
  readonly name: string;
  readonly shape: Shape;
  readonly start: number;
  readonly size: number;
}

/** ∂outputs/∂target, row-major [rows, target.size], rows running over all elements of all outputs. */
export interface TargetJacobian {
  readonly target: Target;
  readonly values: Float64Array;
  /** False if no gradient arrived in any row. */
  connected: boolean;
  /** How many recorded operations take the target itself. */
  readonly uses: number;
}

export interface AnalyticJacobian {
  readonly outputs: readonly OutputSpan[];
  readonly rows: number;
  readonly targets: readonly TargetJacobian[];
}

export function spansOf(outputs: readonly Output[]): OutputSpan[] {
  let start = 0;
  return outputs.map(({ name, tensor: { shape, size } }) => {
    const span = { name, shape, start, size };
    start += size;
    return span;
  });
}

const seedOf = (output: Tensor, numbers: Float64Array): Tensor =>
  tensor(numbers, { shape: output.shape, dtype: output.dtype, device: output.device });

function usesOf(target: Target, outputs: readonly Output[]): number {
  const nodes = nodesBeneath(outputs.map((output) => output.tensor));
  return nodes.reduce((count, node) => count + node.inputs.filter((input) => input === target.tensor).length, 0);
}

/** uᵀ·J for each target by one backward pass; null where no gradient arrived. `u` runs over all outputs. */
function pull(
  outputs: readonly Output[],
  targets: readonly Target[],
  u: Float64Array,
  createGraph: boolean,
): (Float64Array | null)[] {
  const spans = spansOf(outputs);
  const used = outputs.filter(({ tensor: output }) => output.requiresGrad);
  if (used.length === 0) return targets.map(() => null);
  return scope(() => {
    const gradOutputs = used.map((output) => {
      const { start, size } = spans[outputs.indexOf(output)] as OutputSpan;
      return seedOf(output.tensor, u.slice(start, start + size));
    });
    const gradients = grad(
      used.map((output) => output.tensor),
      targets.map((target) => target.tensor),
      { gradOutputs, retainGraph: true, createGraph },
    );
    return gradients.map((gradient) => (gradient ? Float64Array.from(gradient.dataSync()) : null));
  });
}

/** The whole Jacobian, one backward pass a row. */
export function reverseJacobian(subject: Subject, createGraph: boolean): AnalyticJacobian {
  return scope(() => {
    const outputs = subject.outputs();
    const spans = spansOf(outputs);
    const rows = spans.reduce((sum, { size }) => sum + size, 0);
    const targets = subject.targets.map((target) => ({
      target,
      values: new Float64Array(rows * target.values.length),
      connected: false,
      uses: usesOf(target, outputs),
    }));
    const u = new Float64Array(rows);
    for (const [k, { start, size }] of spans.entries()) {
      const output = outputs[k] as Output;
      const only = [output];
      for (let row = start; row < start + size; row++) {
        u[row] = 1;
        const gradients = pull(only, subject.targets, u.subarray(start, start + size), createGraph);
        u[row] = 0;
        for (const [i, jacobian] of targets.entries()) {
          const gradient = gradients[i];
          if (!gradient) continue;
          jacobian.connected = true;
          jacobian.values.set(gradient, row * gradient.length);
        }
      }
    }
    return { outputs: spans, rows, targets };
  });
}

/** The whole Jacobian by forward mode, one pass a column. */
export function forwardJacobian(subject: Subject): AnalyticJacobian {
  return scope(() => {
    const outputs = subject.outputs();
    const spans = spansOf(outputs);
    const rows = spans.reduce((sum, { size }) => sum + size, 0);
    const targets = subject.targets.map((target) => {
      const n = target.values.length;
      const jacobian = { target, values: new Float64Array(rows * n), connected: false, uses: usesOf(target, outputs) };
      const direction = new Float64Array(n);
      for (let column = 0; column < n; column++) {
        direction[column] = 1;
        const moved = new Map([[target.tensor, seedOf(target.tensor, direction)]]);
        const tangents = pushForward(
          outputs.map((output) => output.tensor),
          moved,
        );
        direction[column] = 0;
        for (const [k, tangent] of tangents.entries()) {
          if (!tangent) continue;
          jacobian.connected = true;
          const { start } = spans[k] as OutputSpan;
          tangent.dataSync().forEach((value, row) => {
            jacobian.values[(start + row) * n + column] = value;
          });
        }
      }
      return jacobian;
    });
    return { outputs: spans, rows, targets };
  });
}

/** uᵀ·J for each target, in one pass over a fresh graph. */
export function vectorJacobian(
  subject: Subject,
  u: Float64Array,
  createGraph: boolean,
  targets = subject.targets,
): (Float64Array | null)[] {
  return scope(() => pull(subject.outputs(), targets, u, createGraph));
}

/** J·v, all targets moving at once, by forward mode. */
export function jacobianVector(subject: Subject, directions: ReadonlyMap<Target, Float64Array>): Float64Array {
  return scope(() => {
    const outputs = subject.outputs();
    const spans = spansOf(outputs);
    const moved = new Map([...directions].map(([target, v]) => [target.tensor, seedOf(target.tensor, v)]));
    const product = new Float64Array(spans.reduce((sum, { size }) => sum + size, 0));
    const tangents = pushForward(
      outputs.map((output) => output.tensor),
      moved,
    );
    for (const [k, tangent] of tangents.entries()) if (tangent) product.set(tangent.dataSync(), spans[k]?.start);
    return product;
  });
}

/** Numbers of either sign, away from 0 and from ±1, that a check weighs the rows with. */
export function weights(length: number, seed: number): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length }, () => (random.uniform() < 0.5 ? -1 : 1) * (0.5 + random.uniform()));
}

/** uᵀ·J out of a Jacobian that is already there. */
export function weighted({ values, target }: TargetJacobian, u: Float64Array): Float64Array {
  const n = target.values.length;
  const sum = new Float64Array(n);
  for (let row = 0; row < u.length; row++) {
    for (let i = 0; i < n; i++) sum[i] += (u[row] as number) * (values[row * n + i] as number);
  }
  return sum;
}

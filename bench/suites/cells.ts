import { GRU, grad, LSTM, type Module, noGrad, RNN, type Tensor, tensor } from "backflow";
import { type Input, Inputs } from "../problems/inputs.js";
import type { PeerJob, Problem } from "../problems/problem.js";
import { stepProblem, type TensorKind } from "../problems/step-problem.js";

const layers = { rnn: [RNN, 1], gru: [GRU, 3], lstm: [LSTM, 4] } as const;
type Cell = keyof typeof layers;

/** Tensors of the inputs, in the dtype of the device; the numbers are float32 ones in float64 too. */
export const tensorOf = ({ data, shape }: Input, kind: TensorKind, requiresGrad = false): Tensor =>
  tensor(kind.dtype === "float64" ? Float64Array.from(data) : Float32Array.from(data), {
    device: kind.device,
    dtype: kind.dtype,
    shape,
    requiresGrad,
  });

/** The gradients of a scalar, by the names of what they are for. */
export function gradientsOf(loss: Tensor, wanted: readonly (readonly [string, Tensor])[]): Record<string, Tensor> {
  const gradients = grad(
    loss,
    wanted.map(([, of]) => of),
  );
  return Object.fromEntries(
    wanted.flatMap(([name], i) => {
      const gradient = gradients[i];
      return gradient ? [[`gradient of ${name}`, gradient]] : [];
    }),
  );
}

/** Numbers for the parameters of a module, by name: the same on every device, and for every other engine. */
export function parameterInputs(module: Module, seed: number): (Input & { readonly name: string })[] {
  const inputs = new Inputs(seed);
  return module.namedParameters().map(([name, { shape }]) => {
    const fan = shape.at(-1) ?? 1;
    return { ...inputs.normal(shape, 1 / Math.sqrt(fan)), name };
  });
}

/** Gives every parameter the numbers of {@link parameterInputs}. */
export function fillParameters(module: Module, seed: number): void {
  const inputs = parameterInputs(module, seed);
  module.namedParameters().forEach(([, parameter], i) => {
    const values = tensorOf(inputs[i], parameter);
    noGrad(() => parameter.assign(values));
    values.dispose();
  });
}

/** A layer over a sequence: forward, or forward and backward to the input and every parameter. */
export function cellProblem(
  cell: Cell,
  direction: "forward" | "backward",
  [batch, time, size]: readonly [batch: number, time: number, size: number],
  seed: number,
): Problem {
  const [Layer, gates] = layers[cell];
  const inputs = new Inputs(seed);
  const x = inputs.normal([batch, time, size]);
  const weight = inputs.normal([batch, time, size]);
  const parameters = gates * size * (size + size);
  const passes = direction === "forward" ? 1 : 3;
  const job = (): PeerJob => {
    const own = parameterInputs(new Layer(size, size), seed + 1);
    return {
      kind: { task: "gru", gradients: direction === "forward" ? [] : ["input", ...own.map(({ name }) => name)] },
      inputs: [{ ...x, name: "input" }, ...own, { ...weight, name: "weight" }],
    };
  };
  return stepProblem({
    suite: "cells",
    name: `${cell} ${direction} B${batch} T${time} H${size}`,
    family: `${cell} ${direction}`,
    size,
    // The two products of each step; twice as much again backward. Bytes: the parameters, the input, the states.
    work: { flops: passes * 2 * batch * time * parameters, bytes: 4 * passes * (parameters + 2 * batch * time * size) },
    bound: 256,
    job: cell === "gru" ? job : null,
    build: (kind) => {
      const layer = new Layer(size, size, kind);
      fillParameters(layer, seed + 1);
      const input = tensorOf(x, kind, true).keep();
      const outputWeight = tensorOf(weight, kind).keep();
      const named = layer.namedParameters();
      const forward = (): Tensor => layer.forward(input).output;
      const backward = (): Record<string, Tensor> =>
        gradientsOf(forward().mul(outputWeight).sum(), [["input", input], ...named]);
      if (direction === "forward") return { step: () => noGrad(forward), check: () => ({ output: noGrad(forward) }) };
      return { step: () => Object.values(backward()).at(-1) as Tensor, check: backward };
    },
  });
}

/** `sizes` chooses hidden sizes. */
export function cellProblems(sizes: readonly number[] | null, seed: number): Problem[] {
  return (sizes ?? [64, 256]).flatMap((size) =>
    (Object.keys(layers) as Cell[]).flatMap((cell) =>
      (["forward", "backward"] as const).map((direction) => cellProblem(cell, direction, [32, 12, size], seed)),
    ),
  );
}

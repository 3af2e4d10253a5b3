import { linear } from "../autograd/operations/matmul.js";
import type { EncodedPair } from "../data/batches.js";
import { DataError } from "../errors.js";
import type { Translator } from "../models/translator.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { type Direction, directions, numbers, stateSite } from "./states.js";
import { Trace } from "./trace.js";

/** The gate that carries the state on: z of a GRU (h′ = (1 − z) ⊙ n + z ⊙ h), f of an LSTM (c′ = f ⊙ c + i ⊙ g). */
const carries = { gru: { gate: "z", index: 1 }, lstm: { gate: "f", index: 1 } } as const;

export interface GatePath {
  readonly direction: Direction;
  /** The carrying gate at each word, [S][H]. */
  readonly open: number[][];
  /** Π of the gates from word j to the direction's end, averaged over units, [S]: how much of h_j (c_j) is carried there. */
  readonly carried: number[];
}

/**
 * The straight way through a gated encoder: along it a gradient is only scaled by the carrying gates, Π z or Π f.
 * Gates are computed anew from the states and weights, as in the cell's equations.
 * @throws DataError for a plain recurrent encoder, which has no gates
 */
export async function gatePaths(model: Translator, pair: EncodedPair): Promise<{ gate: "z" | "f"; paths: GatePath[] }> {
  const { cell = "gru", hiddenSize } = model.config;
  if (cell === "rnn") throw new DataError("gatePaths: a plain recurrent encoder has no gates");
  const { gate, index } = carries[cell];
  const gatesByDirection = scope(() => {
    const trace = new Trace(model, pair);
    return directions.map((direction) =>
      Array.from({ length: trace.sourceLength }, (_, j) =>
        preactivations(model, trace, direction, j)
          .slice(null, [index * hiddenSize, (index + 1) * hiddenSize])
          .sigmoid()
          .detach(),
      ),
    );
  });
  const paths: GatePath[] = [];
  for (const [d, gates] of gatesByDirection.entries()) {
    const open = await Promise.all(gates.map(async (values) => [...(await numbers(values, hiddenSize))]));
    for (const values of gates) values.dispose();
    paths.push({ direction: directions[d], open, carried: carriedToTheEnd(open, directions[d]) });
  }
  return { gate, paths };
}

/** W x + b + U h + b of every gate at word j, [1, gates·H]. For a GRU's n, which is no gate, not what the cell forms. */
function preactivations(model: Translator, trace: Trace, direction: Direction, j: number): Tensor {
  const suffix = direction === "forward" ? "_l0" : "_l0_reverse";
  const weights = model.encoder.stateDict();
  const weight = (name: string): Tensor => weights[`${name}${suffix}`];
  const x = trace.value("source.embedding").at(j, { axis: 1 });
  const input = linear(x, weight("weight_ih"), weight("bias_ih"));
  const before = direction === "forward" ? j - 1 : j + 1;
  if (before < 0 || before >= trace.sourceLength) return input.add(weight("bias_hh"));
  const state = trace.value(stateSite(direction, before));
  const hidden = state.rank === 3 ? state.at(0) : state;
  return input.add(linear(hidden, weight("weight_hh"), weight("bias_hh")));
}

function carriedToTheEnd(open: readonly (readonly number[])[], direction: Direction): number[] {
  const carried = new Array<number>(open.length);
  let product = open[0].map(() => 1);
  for (let step = 0; step < open.length; step++) {
    const j = direction === "forward" ? open.length - 1 - step : step;
    carried[j] = product.reduce((sum, x) => sum + x, 0) / product.length;
    product = product.map((x, unit) => x * open[j][unit]);
  }
  return carried;
}

import { grad } from "../autograd/backward.js";
import { concat, stack } from "../autograd/operations/concat.js";
import { linear } from "../autograd/operations/matmul.js";
import type { EncodedPair } from "../data/batches.js";
import { DataError } from "../errors.js";
import type { Translator } from "../models/translator.js";
import { zerosLike } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { type PathGradients, pathGradients } from "./path-split.js";
import {
  type Direction,
  directions,
  dot,
  norm,
  numbers,
  recurrences,
  rowsOf,
  stateLayout,
  stateOffset,
  stateSite,
  stateSize,
} from "./states.js";
import { Trace } from "./trace.js";

/** By what a state enters the next step: the gates in PyTorch's order, and `carry`, the state scaled and handed on. */
const waysIn = { gru: ["r", "z", "n", "carry"], lstm: ["i", "f", "g", "o", "carry"] } as const;

/** The recurrence term R_j of every source word, split by the gate through which it came. */
export interface GateSplit {
  readonly gates: readonly string[];
  /** ⟨G_j, R_j⟩ / ‖R_j‖² by gate and word; they sum to 1, or are all 0 where R_j is 0. */
  readonly shares: Readonly<Record<string, number[]>>;
  readonly norms: Readonly<Record<string, number[]>>;
  /** ‖R_j‖ */
  readonly total: number[];
}

/**
 * Splits each word's recurrence term by gate: the step is computed anew from its inputs, with a leaf of its own for each
 * use of the state before, and the gradient that arrived after it is sent back.
 * @throws DataError for a plain recurrent encoder, which has no gates
 */
export async function gateSplit(model: Translator, pair: EncodedPair): Promise<GateSplit> {
  const terms = await gateTerms(model, pair);
  const gates = Object.keys(terms);
  const total = terms[gates[0]].map((_, j) => {
    const sum = new Float64Array(terms[gates[0]][j].length);
    for (const gate of gates) for (let i = 0; i < sum.length; i++) sum[i] += terms[gate][j][i];
    return sum;
  });
  const perGate = (measure: (term: Float64Array, whole: Float64Array) => number): Record<string, number[]> =>
    Object.fromEntries(gates.map((gate) => [gate, terms[gate].map((term, j) => measure(term, total[j]))]));
  return {
    gates,
    shares: perGate((term, whole) => dot(term, whole) / (dot(whole, whole) || 1)),
    norms: perGate(norm),
    total: total.map(norm),
  };
}

/** The vectors themselves, by gate and word; their sum over the gates is the recurrence term. */
export async function gateTerms(model: Translator, pair: EncodedPair): Promise<Record<string, Float64Array[]>> {
  const { cell = "gru" } = model.config;
  if (cell === "rnn") throw new DataError("gateSplit: a plain recurrent encoder has no gates");
  const { layout, length, found } = scope(() => {
    const trace = new Trace(model, pair);
    const { total } = pathGradients(trace, trace.loss());
    return {
      layout: stateLayout(trace),
      length: trace.sourceLength,
      found: directions.map((direction) => {
        const words = wordsOf(direction, trace.sourceLength);
        if (words.length === 0) return {};
        const steps = stepsOf(model, trace, direction, words);
        return sentBack(cell, steps, arrivedAfter(total, direction, words, steps));
      }),
    };
  });
  const terms: Record<string, Float64Array[]> = Object.fromEntries(
    waysIn[cell].map((gate) => [gate, Array.from({ length }, () => new Float64Array(stateSize(layout)))]),
  );
  for (const [d, direction] of directions.entries()) {
    const words = wordsOf(direction, length);
    for (const [gate, gradient] of Object.entries(found[d])) {
      const part = gate === "carry" && cell === "lstm" ? layout.hidden : 0;
      const rows = rowsOf(await numbers(gradient, words.length * layout.hidden), layout.hidden);
      gradient.dispose();
      for (const [i, row] of rows.entries()) terms[gate][words[i]].set(row, stateOffset(layout, direction) + part);
    }
  }
  return terms;
}

/** The words whose state enters a next step of a direction. */
const wordsOf = (wanted: Direction, length: number): number[] =>
  recurrences(length).flatMap(({ direction, j }) => (direction === wanted ? [j] : []));

/** What every step of a direction starts from, a row a step. */
interface Steps {
  /** W x + b, [steps, gates·H]. */
  readonly input: Tensor;
  /** h before the step, [steps, H], and an LSTM's c. */
  readonly hidden: Tensor;
  readonly memory: Tensor | null;
  readonly weight: Tensor;
  readonly bias: Tensor;
}

const nextWord = (direction: Direction, j: number): number => (direction === "forward" ? j + 1 : j - 1);

function stepsOf(model: Translator, trace: Trace, direction: Direction, words: readonly number[]): Steps {
  const suffix = direction === "forward" ? "_l0" : "_l0_reverse";
  const weights = model.encoder.stateDict();
  const embedded = trace.value("source.embedding").at(0);
  const x = stack(words.map((j) => embedded.at(nextWord(direction, j))));
  const states = words.map((j) => trace.value(stateSite(direction, j)));
  const parts = (part: number): Tensor => concat(states.map((state) => (state.rank === 3 ? state.at(part) : state)));
  return {
    input: linear(x, weights[`weight_ih${suffix}`], weights[`bias_ih${suffix}`]).detach(),
    hidden: parts(0).detach(),
    memory: states[0].rank === 3 ? parts(1).detach() : null,
    weight: weights[`weight_hh${suffix}`],
    bias: weights[`bias_hh${suffix}`],
  };
}

/** The gradients of the states after the steps: h̄ [steps, H], and an LSTM's c̄. */
function arrivedAfter(
  total: PathGradients["total"],
  direction: Direction,
  words: readonly number[],
  { hidden, memory }: Steps,
): Tensor[] {
  const first = direction === "forward" ? 0 : total.length / 2;
  const states = words.map((j) => total[first + nextWord(direction, j)]);
  const none = zerosLike(hidden.slice([0, 1]));
  return (memory ? [0, 1] : [0]).map((part) =>
    concat(states.map((state) => (state === null ? none : memory ? state.at(part) : state))),
  );
}

/** One step with a leaf for each use of the state; the gradient of each leaf. */
function sentBack(cell: "gru" | "lstm", steps: Steps, arrived: readonly Tensor[]): Record<string, Tensor> {
  const size = steps.hidden.shape[1];
  const leaf = (x: Tensor): Tensor => {
    const own = x.view(x.shape);
    own.requiresGrad = true;
    return own;
  };
  const carry = leaf(steps.memory ?? steps.hidden);
  const leaves: Record<string, Tensor> = { carry };
  /** The input's and the state's share of a gate, the state by a leaf of that gate's. */
  const gate = (name: string, index: number): { x: Tensor; h: Tensor } => {
    leaves[name] = leaf(steps.hidden);
    const range = [index * size, (index + 1) * size] as const;
    const h = linear(leaves[name], steps.weight.slice(range), steps.bias.slice(range));
    return { x: steps.input.slice(null, range), h };
  };
  const open = ({ x, h }: { x: Tensor; h: Tensor }): Tensor => x.add(h).sigmoid();
  let after: Tensor[];
  if (cell === "gru") {
    const [r, z, n] = [open(gate("r", 0)), open(gate("z", 1)), gate("n", 2)];
    const candidate = n.x.add(r.mul(n.h)).tanh();
    after = [z.neg().add(1).mul(candidate).add(z.mul(carry))];
  } else {
    const [i, f, g, o] = [open(gate("i", 0)), open(gate("f", 1)), gate("g", 2), open(gate("o", 3))];
    const memory = f.mul(carry).add(i.mul(g.x.add(g.h).tanh()));
    after = [o.mul(memory.tanh()), memory];
  }
  const names = Object.keys(leaves);
  const found = grad(after, Object.values(leaves), { gradOutputs: arrived });
  return Object.fromEntries(names.map((name, index) => [name, found[index] as Tensor]));
}

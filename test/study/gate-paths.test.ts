import { describe, expect, it } from "vitest";
import { gatePaths } from "../../src/study/gate-paths.js";
import { zeros } from "../../src/tensor/create.js";
import { expectEqual, list, matrix, measure, pair, plus, times } from "./measured.js";
import { smallModel } from "./small-model.js";

describe.each(["gru", "lstm"] as const)("the straight way through a %s", (cell) => {
  it("is the whole Jacobian where the recurrent weights are 0: Π of the carrying gates", async () => {
    const model = smallModel({ cell });
    const weights = model.stateDict();
    for (const name of ["encoder.weight_hh_l0", "encoder.weight_hh_l0_reverse"]) {
      weights[name].assign(zeros(weights[name].shape, { dtype: "float64" }));
    }
    const { trace, words } = measure(model);
    const { paths } = await gatePaths(model, pair);
    for (const { direction, carried } of paths) {
      const last = trace.value(`encoder.${direction}.state[${direction === "forward" ? 4 : 0}]`);
      const carriedState = cell === "lstm" ? last.at(1) : last;
      const byAutograd = words.map((j) => {
        const [gradient] = trace.gradients(carriedState.sum(), [`encoder.${direction}.state[${j}]`]);
        const own = cell === "lstm" ? gradient!.at(1) : gradient;
        return list(own).reduce((a, b) => a + b) / 4;
      });
      expectEqual(carried, byAutograd);
    }
  });
});

describe("the carrying gates", () => {
  it("are what an LSTM's memory is scaled by from one word to the next", async () => {
    const model = smallModel({ cell: "lstm" });
    const { trace } = measure(model);
    const { gate, paths } = await gatePaths(model, pair);
    expect(gate).toBe("f");
    for (const j of [1, 2, 3, 4]) {
      const memory = trace.value(`encoder.forward.state[${j}]`).at(1).sum();
      const [gradient] = trace.gradients(memory, [`encoder.forward.recurrence[${j - 1}]`]);
      expectEqual(list(gradient!.at(1)), paths[0].open[j]);
    }
  });

  it("are the z of a GRU: h′ = (1 − z) ⊙ n + z ⊙ h", async () => {
    const model = smallModel({ cell: "gru" });
    const { trace } = measure(model);
    const { gate, paths } = await gatePaths(model, pair);
    expect(gate).toBe("z");
    const weights = model.stateDict();
    const rows = (name: string, from: number): number[][] => matrix(weights[name]).slice(from, from + 4);
    const bias = (name: string, from: number): number[] => list(weights[name]).slice(from, from + 4);
    for (const j of [0, 1, 2, 3]) {
      const x = list(trace.value("source.embedding").at(j, { axis: 1 }));
      const before = list(trace.value(`encoder.backward.state[${j + 1}]`));
      const part = (side: "ih" | "hh", from: number): number[] =>
        plus(
          times(rows(`encoder.weight_${side}_l0_reverse`, from), side === "ih" ? x : before),
          bias(`encoder.bias_${side}_l0_reverse`, from),
        );
      const r = plus(part("ih", 0), part("hh", 0)).map((a) => 1 / (1 + Math.exp(-a)));
      const n = part("ih", 8).map((a, i) => Math.tanh(a + r[i] * part("hh", 8)[i]));
      const z = paths[1].open[j];
      const next = n.map((value, i) => (1 - z[i]) * value + z[i] * before[i]);
      expectEqual(list(trace.value(`encoder.backward.state[${j}]`)), next);
    }
  });
});

describe("a plain recurrent net", () => {
  it("has no gates to look at", async () => {
    await expect(gatePaths(smallModel({ cell: "rnn" }), pair)).rejects.toThrow(/no gates/);
  });
});

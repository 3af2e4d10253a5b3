import { describe, expect, test } from "vitest";
import * as bf from "../../src/index.js";
import "../../src/vitest.js";

const random = new bf.Random(11);
const f64 = { dtype: "float64", random } as const;
const normal = (...shape: number[]): bf.Tensor => bf.randn(shape, f64);
const ids = (data: number[][]): bf.Tensor => bf.tensor(data, { dtype: "int32" });

describe("every parameter of every layer, by path, against central differences", () => {
  const layers: Record<string, () => [Parameters<typeof bf.gradcheck>[0], bf.Tensor[]]> = {
    Linear: () => [new bf.Linear(3, 2, f64), [normal(4, 3)]],
    LayerNorm: () => [new bf.LayerNorm(4, f64), [normal(3, 4)]],
    Embedding: () => [
      new bf.Embedding(5, 3, f64),
      [
        ids([
          [0, 4],
          [4, 1],
        ]),
      ],
    ],
    Conv1d: () => [new bf.Conv1d(2, 3, 2, f64), [normal(2, 2, 5)]],
    RNN: () => [new bf.RNN(2, 3, f64), [normal(2, 3, 2)]],
    "GRU, two layers, both directions": () => [
      new bf.GRU(2, 2, { ...f64, layers: 2, bidirectional: true }),
      [normal(2, 3, 2)],
    ],
    "LSTM, both directions": () => [new bf.LSTM(2, 2, { ...f64, bidirectional: true }), [normal(2, 3, 2)]],
  };

  test.each(Object.keys(layers))("%s, to order 2", (name) => {
    const [layer, inputs] = layers[name]();
    expect(layer).toPassGradcheck(inputs, { order: 2 });
  });

  test("a frozen parameter is left out, the others are named by their paths", () => {
    const gru = new bf.GRU(2, 2, { ...f64, bidirectional: true });
    gru.stateDict().weight_hh_l0.requiresGrad = false;
    const { passed, inputs } = bf.gradcheck(gru, [normal(1, 2, 2)]);
    expect(passed).toBe(true);
    expect(inputs.map(({ name }) => name)).toEqual(
      ["x", ...gru.namedParameters().map(([path]) => path)].filter((path) => path !== "weight_hh_l0"),
    );
  });

  test("a GRU over sentences of different length, and additive attention over a mask", () => {
    const gru = new bf.GRU(2, 2, f64);
    expect((x: bf.Tensor) => gru.forward(x, { lengths: [3, 1] })).toPassGradcheck([normal(2, 3, 2)], { module: gru });
    const attention = new bf.AdditiveAttention({ querySize: 2, valueSize: 3, attentionSize: 2 }, f64);
    const mask = bf.tensor([[true, true, false]]);
    expect((q: bf.Tensor, h: bf.Tensor) => attention.forward(q, attention.memory(h, { mask }))).toPassGradcheck(
      [normal(1, 2, 2), normal(1, 3, 3)],
      { module: attention },
    );
  });

  test("dropout that is on is told from a wrong gradient", () => {
    const dropout = new bf.Dropout(0.5, { random: new bf.Random(1) });
    const report = bf.gradcheck(dropout, [normal(4, 4)]);
    expect(report.failures.map(({ kind }) => kind)).toEqual(["nondeterminism"]);
    expect(bf.gradcheck(dropout.eval(), [normal(4, 4)]).passed).toBe(true);
  });
});

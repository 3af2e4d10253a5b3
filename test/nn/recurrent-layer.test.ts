import { describe, expect, test } from "vitest";
import {
  GRU,
  grad,
  LSTM,
  LSTMCell,
  noGrad,
  Random,
  type RecurrentLayerOptions,
  RNN,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.js";

const layers = { RNN, GRU, LSTM } as const;
const kinds = Object.keys(layers) as (keyof typeof layers)[];
const sizes = { batch: 3, time: 5, input: 2, hidden: 4 };
const lengths = [5, 2, 3];

const make = (kind: keyof typeof layers, options: RecurrentLayerOptions = {}) =>
  new layers[kind](sizes.input, sizes.hidden, {
    dtype: "float64",
    random: new Random(2),
    layers: 2,
    bidirectional: true,
    ...options,
  });

const input = (seed = 3): Tensor => {
  const x = randn([sizes.batch, sizes.time, sizes.input], { dtype: "float64", random: new Random(seed) });
  x.requiresGrad = true;
  return x;
};

const mask = (): Tensor => tensor(lengths.map((length) => Array.from({ length: sizes.time }, (_, t) => t < length)));

/** x where there is a real step, other where there is padding. */
const replacePadding = (x: Tensor, other: Tensor): Tensor => {
  const y = mask().reshape([sizes.batch, sizes.time, 1]).where(x.detach(), other.detach());
  y.requiresGrad = true;
  return y;
};

describe.each(kinds)("%s", (kind) => {
  test("padding never reaches an output, a state or a gradient", () => {
    const layer = make(kind);
    const run = (x: Tensor) => {
      const { output, state } = layer.forward(x, { mask: mask() });
      const gradients = grad(output.pow(2).sum().add(state.pow(3).sum()), [x, ...layer.parameters()]);
      return [output, state, ...gradients].map((t) => t?.dataSync());
    };
    const x = input();
    expect(run(replacePadding(x, input(9)))).toEqual(run(x));
  });

  test("outputs and gradients at padding are exactly 0", () => {
    const layer = make(kind);
    const x = input();
    const { output } = layer.forward(x, { lengths });
    output.pow(2).sum().backward();
    for (const t of [output, x.grad as Tensor]) {
      const rows = t.arraySync() as number[][][];
      lengths.forEach((length, row) => {
        expect(
          rows[row]
            .slice(length)
            .flat()
            .every((value) => value === 0),
        ).toBe(true);
        expect(
          rows[row]
            .slice(0, length)
            .flat()
            .every((value) => value !== 0),
        ).toBe(true);
      });
    }
  });

  test("a padded row has the outputs and the last state that it has alone", () => {
    const layer = make(kind);
    const x = input();
    const { output, state } = noGrad(() => layer.forward(x, { lengths }));
    lengths.forEach((length, row) => {
      const alone = noGrad(() => layer.forward(x.slice([row, row + 1], [0, length])));
      const together = output.slice([row, row + 1], [0, length]);
      expect(together.dataSync()).toEqual(alone.output.dataSync());
      const ranges = state.shape.map((_, axis) => (axis === state.rank - 2 ? ([row, row + 1] as const) : null));
      expect(state.slice(...ranges).dataSync()).toEqual(alone.state.dataSync());
    });
  });

  test("a mask and lengths say the same", () => {
    const layer = make(kind);
    const x = input();
    const [byMask, byLengths] = [layer.forward(x, { mask: mask() }), layer.forward(x, { lengths })];
    expect(byMask.output.dataSync()).toEqual(byLengths.output.dataSync());
  });

  test("time-first input gives the batch-first output turned round", () => {
    const x = input();
    const batchFirst = make(kind).forward(x, { mask: mask() });
    const timeFirst = make(kind, { batchFirst: false }).forward(x.permute([1, 0, 2]), { mask: mask().permute([1, 0]) });
    expect(timeFirst.output.permute([1, 0, 2]).dataSync()).toEqual(batchFirst.output.dataSync());
    expect(timeFirst.state.dataSync()).toEqual(batchFirst.state.dataSync());
  });

  test("the gradient splits at the taps: a state's is its output's plus its recurrence's", () => {
    const layer = make(kind, { layers: 1 });
    const seen = new Map<string, Tensor>();
    const { output } = layer.forward(input(), {
      mask: mask(),
      tap: (site, x) => {
        const alias = x.mul(1);
        seen.set(site, alias.retainGrad());
        return alias;
      },
    });
    output.pow(2).sum().backward();
    const sites = ["forward", "backward"].flatMap((direction) => {
      const states = Array.from({ length: sizes.time }, (_, t) => `${direction}.state[${t}]`);
      const skipped = direction === "forward" ? sizes.time - 1 : 0;
      const recurrences = states.filter((_, t) => t !== skipped).map((site) => site.replace("state", "recurrence"));
      return [...states, ...recurrences];
    });
    expect([...seen.keys()].sort()).toEqual(sites.sort());
    const hidden = (site: string): Tensor => {
      const gradient = seen.get(site)?.grad as Tensor;
      return kind === "LSTM" ? gradient.at(0) : gradient;
    };
    const viaOutput = output.at(2, { axis: 1 }).slice(null, [0, sizes.hidden]).mul(2);
    const total = hidden("forward.recurrence[2]").add(viaOutput);
    const worst = total.sub(hidden("forward.state[2]")).abs().max().itemSync();
    expect(worst).toBeLessThan(1e-15);
  });
});

describe("RecurrentLayer", () => {
  test("input, mask, lengths of a wrong shape are refused, each with its sizes", () => {
    const layer = make("GRU");
    expect(() => layer.forward(randn([3, 2], { dtype: "float64" }))).toThrow(
      /input \[3, 2\] must be \[batch, time, features\]/,
    );
    expect(() => layer.forward(randn([3, 0, 2], { dtype: "float64" }))).toThrow(/nothing of it empty/);
    expect(() => layer.forward(input(), { lengths: [1, 2] })).toThrow(/2 lengths for 3 rows/);
    expect(() => layer.forward(input(), { lengths: [1, 2, 6] })).toThrow(/length 6 of row 2 is not in \[0, 5\]/);
    expect(() => layer.forward(input(), { mask: mask().permute([1, 0]) })).toThrow(/mask \[5, 3\] does not fit/);
  });

  test("dropout between layers acts while training only", () => {
    const layer = make("GRU", { dropout: 0.5 });
    const x = input();
    const outputs = [0, 1].map(() => layer.forward(x).output.dataSync());
    expect(outputs[0]).not.toEqual(outputs[1]);
    layer.eval();
    const quiet = [0, 1].map(() => layer.forward(x).output.dataSync());
    expect(quiet[0]).toEqual(quiet[1]);
    expect(quiet[0]).toEqual(make("GRU").forward(x).output.dataSync());
  });

  test("stepping a cell by hand gives the layer's outputs bit for bit", () => {
    const layer = new LSTM(sizes.input, sizes.hidden, { dtype: "float64", random: new Random(2) });
    const cell = new LSTMCell(sizes.input, sizes.hidden, { dtype: "float64" });
    const renamed = Object.entries(layer.stateDict()).map(([path, p]) => [path.replace("_l0", ""), p] as const);
    cell.loadStateDict(Object.fromEntries(renamed));
    const x = input();
    const expected = layer.forward(x).output;
    let state = cell.initialState(sizes.batch);
    for (let t = 0; t < sizes.time; t++) {
      state = cell.step(x.at(t, { axis: 1 }), state);
      expect(cell.hidden(state).dataSync()).toEqual(expected.at(t, { axis: 1 }).dataSync());
    }
  });
});

describe("sizes that do not fit are refused in the layer's own words", () => {
  const x = randn([2, 3, 2]);

  test.each(kinds)("%s: a state of other layers or rows", (kind) => {
    const lead = kind === "LSTM" ? [2] : [];
    const layer = new layers[kind](2, 4);
    for (const shape of [
      [1, ...lead, 1, 4],
      [2, ...lead, 2, 4],
      [...lead, 2, 4],
      [1, ...lead, 2, 3],
    ]) {
      const expected = `state [${shape.join(", ")}] must be [${[1, ...lead, 2, 4].join(", ")}]`;
      expect(() => layer.forward(x, { state: zeros(shape) })).toThrow(`recurrent layer: ${expected}`);
    }
  });

  test("a step of a cell", () => {
    const cell = new LSTMCell(2, 3);
    const message = "recurrent cell: input [1, 2] and state [1, 3] must be [batch, 2] and [2, batch, 3]";
    expect(() => cell.step(zeros([1, 2]), zeros([1, 3]))).toThrow(message);
    expect(() => cell.step(zeros([2, 2]), cell.initialState(1))).toThrow(/recurrent cell/);
  });

  test.each([0, 1.5, -1])("%d layers", (count) => {
    expect(() => new GRU(2, 3, { layers: count })).toThrow(`layers must be a whole number above 0, got ${count}`);
  });
});

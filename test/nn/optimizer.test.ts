import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  Adadelta,
  Adam,
  AdamW,
  clipGradNorm,
  type DType,
  GRU,
  Linear,
  type Optimizer,
  Random,
  randn,
  SGD,
  type Tensor,
  tensor,
} from "../../src/index.js";
import type { OracleTensor } from "../oracle.js";

interface History {
  readonly inputs: { readonly p: OracleTensor; readonly target: OracleTensor };
  readonly options: { readonly clipNorm: number };
  readonly history: readonly { readonly norm: number; readonly p: OracleTensor }[];
}

const optimizers: Record<string, (parameters: readonly Tensor[]) => Optimizer> = {
  sgd_momentum: (parameters) => new SGD(parameters, { learningRate: 0.1, momentum: 0.9 }),
  adam: (parameters) => new Adam(parameters, { learningRate: 0.01 }),
  adamw: (parameters) => new AdamW(parameters, { learningRate: 0.01, weightDecay: 0.1 }),
  adadelta: (parameters) => new Adadelta(parameters, { learningRate: 1, rho: 0.95, epsilon: 1e-6 }),
};

function read(name: string): History {
  return JSON.parse(readFileSync(new URL(`../fixtures/oracles/optim_${name}.json`, import.meta.url), "utf8"));
}

/** The worst error of norm and parameter over PyTorch's five steps. */
function historyError(name: string, dtype: DType): number {
  const { inputs, options, history } = read(name);
  const load = ({ shape, data }: OracleTensor, requiresGrad: boolean): Tensor =>
    tensor(Float64Array.from(data), { shape, dtype, requiresGrad });
  const p = load(inputs.p, true);
  const target = load(inputs.target, false);
  const optimizer = optimizers[name]([p]);
  let worst = 0;
  for (const { norm, p: expected } of history) {
    optimizer.zeroGrad();
    p.sub(target).pow(2).sum().backward();
    worst = Math.max(worst, Math.abs(clipGradNorm(optimizer, options.clipNorm).itemSync() - norm));
    optimizer.step();
    p.dataSync().forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - expected.data[i]));
    });
  }
  return worst;
}

/** A small net, and one training step of it on data that depends on the step alone. */
function training(name: string) {
  const model = new GRU(3, 4, { dtype: "float32", random: new Random(1) });
  const optimizer = optimizers[name](model.parameters());
  const step = (i: number): void => {
    optimizer.zeroGrad();
    model
      .forward(randn([2, 5, 3], { random: new Random(i) }))
      .output.pow(2)
      .sum()
      .backward();
    clipGradNorm(optimizer, 0.5);
    optimizer.step();
  };
  return { model, optimizer, step };
}

describe.each(Object.keys(optimizers))("%s", (name) => {
  test("five clipped steps are PyTorch's to 1e-10 in float64 and to 1e-5 in float32", () => {
    expect(historyError(name, "float64")).toBeLessThan(1e-10);
    expect(historyError(name, "float32")).toBeLessThan(1e-5);
  });

  test("a restored state goes on bit for bit", () => {
    const first = training(name);
    for (let i = 0; i < 3; i++) first.step(i);
    const { step, learningRate, tensors } = first.optimizer.state();
    const saved = Object.entries(tensors).map(([path, t]) => [path, tensor(t.dataSync(), { shape: t.shape })] as const);
    const parameters = first.model.parameters().map((p) => tensor(p.dataSync(), { shape: p.shape }));
    for (let i = 3; i < 6; i++) first.step(i);

    const second = training(name);
    second.model.parameters().forEach((p, i) => {
      p.assign(parameters[i]);
    });
    second.optimizer.restore({ step, learningRate, tensors: Object.fromEntries(saved) });
    for (let i = 3; i < 6; i++) second.step(i);
    const expected = first.model.parameters().map((p) => p.dataSync());
    expect(second.model.parameters().map((p) => p.dataSync())).toEqual(expected);
  });
});

describe("Optimizer", () => {
  test("the state is named by moment and parameter path", () => {
    const { optimizer } = training("adam");
    const names = Object.keys(optimizer.state().tensors);
    expect(names).toContain("mean.weight_ih_l0");
    expect(names).toContain("square.bias_hh_l0");
    expect(names).toHaveLength(8);
  });

  test("a state of other names or shapes is refused, and nothing changes", () => {
    const { optimizer, step } = training("adam");
    step(0);
    const before = optimizer.state().tensors["mean.weight_ih_l0"].dataSync();
    const state = optimizer.state();
    const { "mean.weight_ih_l0": _, ...rest } = state.tensors;
    expect(() => optimizer.restore({ ...state, tensors: rest })).toThrow(/missing mean\.weight_ih_l0/);
    const wrong = { ...state.tensors, "mean.bias_hh_l0": randn([2]) };
    expect(() => optimizer.restore({ ...state, tensors: wrong })).toThrow(/mean\.bias_hh_l0 is \[2\]/);
    expect(optimizer.state().tensors["mean.weight_ih_l0"].dataSync()).toEqual(before);
  });

  test("gradients are added in place into one buffer, and zeroGrad empties all of it", () => {
    const model = new Linear(3, 2, { dtype: "float64" });
    const optimizer = new Adam(model);
    const grad = model.weight.grad as Tensor;
    const x = tensor([[1, 2, 3]], { dtype: "float64" });
    model.forward(x).sum().backward();
    model.forward(x).sum().backward();
    expect(model.weight.grad).toBe(grad);
    expect(grad.arraySync()).toEqual([
      [2, 4, 6],
      [2, 4, 6],
    ]);
    expect(grad.storage).toBe(optimizer.gradients().storage);
    optimizer.zeroGrad();
    expect(
      optimizer
        .gradients()
        .dataSync()
        .every((g) => g === 0),
    ).toBe(true);
  });

  test("a gradient that came to lie elsewhere is brought in before the step", () => {
    const p = tensor([1, 2], { dtype: "float64", requiresGrad: true });
    const optimizer = new SGD([p], { learningRate: 0.5 });
    p.grad = tensor([1, -1], { dtype: "float64" });
    optimizer.step();
    expect(p.arraySync()).toEqual([0.5, 2.5]);
    p.grad = null;
    optimizer.step();
    expect(p.arraySync()).toEqual([0.5, 2.5]);
  });

  test("parameters keep their values when they are laid side by side, and a shared one counts once", () => {
    const p = randn([3, 5], { dtype: "float64" });
    const q = randn([7], { dtype: "float64" });
    const [before, after] = [[p.dataSync(), q.dataSync()], (): unknown => [p.dataSync(), q.dataSync()]];
    for (const t of [p, q]) t.requiresGrad = true;
    const optimizer = new SGD([p, q, p]);
    expect(after()).toEqual(before);
    expect(optimizer.gradients().size).toBe(32);
  });

  test.each([
    [() => new Adam([]), /no parameters/],
    [() => new Adam([randn([2])]), /no leaf with requiresGrad/],
    [
      () =>
        new Adam([
          randn([2], { requiresGrad: true, dtype: "float64" }),
          randn([2], { requiresGrad: true, dtype: "float32" }),
        ]),
      /is float32, others are float64/,
    ],
    [
      () => new SGD([randn([2], { requiresGrad: true })], { learningRate: -1 }),
      /learningRate must be 0 or more, got -1/,
    ],
    [() => new SGD([randn([2], { requiresGrad: true })], { learningRate: Number.NaN }), /learningRate/],
  ])("%s is refused", (make, message) => {
    expect(make).toThrow(message);
  });

  test("an optimizer whose parameters went to another one says so", () => {
    const p = randn([2], { requiresGrad: true });
    const first = new SGD([p]);
    new SGD([p]);
    expect(() => first.step()).toThrow(/belongs to another optimizer/);
  });
});

describe("clipGradNorm", () => {
  test("of parameters scales their gradients in place, and leaves small ones alone", () => {
    const p = tensor([0, 0], { dtype: "float64", requiresGrad: true });
    p.grad = tensor([3, 4], { dtype: "float64" });
    expect(clipGradNorm([p], 1).itemSync()).toBe(5);
    expect(p.grad.arraySync()).toEqual([3, 4].map((g) => g * (1 / (5 + 1e-6))));
    expect(clipGradNorm([p], 10).itemSync()).toBeCloseTo(1, 5);
    expect((p.grad.arraySync() as number[])[0]).toBeCloseTo(0.6, 5);
  });

  test("takes a module for its parameters", () => {
    const layer = new Linear(2, 1, { bias: false });
    layer.weight.grad = tensor([[3, 4]]);
    expect(clipGradNorm(layer, 1).itemSync()).toBe(5);
    expect(layer.weight.grad.arraySync()).toEqual([[expect.closeTo(0.6), expect.closeTo(0.8)]]);
  });

  test("of nothing, or to 0, is refused", () => {
    expect(() => clipGradNorm([randn([2], { requiresGrad: true })], 1)).toThrow(/no parameter has a gradient/);
    expect(() => clipGradNorm([], 0)).toThrow(/maxNorm must be above 0/);
  });
});

test.each<[string, (parameters: readonly Tensor[]) => Optimizer]>([
  ["learningRate must be 0 or more, got -1", (p) => new SGD(p, { learningRate: -1 })],
  ["momentum must be 0 or more, got -1", (p) => new SGD(p, { momentum: -1 })],
  ["betas[1] must lie in [0, 1), got 1", (p) => new Adam(p, { betas: [0.9, 1] })],
  ["epsilon must be 0 or more, got NaN", (p) => new AdamW(p, { epsilon: Number.NaN })],
  ["rho must lie in [0, 1), got 2", (p) => new Adadelta(p, { rho: 2 })],
])("an optimizer is refused whose %s", (message, make) => {
  const p = randn([2], { requiresGrad: true });
  expect(() => make([p])).toThrow(`optimizer: ${message}`);
  expect(p.grad).toBeNull();
});

import { describe, expect, test } from "vitest";
import {
  DataError,
  Dropout,
  Embedding,
  GRU,
  LayerNorm,
  Linear,
  Module,
  memory,
  ones,
  Random,
  ShapeError,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.js";

class Tagger extends Module {
  readonly embedding = this.child("embedding", new Embedding(5, 3, { dtype: "float64" }));
  readonly encoder = this.child("encoder", new GRU(3, 2, { dtype: "float64", bidirectional: true }));
  readonly drop = this.child("", new Dropout(0.5));
  readonly scale = this.parameter("scale", ones([4], { dtype: "float64" }));
  readonly output = this.child("output", new Linear(4, 5, { dtype: "float64" }));

  forward(ids: Tensor): Tensor {
    return this.output.forward(
      this.drop.forward(this.encoder.forward(this.embedding.forward(ids)).output.mul(this.scale)),
    );
  }
}

const paths = [
  "scale",
  "embedding.weight",
  ...["", "_reverse"].flatMap((d) =>
    ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((n) => `encoder.${n}_l0${d}`),
  ),
  "output.weight",
  "output.bias",
];

describe("Module", () => {
  test("finds every parameter by its dotted path, and names it so", () => {
    const model = new Tagger();
    expect(model.namedParameters().map(([path]) => path)).toEqual(paths);
    expect(model.parameters().map((p) => p.name)).toEqual(paths);
    expect(model.parameters().every((p) => p.requiresGrad && p.isLeaf())).toBe(true);
    expect(model.parameterCount()).toBe(4 + 15 + 2 * (18 + 12 + 12) + 25);
  });

  test("a loaded state dict gives another model the same outputs", () => {
    const [first, second] = [new Tagger().eval(), new Tagger().eval()];
    const ids = tensor([[1, 4, 0]], { dtype: "int32" });
    expect(second.forward(ids).dataSync()).not.toEqual(first.forward(ids).dataSync());
    second.loadStateDict(first.stateDict());
    expect(second.forward(ids).dataSync()).toEqual(first.forward(ids).dataSync());
    expect(second.output.weight.storage).not.toBe(first.output.weight.storage);
  });

  test("loadStateDict converts float32 to the parameter's float64", () => {
    const layer = new Linear(2, 1, { dtype: "float64" });
    layer.loadStateDict({ weight: tensor([[0.5, 2]], { dtype: "float32" }), bias: tensor([1], { dtype: "float32" }) });
    expect(layer.weight.arraySync()).toEqual([[0.5, 2]]);
    expect(layer.weight.dtype).toBe("float64");
  });

  test("loadStateDict names every missing, unexpected and misfit key, and changes nothing", () => {
    const model = new Tagger();
    const before = model.parameters().map((p) => p.dataSync());
    const { scale: _, "output.bias": __, ...rest } = model.stateDict();
    const wrong = { ...rest, extra: zeros([1]), "output.weight": zeros([4, 5]) };
    const load = (): void => model.loadStateDict(wrong);
    expect(load).toThrow(DataError);
    expect(load).toThrow("missing: scale, output.bias");
    expect(load).toThrow("unexpected: extra");
    expect(load).toThrow("wrong shape: output.weight is [4, 5], expected [5, 4]");
    expect(model.parameters().map((p) => p.dataSync())).toEqual(before);
  });

  test("loadStateDict raises a ShapeError where only shapes are wrong, and refuses integers", () => {
    const layer = new Linear(2, 3);
    const { weight, bias } = layer.stateDict();
    expect(() => layer.loadStateDict({ weight: zeros([2, 3]), bias })).toThrow(ShapeError);
    expect(() => layer.loadStateDict({ weight, bias: zeros([3], { dtype: "int32" }) })).toThrow(/bias is int32/);
  });

  test("eval and train reach every part", () => {
    const model = new Tagger();
    expect(model.eval().drop.training).toBe(false);
    expect(model.train().drop.training).toBe(true);
  });

  test("parameters outlive the scope that made them", () => {
    const layer = scope(() => ({ made: new Linear(2, 2) })).made;
    expect(layer.forward(ones([1, 2])).shape).toEqual([1, 2]);
  });

  test("two parameters of one path are refused, and so is an integer one", () => {
    class Twice extends Module {
      constructor() {
        super();
        this.child("part", new Linear(1, 1));
        this.child("part", new Linear(1, 1));
      }
    }
    class Integer extends Module {
      readonly ids = this.parameter("ids", zeros([2], { dtype: "int32" }));
    }
    expect(() => new Twice()).toThrow("two parameters are called part.weight");
    expect(() => new Integer()).toThrow("parameter ids is int32");
  });

  test("dispose gives all memory back", () => {
    const before = memory();
    const layer = new Linear(30, 40);
    scope(() =>
      layer
        .forward(ones([1, 30]))
        .sum()
        .backward(),
    );
    expect(memory().bytes).toBeGreaterThan(before.bytes);
    layer.dispose();
    expect(memory().bytes).toBe(before.bytes);
  });
});

describe("layers", () => {
  test("the same seed gives the same parameters, float32 those of float64 rounded", () => {
    const double = new Linear(3, 4, { dtype: "float64", random: new Random(5) });
    const single = new Linear(3, 4, { dtype: "float32", random: new Random(5) });
    expect(single.weight.dataSync()).toEqual(Float32Array.from(double.weight.dataSync()));
  });

  test("Linear without bias has none", () => {
    const layer = new Linear(3, 4, { bias: false });
    expect(Object.keys(layer.stateDict())).toEqual(["weight"]);
    expect(layer.forward(ones([2, 5, 3])).shape).toEqual([2, 5, 4]);
  });

  test("Dropout lets everything pass in evaluation mode, and keeps the mean while training", () => {
    const layer = new Dropout(0.25, { random: new Random(3) });
    const x = ones([4000], { dtype: "float64" });
    expect(layer.forward(x).mean().itemSync()).toBeCloseTo(1, 1);
    expect(layer.eval().forward(x)).toBe(x);
  });

  test("LayerNorm's rows have mean 0 and variance 1", () => {
    const y = new LayerNorm(4, { dtype: "float64" }).forward(tensor([[1, 2, 3, 10]], { dtype: "float64" }));
    expect(y.mean().itemSync()).toBeCloseTo(0, 12);
    expect(y.pow(2).mean().itemSync()).toBeCloseTo(1, 5);
  });
});

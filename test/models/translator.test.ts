import { describe, expect, test } from "vitest";
import {
  Adam,
  assertGradients,
  clipGradNorm,
  createTranslator,
  crossEntropy,
  detectAnomaly,
  grad,
  memory,
  noGrad,
  Random,
  scope,
  type Tensor,
  type Translator,
  type TranslatorConfig,
  tensor,
} from "../../src/index.js";

const PAD = 0;
const sizes = { sourceVocabulary: 9, targetVocabulary: 8, embeddingSize: 3, hiddenSize: 4, attentionSize: 5 };
const variants = (["rnnsearch", "rnnencdec"] as const).flatMap((model) =>
  (["gru", "lstm", "rnn"] as const).map((cell) => ({ model, cell })),
);

const make = (config: Partial<TranslatorConfig>): Translator =>
  createTranslator({ model: "rnnsearch", ...sizes, ...config }, { dtype: "float64", random: new Random(8) });

const ids = (rows: number[][]): Tensor => tensor(rows, { dtype: "int32" });
const source = ids([
  [3, 8, 1, 5],
  [7, 2, PAD, PAD],
]);
const mask = source.notEqual(PAD);
const target = ids([
  [1, 4, 6],
  [1, 5, PAD],
]);
const labels = ids([
  [4, 6, 2],
  [5, 2, PAD],
]);

const lossOf = (model: Translator, from = source, to = target): Tensor =>
  crossEntropy(model.forward(from, mask, to).logits, labels, { ignoreIndex: PAD });

const numbers = (tensors: readonly (Tensor | null)[]) => tensors.map((t) => t?.dataSync());

describe.each(variants)("$model with $cell", (variant) => {
  test("stepping gives the teacher-forced logits and weights", () => {
    const model = make(variant);
    noGrad(() => {
      const forced = model.forward(source, mask, target);
      const encoded = model.encode(source, mask);
      let { state } = encoded;
      for (let t = 0; t < 3; t++) {
        const step = model.step(encoded, target.at(t, { axis: 1 }), state);
        expect(
          step.logits
            .sub(forced.logits.at(t, { axis: 1 }))
            .abs()
            .max()
            .itemSync(),
        ).toBeLessThan(1e-14);
        if (forced.weights) {
          const difference = step.weights?.sub(forced.weights.at(t, { axis: 1 })) as Tensor;
          expect(difference.abs().max().itemSync()).toBeLessThan(1e-14);
        } else expect(step.weights).toBeNull();
        state = step.state;
      }
    });
  });

  test("padding tokens change no logit that counts, no weight and no gradient", () => {
    const model = make(variant);
    const otherSource = ids([
      [3, 8, 1, 5],
      [7, 2, 6, 4],
    ]);
    const otherTarget = ids([
      [1, 4, 6],
      [1, 5, 7],
    ]);
    const run = (from: Tensor, to: Tensor) => {
      const { logits, weights } = model.forward(from, mask, to);
      const loss = crossEntropy(logits, labels, { ignoreIndex: PAD });
      return numbers([loss, weights?.slice(null, [0, 2]) ?? null, ...grad(loss, model.parameters())]);
    };
    expect(run(otherSource, otherTarget)).toEqual(run(source, target));
  });

  test("the embedding of padding gets exactly 0 as its gradient", () => {
    const model = make(variant);
    const [ofSource, ofTarget] = grad(lossOf(model), [model.sourceEmbedding.weight, model.targetEmbedding.weight]);
    expect(ofSource?.at(PAD).arraySync()).toEqual([0, 0, 0]);
    expect(ofTarget?.at(PAD).arraySync()).toEqual([0, 0, 0]);
    expect(ofSource?.at(7).abs().sum().itemSync()).toBeGreaterThan(0);
  });

  test("each row's logits are those it has alone", () => {
    const model = make(variant);
    noGrad(() => {
      const together = model.forward(source, mask, target).logits.at(1);
      const alone = model.forward(ids([[7, 2]]), tensor([[true, true]]), ids([[1, 5, PAD]])).logits.at(0);
      expect(together.sub(alone).abs().max().itemSync()).toBeLessThan(1e-14);
    });
  });

  test("selected rows of an encoded source go on as those sentences", () => {
    const model = make(variant);
    noGrad(() => {
      const encoded = model.encode(source, mask);
      const token = ids([[1, 1]]).at(0);
      const first = model.step(encoded, token, encoded.state);
      const rows = ids([[1, 1, 0]]).at(0);
      const selected = model.select(encoded, rows);
      const again = model.step(selected, ids([[1, 1, 1]]).at(0), selected.state);
      const expected = first.logits.gather(rows);
      expect(again.logits.sub(expected).abs().max().itemSync()).toBeLessThan(1e-14);
      expect(model.selectState(first.state, rows).dataSync()).toEqual(again.state.dataSync());
    });
  });

  test("a tap that changes nothing changes no number", () => {
    const model = make(variant);
    const plain = model.forward(source, mask, target);
    const tapped = model.forward(source, mask, target, { tap: (_, x) => x.mul(1) });
    expect(tapped.logits.dataSync()).toEqual(plain.logits.dataSync());
  });

  test("the parameter gradients pass the gradient check", () => {
    const model = createTranslator(
      {
        model: variant.model,
        cell: variant.cell,
        sourceVocabulary: 4,
        targetVocabulary: 3,
        embeddingSize: 2,
        hiddenSize: 2,
      },
      { dtype: "float64", random: new Random(8) },
    );
    const [from, to] = [
      ids([
        [3, 1, 2],
        [2, 1, 0],
      ]),
      ids([
        [1, 2],
        [1, 0],
      ]),
    ];
    const real = from.notEqual(PAD);
    assertGradients(() => model.forward(from, real, to).logits, [], { module: model });
  });
});

describe("Translator", () => {
  test("the sites that a tap sees, with their shapes", () => {
    const shapes = (config: Partial<TranslatorConfig>): Record<string, string> => {
      const seen: Record<string, string> = {};
      make(config).forward(source, mask, target, {
        tap: (site, x) => {
          seen[site] = x.shape.join();
          return x;
        },
      });
      return seen;
    };
    const search = shapes({});
    expect(search).toMatchObject({
      "source.embedding": "2,4,3",
      "encoder.forward.state[3]": "2,4",
      "encoder.forward.recurrence[0]": "2,4",
      "encoder.backward.recurrence[3]": "2,4",
      "encoder.h": "2,4,8",
      bridge: "2,4",
      "attention.values": "2,4,8",
      "attention.keys": "2,4,8",
      "decoder.query[0]": "2,5",
      "decoder.e[0]": "2,4",
      "decoder.alpha[2]": "2,4",
      "decoder.context[1]": "2,8",
      "decoder.s[2]": "2,4",
      "decoder.logits": "2,3,8",
    });
    expect(shapes({ model: "rnnencdec", cell: "lstm" })).toMatchObject({
      "encoder.forward.recurrence[0]": "2,2,4",
      "decoder.context": "2,8",
      "decoder.s[2]": "2,2,4",
    });
  });

  test("dropout acts while training only", () => {
    const model = make({ dropout: 0.5 });
    const logits = () => numbers([model.forward(source, mask, target).logits]);
    expect(logits()).not.toEqual(logits());
    model.eval();
    expect(logits()).toEqual(logits());
  });

  test("training steps in float32 lower the loss and leave nothing behind", () => {
    const model = createTranslator({ model: "rnnsearch", ...sizes }, { dtype: "float32", random: new Random(8) });
    const optimizer = new Adam(model, { learningRate: 0.02 });
    const step = (): number =>
      scope(() => {
        optimizer.zeroGrad();
        const loss = lossOf(model);
        loss.backward();
        clipGradNorm(optimizer, 1);
        optimizer.step();
        return loss.itemSync();
      });
    const first = step();
    const before = memory();
    let last = first;
    for (let i = 0; i < 30; i++) last = step();
    expect(memory()).toEqual(before);
    expect(last).toBeLessThan(first / 2);
  });

  test("an anomaly report names the module and the time step", () => {
    const model = make({});
    const poison = (): void => {
      model.forward(source, mask, target, {
        tap: (site, x) => (site === "decoder.query[1]" ? x.mul(1e308).mul(1e308) : x),
      });
    };
    expect(() => detectAnomaly(poison)).toThrow(/decoder step 1/);
  });

  test.each([
    [{ hiddenSize: 0 }, /hiddenSize must be a whole number of 1 or more, got 0/],
    [{ embeddingSize: 2.5 }, /embeddingSize/],
    [{ cell: "gruu" as "gru" }, /no cell "gruu": there are rnn, gru, lstm/],
    [{ model: "transformer" as "rnnsearch" }, /no model "transformer": there are rnnsearch, rnnencdec/],
    [{ dropout: 1 }, /dropout/],
  ])("config %o is refused", (config, message) => {
    expect(() => make(config)).toThrow(message);
  });

  test("inputs that do not fit are named", () => {
    const model = make({});
    expect(() => model.forward(source, mask.slice(null, [0, 3]), target)).toThrow(/source \[2, 4\] and mask \[2, 3\]/);
    expect(() => model.forward(source, source, target)).toThrow(/mask int32, but must be int32 and bool/);
    expect(() => model.forward(source, mask, target.slice([0, 1]))).toThrow(/target \[1, 3\] must be \[2, target\]/);
    expect(() => model.forward(ids([[3, 9, 1, 5]]), mask.slice([0, 1]), ids([[1]]))).toThrow(/index 9 at position 1/);
  });
});

import { describe, expect, it } from "vitest";
import { DecoderSteps } from "../../../src/study/explanation/decoder-steps.js";
import { decisionGradient, erasure } from "../../../src/study/explanation/erasure.js";
import { tensor } from "../../../src/tensor/create.js";
import { dot, expectEqual, list, matrix, measure, pair, plus, scale } from "../measured.js";
import { cells, smallModel } from "../small-model.js";

describe.each(cells)("decoder steps behind a %s encoder", (cell) => {
  const model = smallModel({ cell });

  it("say with the model's own weights what the model says", () => {
    const steps = new DecoderSteps(model, pair);
    const { trace } = measure(model);
    expectEqual(list(steps.logits), list(trace.logits));
    expectEqual(list(steps.choose([0, 1, 2, 3])(steps.weights)), list(trace.logits));
  });

  it("say with other weights at one step what the model says with them there", () => {
    const other = [0.1, 0.2, 0.3, 0.25, 0.15];
    const { trace } = measure(model, {
      change: (site, x) => (site === "decoder.alpha[2]" ? tensor([other], { dtype: "float64" }) : x),
    });
    const steps = new DecoderSteps(model, pair);
    const rows = steps.choose([2, 2])(tensor([other, other], { dtype: "float64" }));
    expectEqual(list(rows.at(1)), list(trace.logits.at(0).at(2)));
  });

  it("have the decision's gradient of the trace: ∂ logit_t(ŷ_t)/∂α_tj", () => {
    const { trace } = measure(model);
    const gradients = matrix(decisionGradient(new DecoderSteps(model, pair)));
    gradients.forEach((row, t) => {
      const logits = trace.logits.at(0).at(t);
      const [gradient] = trace.gradients(logits.max(), [`decoder.alpha[${t}]`]);
      expectEqual(row, list(gradient));
    });
  });
});

describe("steps of a model without attention", () => {
  it("cannot be had", () => {
    expect(() => new DecoderSteps(smallModel({ model: "rnnencdec" }), pair)).toThrow(/rnnencdec has none/);
  });
});

describe("erasure", () => {
  const model = smallModel();
  const output = model.stateDict()["output.weight"];
  output.assign(output.detach().mul(30));
  const readout = model.stateDict()["readout.weight"];
  readout.assign(readout.detach().mul(3));

  it("gives the share of weights gone when the word changes, found one by one", () => {
    const found = erasure(model, pair);
    const steps = new DecoderSteps(model, pair);
    const decisions = list(steps.logits.argmax({ axis: 1 }));
    matrix(steps.weights).forEach((weights, t) => {
      const order = weights.map((_, j) => j).sort((a, b) => weights[b] - weights[a]);
      const shares = order.map((_, count) => {
        const gone = new Set(order.slice(0, count + 1));
        const left = weights.map((weight, j) => (gone.has(j) ? 0 : weight));
        const sum = left.reduce((a, b) => a + b);
        const rows = tensor([scale(left, sum > 0 ? 1 / sum : 0)], { dtype: "float64" });
        return list(steps.choose([t])(rows).argmax({ axis: 1 }))[0] === decisions[t] ? null : (count + 1) / 5;
      });
      expect(found.attention[t]).toBe(shares.find((share) => share !== null) ?? 1);
    });
    expect(Math.min(...found.attention)).toBeLessThan(1);
  });

  it("orders at random alike for the same seed", () => {
    expect(erasure(model, pair, { seed: 3 })).toEqual(erasure(model, pair, { seed: 3 }));
  });
});

describe("the context of a step", () => {
  it("moves with α as Σ_j α_j h_j says", () => {
    const { trace, states, values } = measure(smallModel());
    const byHand = values("alpha")[1]
      .map((weight, j) => scale(states[j], weight))
      .reduce(plus);
    expectEqual(list(trace.value("decoder.context[1]")), byHand);
    expect(dot(byHand, byHand)).toBeGreaterThan(0);
  });
});

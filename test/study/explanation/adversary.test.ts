import { describe, expect, it } from "vitest";
import { adversary } from "../../../src/study/explanation/adversary.js";
import { DecoderSteps } from "../../../src/study/explanation/decoder-steps.js";
import { jensenShannon, totalVariation } from "../../../src/study/explanation/divergence.js";
import { tensor } from "../../../src/tensor/create.js";
import { memory } from "../../../src/tensor/devices.js";
import { expectEqual, list, matrix, pair } from "../measured.js";
import { smallModel } from "../small-model.js";

describe("the adversarial attention", () => {
  const model = smallModel();
  const found = adversary(model, pair, { iterations: 60 });

  it("says the same to 0.01 in total variation, and is as far from α as it says", () => {
    const steps = new DecoderSteps(model, pair);
    const outputs = matrix(
      steps
        .choose([0, 1, 2, 3])(tensor(found.weights, { dtype: "float64" }))
        .softmax(),
    );
    const own = matrix(steps.logits.softmax());
    const alpha = matrix(steps.weights);
    expectEqual(
      found.outputChange,
      outputs.map((p, t) => totalVariation(p, own[t])),
    );
    expectEqual(
      found.divergence,
      found.weights.map((row, t) => jensenShannon(row, alpha[t])),
    );
    expect(Math.max(...found.outputChange)).toBeLessThanOrEqual(0.01);
    expectEqual(
      found.weights.map((row) => row.reduce((a, b) => a + b)),
      [1, 1, 1, 1],
    );
  });

  it("is far away in a model that hardly looks at its context", () => {
    const careless = smallModel();
    for (const name of ["readout.weight", "cell.weight_ih"]) {
      const weight = careless.stateDict()[name];
      weight.assign(weight.detach().mul(0.02));
    }
    expect(Math.min(...adversary(careless, pair).divergence)).toBeGreaterThan(0.35);
    expect(Math.max(...adversary(careless, pair).divergence)).toBeLessThanOrEqual(Math.LN2);
  });

  it("stays at home where nothing may change", () => {
    const { divergence, weights } = adversary(model, pair, { tolerance: 0, iterations: 5 });
    expect(divergence).toEqual([0, 0, 0, 0]);
    expectEqual(weights.flat(), list(new DecoderSteps(model, pair).weights));
  });

  it("touches no parameter's gradient, and leaves nothing in memory", () => {
    const before = memory().bytes;
    adversary(model, pair, { iterations: 3 });
    expect(memory().bytes).toBe(before);
    expect(model.parameters().every(({ grad }) => grad === null)).toBe(true);
  });
});

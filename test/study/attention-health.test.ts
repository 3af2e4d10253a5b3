import { describe, expect, it } from "vitest";
import { jacobian } from "../../src/autograd/functional.js";
import { DataError } from "../../src/errors.js";
import { attentionHealth, relativeEntropy, softmaxJacobianNorm } from "../../src/study/attention-health.js";
import { tensor } from "../../src/tensor/create.js";
import { expectEqual, list, matrix, measure, pair, times } from "./measured.js";
import { smallModel } from "./small-model.js";

describe("attention's health", () => {
  it("is an entropy of 1 where all is alike and 0 at one word", () => {
    expect(relativeEntropy([0.25, 0.25, 0.25, 0.25])).toBeCloseTo(1, 12);
    expect(relativeEntropy([0, 1, 0])).toBe(0);
    expect(relativeEntropy([1])).toBe(0);
  });

  it("is the Frobenius norm of the softmax's Jacobian, as autograd has it", () => {
    const scores = tensor([0.3, -1.2, 2.1, 0.4], { dtype: "float64" });
    const J = jacobian((x) => x.softmax(), scores);
    expect(softmaxJacobianNorm(list(scores.softmax()))).toBeCloseTo(Math.hypot(...list(J)), 12);
    expect(softmaxJacobianNorm([0, 1, 0])).toBe(0);
  });

  it("counts the tanh units of the alignment model that pass almost nothing", async () => {
    const model = smallModel();
    for (const name of ["W.weight", "U.weight"]) {
      const weight = model.stateDict()[name];
      weight.assign(weight.detach().mul(12));
    }
    const { saturated, entropy } = await attentionHealth(model, pair);
    const { values, states } = measure(model);
    const U = matrix(model.stateDict()["U.weight"]);
    const expected = values("query").map((query) => {
      const units = states.flatMap((h) => times(U, h).map((key, a) => Math.tanh(key + query[a]) ** 2));
      return units.filter((square) => square > 0.95).length / units.length;
    });
    expectEqual(saturated, expected);
    expect(Math.max(...saturated)).toBeGreaterThan(0.2);
    expect(Math.min(...saturated)).toBeLessThan(1);
    expectEqual(entropy, values("alpha").map(relativeEntropy));
  });

  it("cannot be asked of a model without attention", async () => {
    await expect(attentionHealth(smallModel({ model: "rnnencdec" }), pair)).rejects.toThrow(DataError);
  });
});

import { describe, expect, it } from "vitest";
import { makeBatch } from "../../../src/data/batches.js";
import { totalVariation } from "../../../src/study/explanation/divergence.js";
import {
  leaveOneOut,
  median,
  permutation,
  saliency,
  uniformAttention,
} from "../../../src/study/explanation/faithfulness.js";
import { cut } from "../../../src/study/scalpels.js";
import { batchTensors } from "../../../src/training/batch-tensors.js";
import { dot, expectEqual, list, matrix, measure, pair } from "../measured.js";
import { smallModel } from "../small-model.js";

const model = smallModel();

describe("saliency", () => {
  it.each([true, false])("is |x_j · ∂p_t(y_t)/∂x_j|, through the attention: %s", (throughAttention) => {
    const found = saliency(model, pair, { throughAttention });
    const { trace } = measure(model, throughAttention ? {} : { change: cut("attention") });
    const embeddings = matrix(trace.value("source.embedding").at(0));
    list(trace.labels).forEach((label, t) => {
      const p = trace.logits.softmax().at(0).at(t).at(label);
      const [gradient] = trace.gradients(p, ["source.embedding"]);
      const rows = matrix(gradient!.at(0));
      expectEqual(
        found[t],
        embeddings.map((x, j) => Math.abs(dot(x, rows[j]))),
      );
    });
  });
});

describe("leave one out", () => {
  it("is how far the output moves without a word, each sentence run by itself", () => {
    const found = leaveOneOut(model, pair);
    const said = (source: readonly number[]): number[][] => {
      const tensors = batchTensors(makeBatch([{ ...pair, source }]), "cpu");
      return matrix(model.forward(tensors.source, tensors.mask, tensors.target).logits.softmax().at(0));
    };
    const whole = said(pair.source);
    pair.source.forEach((_, j) => {
      const without = said(pair.source.filter((_, k) => k !== j));
      expectEqual(
        found.map((row) => row[j]),
        whole.map((p, t) => totalVariation(p, without[t])),
      );
    });
    expect(found.map((row) => row.length)).toEqual([5, 5, 5, 5]);
    expect(found.map((row) => row[4])).toEqual([0, 0, 0, 0]);
  });
});

describe("permutation", () => {
  it("changes little where α is nearly even, and gives the same for the same seed", () => {
    const found = permutation(model, pair, { permutations: 7, seed: 2 });
    expect(found).toEqual(permutation(model, pair, { permutations: 7, seed: 2 }));
    expect(Math.min(...found)).toBeGreaterThan(0);
    const even = smallModel();
    const v = even.stateDict()["v.weight"];
    v.assign(v.detach().mul(0));
    expectEqual(permutation(even, pair), [0, 0, 0, 0]);
  });
});

describe("uniform attention", () => {
  it("is 1/S everywhere, and gives the mean of the states as context", () => {
    const { values, states } = measure(model, { change: uniformAttention });
    expectEqual(values("alpha").flat(), new Array(20).fill(0.2));
    const mean = states[0].map((_, i) => states.reduce((sum, h) => sum + h[i], 0) / 5);
    for (const context of values("context")) expectEqual(context, mean);
  });
});

describe("median", () => {
  it("is the middle one, or the mean of the middle two", () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
  });
});

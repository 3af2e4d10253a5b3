import { describe, expect, it } from "vitest";
import { explainCorpus, explainPair } from "../../../src/study/explanation/explain.js";
import { expectEqual, list, measure, pair } from "../measured.js";
import { sentence, smallModel, vocabularies } from "../small-model.js";

const model = smallModel();
const options = { iterations: 4, permutations: 3 };
const pairs = [sentence, { source: ["a", "b", "c"], target: ["u", "v"], alignment: [[0, 0]] as const }];

describe("explainPair", () => {
  it("has a number for every target word, as plain data", () => {
    const found = explainPair(model, pair, options);
    const lists = [
      ...Object.values(found.tau),
      found.permutation,
      found.adversary.divergence,
      ...Object.values(found.erasure),
    ];
    expect(lists.map((one) => one.length)).toEqual(lists.map(() => 4));
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    expectEqual([found.loss.observed], list(measure(model).loss));
    expect(found.loss.uniform).not.toBe(found.loss.observed);
  });

  it("cannot be asked of a model without attention", () => {
    expect(() => explainPair(smallModel({ model: "rnnencdec" }), pair)).toThrow(/rnnencdec has no attention/);
  });
});

describe("explainCorpus", () => {
  it("gathers all sentences, with the alignment error rate of attention and of saliency", async () => {
    const shares: number[] = [];
    const found = await explainCorpus(model, vocabularies, pairs, {
      ...options,
      onProgress: (share) => void shares.push(share),
    });
    expect(shares).toEqual([0.5, 1]);
    expect(found.sentences).toBe(2);
    expect(found.permutation.length).toBe(4 + 3);
    expect(found.alignmentErrorRate!.attention).toBeGreaterThanOrEqual(0);
    expect(found.alignmentErrorRate!.saliency).toBeLessThanOrEqual(1);
    const { observed } = explainPair(model, pair, options).loss;
    expect(found.loss.observed).toBeGreaterThan(0);
    expect(observed).toBeGreaterThan(0);
  });

  it("stops when told, with what is known", async () => {
    const controller = new AbortController();
    const found = await explainCorpus(model, vocabularies, pairs, {
      ...options,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    expect(found.sentences).toBe(1);
    expect(found.permutation.length).toBe(4);
  });

  it("knows no alignment error rate without gold alignments", async () => {
    const found = await explainCorpus(model, vocabularies, [{ source: ["a"], target: ["u"] }], options);
    expect(found.alignmentErrorRate).toBeNull();
  });
});

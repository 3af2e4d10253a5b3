import { describe, expect, it } from "vitest";
import { encodePairs } from "../../../src/data/batches.js";
import { createTranslator } from "../../../src/models/create-translator.js";
import { jensenShannon, totalVariation } from "../../../src/study/explanation/divergence.js";
import { seedVariance } from "../../../src/study/explanation/seed-variance.js";
import { studySentence } from "../../../src/study/study-sentence.js";
import { memory } from "../../../src/tensor/devices.js";
import { Random } from "../../../src/tensor/random.js";
import { sentence, smallModel, vocabularies } from "../small-model.js";

const model = smallModel();
const other = createTranslator(model.config, { dtype: "float64", random: new Random(6) });
const pairs = encodePairs([sentence, { source: ["a"], target: ["u"] }], vocabularies.source, vocabularies.target);

describe("seedVariance", () => {
  it("is nothing between a model and itself", async () => {
    const { divergence, outputChange, tau } = await seedVariance(model, model, pairs);
    expect(Math.max(...divergence, ...outputChange)).toBe(0);
    expect(tau.every((one) => Math.abs(one - 1) < 1e-12)).toBe(true);
    expect(divergence.length).toBe(4 + 2);
  });

  it("is the divergence of the two attentions and of the two outputs, word by word", async () => {
    const before = memory().bytes;
    const { divergence, outputChange } = await seedVariance(model, other, pairs);
    expect(memory().bytes).toBe(before);
    const [ours, theirs] = [
      await studySentence(model, vocabularies, sentence),
      await studySentence(other, vocabularies, sentence),
    ];
    ours.alpha!.forEach((row, t) => {
      expect(divergence[t]).toBeCloseTo(jensenShannon(theirs.alpha![t], row), 12);
      expect(outputChange[t]).toBeGreaterThan(0);
    });
    expect(totalVariation([1, 0], [0, 1])).toBe(1);
  });

  it("cannot be asked of a model without attention", async () => {
    await expect(seedVariance(model, smallModel({ model: "rnnencdec" }), pairs)).rejects.toThrow(/has no attention/);
  });
});

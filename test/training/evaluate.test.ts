import { describe, expect, it } from "vitest";
import { encodePairs, makeBatch } from "../../src/data/batches.js";
import { grammarCorpus } from "../../src/data/grammar.js";
import type { SentencePair } from "../../src/data/pair.js";
import { Vocabulary } from "../../src/data/vocabulary.js";
import { DataError } from "../../src/errors.js";
import { createTranslator } from "../../src/models/create-translator.js";
import { memory } from "../../src/tensor/devices.js";
import { Random } from "../../src/tensor/random.js";
import { scope } from "../../src/tensor/scope.js";
import { hardAlignment } from "../../src/training/alignment-error-rate.js";
import { batchTensors, teacherForcedLoss } from "../../src/training/batch-tensors.js";
import { evaluate, meanLoss, metricsByLength, metricsOf, type SentenceResult } from "../../src/training/evaluate.js";

const corpus = grammarCorpus({ seed: 5, train: 200, validation: 0, test: 30, maxLength: 8 });
const vocabularies = {
  source: Vocabulary.build(corpus.train.map(({ source }) => source)),
  target: Vocabulary.build(corpus.train.map(({ target }) => target)),
};
const model = createTranslator(
  {
    model: "rnnsearch",
    sourceVocabulary: vocabularies.source.size,
    targetVocabulary: vocabularies.target.size,
    embeddingSize: 5,
    hiddenSize: 6,
  },
  { dtype: "float64", random: new Random(2) },
);

const result = (changes: Partial<SentenceResult>): SentenceResult => ({
  source: ["a"],
  references: [["x", "y", "z", "w"]],
  output: ["x", "y", "z", "w"],
  loss: 1,
  tokens: 5,
  alignment: null,
  ...changes,
});

describe("evaluate", () => {
  it("measures the loss of each sentence as a batch of its own would, whatever batch it was in", async () => {
    const results = await evaluate(model, vocabularies, corpus.test, { batchSize: 7, maxLength: 3 });
    expect(results.map(({ source }) => source)).toEqual(corpus.test.map(({ source }) => source));
    for (const [i, pair] of corpus.test.entries()) {
      const alone = makeBatch(encodePairs([pair], vocabularies.source, vocabularies.target));
      const loss = scope(() => teacherForcedLoss(model, batchTensors(alone, "cpu")).itemSync());
      expect(results[i].tokens).toBe(pair.target.length + 1);
      expect(results[i].loss / results[i].tokens).toBeCloseTo(loss, 12);
    }
    const mean = await meanLoss(model, encodePairs(corpus.test, vocabularies.source, vocabularies.target), {
      batchSize: 4,
    });
    expect(metricsOf(results).loss).toBeCloseTo(mean, 12);
  });

  it("takes the alignment from the attention while the model says the reference, padding left out", async () => {
    const results = await evaluate(model, vocabularies, corpus.test, { maxLength: 3 });
    for (const [i, { source, target, alignment: gold }] of corpus.test.entries()) {
      const alone = makeBatch(encodePairs([{ source, target }], vocabularies.source, vocabularies.target));
      const weights = scope(() => {
        const { source: ids, mask, target: said } = batchTensors(alone, "cpu");
        return model.forward(ids, mask, said).weights?.arraySync();
      }) as number[][][];
      const predicted = hardAlignment(weights[0], { sourceLength: source.length, targetLength: target.length });
      expect(results[i].alignment).toEqual({ gold, predicted });
    }
  });

  it("counts all translations of one sentence as its references", async () => {
    const pairs: SentencePair[] = [
      { source: ["Tom"], target: ["汤姆"] },
      { source: ["Mary"], target: ["玛丽"] },
      { source: ["Tom"], target: ["杰瑞"] },
    ];
    const results = await evaluate(model, vocabularies, pairs, { maxLength: 2 });
    expect(results.map(({ source }) => source)).toEqual([["Tom"], ["Mary"]]);
    expect(results[0].references).toEqual([["汤姆"], ["杰瑞"]]);
    expect(results[0].tokens).toBe(4);
  });

  it("tells how far it is, and leaves no tensor behind", async () => {
    const shares: number[] = [];
    const options = { batchSize: 10, maxLength: 2, onProgress: (share: number) => void shares.push(share) };
    await evaluate(model, vocabularies, corpus.test, options);
    const before = memory().storages;
    await evaluate(model, vocabularies, corpus.test, options);
    expect(memory().storages).toBe(before);
    expect(shares.slice(0, 3)).toEqual([1 / 3, 2 / 3, 1]);
  });

  it("says that there is nothing to take a mean of", async () => {
    await expect(meanLoss(model, [])).rejects.toThrow(new DataError("meanLoss: there are no pairs"));
  });
});

describe("metrics of results", () => {
  it("weigh the loss by tokens, and know the alignment error rate only where there is gold", () => {
    const aligned = result({ loss: 3, tokens: 1, alignment: { gold: [[0, 0]], predicted: [[1, 0]] } });
    expect(metricsOf([result({}), aligned])).toEqual({ loss: 4 / 6, exactMatch: 1, bleu: 1, alignmentErrorRate: 1 });
    expect(metricsOf([result({})]).alignmentErrorRate).toBeNull();
  });

  it("by length: buckets without a sentence are left out, the last one ends at the longest", () => {
    const long = result({ source: new Array(13).fill("a"), output: ["no"] });
    expect(metricsByLength([result({}), long], [3, 6, 9])).toEqual([
      { from: 1, to: 3, count: 1, exactMatch: 1, bleu: 1, alignmentErrorRate: null },
      { from: 10, to: 13, count: 1, exactMatch: 0, bleu: 0, alignmentErrorRate: null },
    ]);
  });
});

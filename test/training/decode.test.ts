import { describe, expect, it } from "vitest";
import { makeBatch } from "../../src/data/batches.js";
import { BOS, EOS, PAD } from "../../src/data/vocabulary.js";
import { DataError } from "../../src/errors.js";
import { createTranslator } from "../../src/models/create-translator.js";
import type { Translator } from "../../src/models/translator.js";
import { memory } from "../../src/tensor/devices.js";
import { Random } from "../../src/tensor/random.js";
import { scope } from "../../src/tensor/scope.js";
import { batchTensors } from "../../src/training/batch-tensors.js";
import { decode, lengthPenalty } from "../../src/training/decode.js";

const translator = (model: "rnnsearch" | "rnnencdec", cell: "gru" | "lstm" = "gru", targetVocabulary = 7): Translator =>
  createTranslator(
    { model, cell, sourceVocabulary: 9, targetVocabulary, embeddingSize: 4, hiddenSize: 5 },
    { dtype: "float64", random: new Random(11) },
  );
const sources = [[4, 5, 6], [8], [7, 7, 4, 5, 8]];

/** ln p of a translation and its attention by one teacher-forced pass, which shares no code with decoding. */
function forced(model: Translator, source: readonly number[], target: readonly number[], ended: boolean) {
  return scope(() => {
    const tensors = batchTensors(makeBatch([{ source, target }]), "cpu");
    const { logits, weights } = model.forward(tensors.source, tensors.mask, tensors.target);
    const logP = logits.logSoftmax().arraySync() as number[][][];
    const said = ended ? [...target, EOS] : target;
    return {
      logP: logP[0],
      logProbability: said.reduce((sum, token, t) => sum + logP[0][t][token], 0),
      weights: weights && ((weights.arraySync() as number[][][])[0].slice(0, said.length) as number[][]),
    };
  });
}

describe.each([
  ["rnnsearch", "gru"],
  ["rnnencdec", "gru"],
  ["rnnsearch", "lstm"],
] as const)("decode with %s (%s)", (name, cell) => {
  const model = translator(name, cell);

  it("greedy decoding says at each step the likeliest token of a teacher-forced pass", async () => {
    const decoded = await decode(model, sources, { maxLength: 6 });
    for (const [i, { tokens, logProbability, ended, weights }] of decoded.entries()) {
      const truth = forced(model, sources[i], tokens, ended);
      const said = ended ? [...tokens, EOS] : tokens;
      said.forEach((token, t) => {
        const allowed = truth.logP[t].map((logP, id) => (id === PAD || id === BOS ? Number.NEGATIVE_INFINITY : logP));
        expect(token).toBe(allowed.indexOf(Math.max(...allowed)));
      });
      expect(logProbability).toBeCloseTo(truth.logProbability, 12);
      if (!truth.weights) expect(weights).toBeNull();
      else {
        expect(weights).toHaveLength(said.length);
        truth.weights.flat().forEach((weight, at) => {
          expect(weights?.flat()[at]).toBeCloseTo(weight, 12);
        });
      }
    }
  });

  it("a beam that is wide enough finds the best of all translations up to a length", async () => {
    const small = translator(name, cell, 6);
    const words = [3, 4, 5];
    const all = [1, 2, 3].flatMap((length) =>
      Array.from({ length: words.length ** length }, (_, n) =>
        Array.from({ length }, (_, i) => words[Math.floor(n / words.length ** i) % words.length]),
      ),
    );
    // At the longest length a translation counts without its end, as the search has to stop there.
    const worth = [...all, []].map((target) => {
      const ended = target.length < 3;
      const { logProbability } = forced(small, sources[0], target, ended);
      return { target, value: logProbability / lengthPenalty(target.length + Number(ended), 0.6) };
    });
    const best = worth.reduce((a, b) => (b.value > a.value ? b : a));
    const [found] = await decode(small, [sources[0]], { beam: 40, maxLength: 3 });
    expect(found.tokens).toEqual(best.target);
  });

  it("gives a sentence the same translation alone and among others", async () => {
    const together = await decode(model, sources, { beam: 3, maxLength: 8 });
    for (const [i, source] of sources.entries()) {
      const [alone] = await decode(model, [source], { beam: 3, maxLength: 8 });
      expect(alone.tokens).toEqual(together[i].tokens);
      expect(alone.logProbability).toBeCloseTo(together[i].logProbability, 12);
    }
  });

  it("never says <pad> or <bos>, and stops at the longest length", async () => {
    for (const { tokens, ended } of await decode(model, sources, { beam: 4, maxLength: 5 })) {
      expect(tokens).not.toContain(PAD);
      expect(tokens).not.toContain(BOS);
      expect(tokens.length).toBeLessThanOrEqual(5);
      if (!ended) expect(tokens).toHaveLength(5);
    }
  });

  it("leaves no tensor behind", async () => {
    await decode(model, sources, { beam: 2, maxLength: 4 });
    const before = memory().storages;
    await decode(model, sources, { beam: 2, maxLength: 4 });
    await decode(model, sources, { maxLength: 4 });
    expect(memory().storages).toBe(before);
  });
});

describe("decode", () => {
  it("uses no dropout, and puts the model's mode back", async () => {
    const config = {
      model: "rnnsearch",
      sourceVocabulary: 9,
      targetVocabulary: 7,
      embeddingSize: 4,
      hiddenSize: 5,
    } as const;
    const model = createTranslator({ ...config, dropout: 0.9 }, { dtype: "float64", random: new Random(1) });
    const first = await decode(model, sources);
    expect(await decode(model, sources)).toEqual(first);
    expect(model.training).toBe(true);
  });

  it("a higher length penalty never gives a shorter translation", async () => {
    const model = translator("rnnsearch");
    const lengths = await Promise.all(
      [0, 0.5, 1].map(async (lengthPenalty) => {
        const decoded = await decode(model, sources, { beam: 6, lengthPenalty, maxLength: 8 });
        return decoded.map(({ tokens }) => tokens.length);
      }),
    );
    for (const sentence of sources.keys()) {
      expect(lengths[1][sentence]).toBeGreaterThanOrEqual(lengths[0][sentence]);
      expect(lengths[2][sentence]).toBeGreaterThanOrEqual(lengths[1][sentence]);
    }
  });

  it("gives nothing for nothing, and refuses a beam of 0", async () => {
    const model = translator("rnnsearch");
    expect(await decode(model, [])).toEqual([]);
    await expect(decode(model, sources, { beam: 0 })).rejects.toThrow(
      new DataError("decode: beam must be 1 or more, got 0"),
    );
  });
});

describe("the beam as it is told step by step", () => {
  it("is a tree whose ended branches hold the translation, with its ln p", async () => {
    const model = translator("rnnsearch");
    const branches: { tokens: number[]; logProbability: number; ended: boolean }[][] = sources.map(() => []);
    const live: number[][][] = sources.map(() => [[]]);
    const decoded = await decode(model, sources, {
      beam: 3,
      maxLength: 6,
      onStep: (sentence, kept) => {
        expect(kept.length).toBeLessThanOrEqual(3);
        const before = live[sentence];
        const told = kept.map(({ parent, token, ...rest }) => ({ tokens: [...before[parent], token], ...rest }));
        branches[sentence].push(...told);
        live[sentence] = told.filter(({ ended }) => !ended).map(({ tokens }) => tokens);
      },
    });
    for (const [i, { tokens, logProbability, ended }] of decoded.entries()) {
      const said = ended ? [...tokens, EOS] : [...tokens];
      const branch = branches[i].find((one) => one.ended && one.tokens.join() === said.join());
      expect(branch?.logProbability).toBe(logProbability);
    }
  });
});

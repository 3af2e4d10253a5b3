import { describe, expect, it } from "vitest";
import { RNNsearch } from "../../src/models/rnnsearch.js";
import { studySentence } from "../../src/study/study-sentence.js";
import { memory } from "../../src/tensor/devices.js";
import { expectEqual, measure } from "./measured.js";
import { sentence, smallModel, vocabularies } from "./small-model.js";

describe("studySentence", () => {
  it("gives the words with their <eos>, the gold links, and rows of α that sum to 1 and of ē that sum to 0", async () => {
    const study = await studySentence(smallModel(), vocabularies, sentence);
    expect(study.source).toEqual(["c", "a", "f", "b", "<eos>"]);
    expect(study.target).toEqual(["w", "u", "y", "<eos>"]);
    expect(study.gold).toEqual(sentence.alignment);
    expectEqual(
      study.alpha!.map((row) => row.reduce((a, b) => a + b)),
      [1, 1, 1, 1],
    );
    expectEqual(
      study.eBar!.map((row) => row.reduce((a, b) => a + b)),
      [0, 0, 0, 0],
    );
  });

  it("gives what the traces say, as plain data that JSON carries whole", async () => {
    const model = smallModel();
    const study = await studySentence(model, vocabularies, sentence);
    const { values, gradients } = measure(model);
    expect(study.alpha).toEqual(values("alpha"));
    expect(study.alphaBar).toEqual(gradients("alpha"));
    expect(study.eBar).toEqual(gradients("e"));
    expect(JSON.parse(JSON.stringify(study))).toEqual(study);
  });

  it("translates a sentence that has no target itself, and knows no gold links then", async () => {
    const study = await studySentence(smallModel(), vocabularies, { source: ["a", "nobody"] });
    expect(study.source).toEqual(["a", "nobody", "<eos>"]);
    expect(study.target.at(-1)).toBe("<eos>");
    expect(study.gold).toBeNull();
    expect(study.influence.length).toBe(study.target.length);
  });

  it("has no attention to show for a model without, but paths and influence", async () => {
    const study = await studySentence(smallModel({ model: "rnnencdec" }), vocabularies, sentence);
    expect([study.alpha, study.alphaBar, study.eBar]).toEqual([null, null, null]);
    expectEqual(
      study.paths.bridge.map((share, j) => share + study.paths.recurrence[j]),
      [1, 1, 1, 1, 1],
    );
    expect(Math.min(...study.influence.flat())).toBeGreaterThan(0);
  });

  it("turns dropout off meanwhile, and leaves the model as it was", async () => {
    const model = smallModel({ dropout: 0.5 });
    expect(await studySentence(model, vocabularies, sentence)).toEqual(
      await studySentence(smallModel(), vocabularies, sentence),
    );
    expect(model.training).toBe(true);
    expect(model).toBeInstanceOf(RNNsearch);
    expect(model.parameters().every(({ grad }) => grad === null)).toBe(true);
  });

  it("leaves nothing in memory", async () => {
    const model = smallModel();
    const before = memory().bytes;
    for (let i = 0; i < 3; i++) await studySentence(model, vocabularies, { source: ["a", "b"] });
    expect(memory().bytes).toBe(before);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BOS, EOS, PAD, UNK, Vocabulary } from "../../src/data/vocabulary.js";
import { DataError } from "../../src/errors.js";

const sentences = [
  ["b", "a", "c"],
  ["b", "a"],
  ["b", "d"],
];

describe("Vocabulary", () => {
  it("orders by count, then by string, after the four special tokens", () => {
    expect(Vocabulary.build(sentences).toJSON().tokens).toEqual([
      "<pad>",
      "<bos>",
      "<eos>",
      "<unk>",
      "b",
      "a",
      "c",
      "d",
    ]);
    expect([PAD, BOS, EOS, UNK]).toEqual([0, 1, 2, 3]);
  });

  it("does not depend on the order of the sentences", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string())), (lists) => {
        expect(Vocabulary.build([...lists].reverse())).toEqual(Vocabulary.build(lists));
      }),
    );
  });

  it("drops what is rarer than the minimum count and what is over the maximum size", () => {
    expect(Vocabulary.build(sentences, { minimumCount: 2 }).toJSON().tokens.slice(4)).toEqual(["b", "a"]);
    expect(Vocabulary.build(sentences, { maximumSize: 5 }).toJSON().tokens.slice(4)).toEqual(["b"]);
  });

  it("encodes unknown words, and words spelt like a special token, as <unk>", () => {
    const vocabulary = Vocabulary.build([["a", "<pad>", "<eos>"]]);
    expect(vocabulary.size).toBe(5);
    expect(vocabulary.encode(["a", "z", "<eos>", "<pad>", "toString", "__proto__"])).toEqual([4, 3, 3, 3, 3, 3]);
  });

  it("decodes to the first <eos> and shows <unk>", () => {
    const vocabulary = Vocabulary.build(sentences);
    expect(vocabulary.decode([BOS, 4, UNK, 5, EOS, 6, PAD])).toEqual(["b", "<unk>", "a"]);
    expect(() => vocabulary.decode([99])).toThrow(/id 99 is not in 0…7/);
    expect(() => vocabulary.token(-1)).toThrow(DataError);
  });

  it("brings back every known sentence whole, also through JSON", () => {
    const word = fc.string({ minLength: 1 }).filter((text) => !/^<(pad|bos|eos|unk)>$/.test(text));
    fc.assert(
      fc.property(fc.array(fc.array(word)), (lists) => {
        const vocabulary = Vocabulary.build(lists);
        const again = Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)));
        expect(again).toEqual(vocabulary);
        for (const sentence of lists) expect(again.decode(again.encode(sentence))).toEqual(sentence);
      }),
    );
  });

  it.each([
    [null, /expected {"tokens"/],
    [{}, /expected {"tokens"/],
    [["<pad>"], /expected {"tokens"/],
    [{ tokens: ["<pad>", 1] }, /all strings/],
    [{ tokens: ["<pad>", "<eos>", "<bos>", "<unk>"] }, /token 1 must be <bos>, got "<eos>"/],
    [{ tokens: ["<pad>"] }, /token 1 must be <bos>, got undefined/],
    [{ tokens: ["<pad>", "<bos>", "<eos>", "<unk>", "a", "b", "a"] }, /"a" stands there twice/],
  ])("refuses the JSON %j", (json, message) => {
    expect(() => Vocabulary.fromJSON(json)).toThrow(DataError);
    expect(() => Vocabulary.fromJSON(json)).toThrow(message);
  });

  it("refuses a minimum count under 1 and a size without room for words", () => {
    expect(() => Vocabulary.build([], { minimumCount: 0 })).toThrow(/minimumCount must be 1 or more, got 0/);
    expect(() => Vocabulary.build([], { maximumSize: 4 })).toThrow(/maximumSize must be over 4, got 4/);
  });
});

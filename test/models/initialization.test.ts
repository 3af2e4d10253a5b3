import { describe, expect, test } from "vitest";
import { createTranslator, initializeAsBahdanau, Random, type Tensor } from "../../src/index.js";

const model = createTranslator(
  { model: "rnnsearch", sourceVocabulary: 40, targetVocabulary: 40, embeddingSize: 16, hiddenSize: 24 },
  { dtype: "float64", random: new Random(1) },
);
initializeAsBahdanau(model, { random: new Random(2) });
const parameters = model.stateDict();
const deviation = (x: Tensor): number => x.pow(2).mean().sqrt().itemSync();

describe("initializeAsBahdanau", () => {
  test("every gate's recurrent matrix is orthogonal", () => {
    const recurrent = Object.entries(parameters).filter(([path]) => path.includes("weight_hh"));
    expect(recurrent).toHaveLength(3);
    for (const [, weight] of recurrent) {
      for (const block of weight.split(3)) {
        const product = block.matmul(block, { transposeB: true }).arraySync() as number[][];
        product.forEach((row, i) => {
          row.forEach((value, j) => {
            expect(Math.abs(value - (i === j ? 1 : 0))).toBeLessThan(1e-13);
          });
        });
      }
    }
  });

  test("biases and v are zero, W and U have deviation 0.001, the rest 0.01", () => {
    for (const [path, parameter] of Object.entries(parameters)) {
      if (path.includes("weight_hh")) continue;
      const expected = path.includes("bias") || path === "v.weight" ? 0 : /^[WU]\./.test(path) ? 0.001 : 0.01;
      expect(Math.abs(deviation(parameter) - expected), path).toBeLessThanOrEqual(expected * 0.1);
    }
  });
});

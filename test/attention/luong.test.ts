import { describe, expect, test } from "vitest";
import {
  type Attended,
  ConcatAttention,
  dotAttention,
  GeneralAttention,
  grad,
  Random,
  randn,
  type Tensor,
  tensor,
} from "../../src/index.js";

const random = new Random(6);
const sizes = { querySize: 3, valueSize: 3, attentionSize: 4 };
const general = new GeneralAttention(sizes, { dtype: "float64", random });
const concat = new ConcatAttention(sizes, { dtype: "float64", random });
const mask = tensor([
  [true, true, false],
  [false, false, false],
]);
const kinds: Record<string, (query: Tensor, h: Tensor) => Attended> = {
  dot: (query, h) => dotAttention(query, h, h, { mask }),
  general: (query, h) => general.forward(query, general.memory(h, { mask })),
  concat: (query, h) => concat.forward(query, concat.memory(h, { mask })),
};

describe.each(Object.keys(kinds))("%s attention", (kind) => {
  test("gives masked positions, and rows of nothing else, no weight and no gradient", () => {
    const query = randn([2, 3], { dtype: "float64", random });
    const h = randn([2, 3, 3], { dtype: "float64", random, requiresGrad: true });
    const { context, weights } = kinds[kind](query, h);
    const [gradient] = grad(context.pow(2).sum(), [h]);
    expect(weights.at(1).abs().sum().itemSync()).toBe(0);
    expect(gradient?.at(1).abs().sum().itemSync()).toBe(0);
    expect(gradient?.at(0).at(2).abs().sum().itemSync()).toBe(0);
    expect(gradient?.at(0).at(1).abs().sum().itemSync()).toBeGreaterThan(0);
  });
});

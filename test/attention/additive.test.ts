import { describe, expect, test } from "vitest";
import {
  AdditiveAttention,
  additiveAttention,
  assertGradients,
  grad,
  noGrad,
  Random,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "../../src/index.js";

const sizes = { querySize: 4, valueSize: 3, attentionSize: 5 };
const random = new Random(4);
const attention = new AdditiveAttention(sizes, { dtype: "float64", random });
const leaf = (shape: number[]): Tensor => {
  const x = randn(shape, { dtype: "float64", random });
  x.requiresGrad = true;
  return x;
};
const query = leaf([3, 2, 4]);
const annotations = leaf([3, 5, 3]);
const lengths = [5, 2, 0];
const mask = tensor(lengths.map((length) => Array.from({ length: 5 }, (_, j) => j < length)));

const attend = (h: Tensor, q = query) => attention.forward(q, attention.memory(h, { mask }));

/** A loss that hangs on context and weights alike. */
const lossOf = (h: Tensor): Tensor => {
  const { context, weights } = attend(h);
  return context.pow(2).sum().add(weights.pow(3).sum());
};

describe("additive attention", () => {
  test("weights sum to 1 over the real positions and are 0 at padding", () => {
    const weights = attend(annotations).weights.arraySync() as number[][][];
    lengths.forEach((length, row) => {
      for (const alpha of weights[row]) {
        expect(alpha.reduce((sum, a) => sum + a, 0)).toBeCloseTo(length > 0 ? 1 : 0, 14);
        expect(alpha.slice(length).every((a) => a === 0)).toBe(true);
      }
    });
  });

  test("no gradient reaches a masked source position, on either road", () => {
    for (const createGraph of [false, true]) {
      const [gradient] = grad(lossOf(annotations), [annotations], { createGraph });
      const rows = gradient?.arraySync() as number[][][];
      lengths.forEach((length, row) => {
        expect(
          rows[row]
            .slice(length)
            .flat()
            .every((g) => g === 0),
        ).toBe(true);
        expect(
          rows[row]
            .slice(0, length)
            .flat()
            .every((g) => g !== 0),
        ).toBe(true);
      });
    }
  });

  test("what lies at masked positions changes neither result nor gradient", () => {
    const other = mask.reshape([3, 5, 1]).where(annotations.detach(), randn([3, 5, 3], { dtype: "float64", random }));
    other.requiresGrad = true;
    const numbers = (h: Tensor) => {
      const { context, weights } = attend(h);
      return [context, weights, ...grad(lossOf(h), [h, query, ...attention.parameters()])].map((t) => t?.dataSync());
    };
    expect(numbers(other)).toEqual(numbers(annotations));
  });

  test("a row with no real position gets zero weights, a zero context and zero gradients", () => {
    const { context, weights } = attend(annotations);
    const [toQuery, toAnnotations] = grad(lossOf(annotations), [query, annotations]);
    for (const t of [context, weights, toQuery, toAnnotations]) {
      expect(
        t
          ?.at(2)
          .dataSync()
          .every((value) => value === 0),
      ).toBe(true);
    }
  });

  test("one query gives what it gives among many", () => {
    const many = attend(annotations);
    const one = attend(annotations, query.at(1, { axis: 1 }));
    expect(one.context.shape).toEqual([3, 1, 3]);
    expect(one.context.dataSync()).toEqual(many.context.slice(null, [1, 2]).dataSync());
    expect(one.weights.dataSync()).toEqual(many.weights.slice(null, [1, 2]).dataSync());
  });

  test("the tap sees each intermediate, a single query's without its axis, and may replace it", () => {
    const seen: string[] = [];
    const memory = attention.memory(annotations, {
      mask,
      tap: (site, x) => {
        seen.push(`${site} ${x.shape}`);
        return x;
      },
    });
    const { weights } = attention.forward(query.at(0, { axis: 1 }), memory, {
      tap: (site, x) => {
        seen.push(`${site} ${x.shape}`);
        return site === "alpha" ? zeros(x.shape, { dtype: "float64" }) : x;
      },
    });
    expect(seen).toEqual(["values 3,5,3", "keys 3,5,3", "query 3,5", "e 3,5", "alpha 3,5", "context 3,3"]);
    expect(weights.sum().itemSync()).toBe(0);
  });

  test("passes the gradient check with all its parameters, masked and twice differentiated", () => {
    const points = [query.slice([0, 2]).detach(), annotations.slice([0, 2]).detach()];
    const forward = (q: Tensor, h: Tensor): Tensor =>
      attention.forward(q, attention.memory(h, { mask: mask.slice([0, 2]) })).context;
    assertGradients(forward, points, { module: attention });
    assertGradients(forward, points, { order: 2 });
  });

  test("shapes that do not fit are named", () => {
    const v = randn([5], { dtype: "float64" });
    const keys = randn([3, 5, 5], { dtype: "float64" });
    const run = (q: Tensor, k: Tensor, values: Tensor) => noGrad(() => additiveAttention(q, k, values, v));
    expect(() => run(randn([2, 5], { dtype: "float64" }), keys, keys)).toThrow(/query \[2, 5\], keys \[3, 5, 5\]/);
    expect(() => run(randn([3, 5], { dtype: "float64" }), keys, keys.slice(null, [0, 4]))).toThrow(
      /values \[3, 4, 5\]/,
    );
    expect(() => run(randn([3, 4], { dtype: "float64" }), keys, keys)).toThrow(/additiveScore: query \[3, 1, 4\]/);
  });
});

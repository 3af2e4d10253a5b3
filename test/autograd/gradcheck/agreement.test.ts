import { describe, expect, test } from "vitest";
import { agreement, noError, runCase, ulp32, ulpError, worseOf } from "../../../src/autograd/gradcheck/agreement.js";
import { cases, operationNames } from "../../../src/autograd/gradcheck/cases/index.js";
import { operations } from "../../../src/autograd/operations/index.js";

describe("ulp", () => {
  test("one ulp is the distance to the next float32", () => {
    expect(ulp32(1)).toBe(2 ** -23);
    expect(ulp32(-1.999)).toBe(2 ** -23);
    expect(ulp32(2)).toBe(2 ** -22);
    expect(ulp32(0.75)).toBe(2 ** -24);
    expect(ulp32(0)).toBe(2 ** -149);
    expect(ulp32(2 ** -126)).toBe(2 ** -149);
  });

  test("a missing number is infinitely wrong, equal infinities are not", () => {
    expect(ulpError([Number.NaN], [1]).own).toBe(Number.POSITIVE_INFINITY);
    expect(ulpError([Number.POSITIVE_INFINITY, Number.NaN], [Number.POSITIVE_INFINITY, Number.NaN]).own).toBe(0);
    expect(ulpError([], [1]).own).toBe(Number.POSITIVE_INFINITY);
  });

  test("an element is measured in its own ulp and in that of the largest", () => {
    expect(ulpError([1 + 2 ** -23, 1024], [1, 1024])).toEqual({ own: 1, scaled: 2 ** -10 });
  });
});

describe("a fused backward kernel gives what its recorded rule gives, in float64", () => {
  const double = operationNames.filter((name) => {
    const { rule } = operations[name];
    return rule.backwardKernel && (rule.backward || rule.composed);
  });
  test.each(double)("%s", async (name) => {
    for (const [seed, checked] of cases[name].entries()) {
      const [kernel, rule] = await Promise.all(
        [false, true].map((createGraph) => runCase(checked, { dtype: "float64", device: "cpu", seed, createGraph })),
      );
      kernel.gradients.forEach((gradient, i) => {
        const expected = rule.gradients[i] as ArrayLike<number>;
        Array.from(gradient as ArrayLike<number>).forEach((value, at) => {
          expect(Math.abs(value - (expected[at] as number)), checked.title).toBeLessThan(1e-13);
        });
      });
    }
  });
});

describe("float32 on the CPU is within 2 ulp of float64 forward and 8 backward, in ulp of a tensor's largest element", () => {
  // 1 − y² cancels where tanh is near ±1, and loses as many digits as y has nines. So does what reaches a score through
  // the softmax, where the values pull nearly alike.
  const saturated: Partial<Record<string, number>> = { tanh: 40, linear: 120, additiveScore: 12, gruDecoder: 40 };

  // A chain of products, of scalings or of time steps, whose errors add up.
  const chained: Partial<Record<string, number>> = { matmul: 5, layerNorm: 3, gruSequence: 4, gruDecoder: 4 };

  test.each(operationNames)("%s", async (name) => {
    const found = await Promise.all(cases[name].map((checked, seed) => agreement(checked, "cpu", seed)));
    const forward = found.map((one) => one.forward).reduce(worseOf, noError);
    const backward = found.map((one) => one.backward).reduce(worseOf, noError);
    expect(forward.scaled).toBeLessThan(chained[name] ?? 2);
    expect(backward.scaled).toBeLessThan(saturated[name] ?? 8);
  });
});

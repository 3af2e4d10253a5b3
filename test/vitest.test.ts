import { describe, expect, test } from "vitest";
import { defineOp, type Tensor, tensor } from "../src/index.js";
import "../src/vitest.js";

const x = tensor(
  [
    [0.5, -1],
    [2, 0.1],
  ],
  { dtype: "float64", name: "x" },
);

describe("toPassGradcheck", () => {
  test("passes a right gradient", () => {
    expect((a: Tensor) => a.tanh()).toPassGradcheck([x], { order: 2 });
  });

  test("fails a wrong one with the worst element, and its negation passes", () => {
    const op = defineOp<Record<never, never>>("wrong", {
      takes: ["float"],
      shape: ([a]) => a.shape,
      forward: (kernels, [a]) => kernels.map("exp", a),
      backward: ({ output }, gy) => [gy.mul(output).mul(1.01)],
    });
    const wrong = (a: Tensor): Tensor => op([a], {});
    expect(wrong).not.toPassGradcheck([x]);
    expect(() => expect(wrong).toPassGradcheck([x])).toThrow(/worst element {3}∂output\[1, 0\]\/∂x\[1, 0\]/);
  });
});

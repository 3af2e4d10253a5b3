import { describe, expect, test } from "vitest";
import { weights } from "../../src/autograd/gradcheck/analytic.js";
import { cases, Draw, operationNames } from "../../src/autograd/gradcheck/cases/index.js";
import { operations } from "../../src/autograd/operations/index.js";
import { defineOp, grad, jvp, type Tensor, tensor, vjp } from "../../src/index.js";

const like = (x: Tensor, seed: number): Tensor => tensor(weights(x.size, seed), { shape: x.shape });
const inner = (a: Tensor, b: Tensor): number => a.mul(b).sum().itemSync();

test("every operation has a tangent rule of its own, or a composed twin", () => {
  const without = operationNames.filter((name) => !operations[name].rule.tangent && !operations[name].rule.composed);
  expect(without).toEqual([]);
});

describe("⟨u, J v⟩ = ⟨Jᵀu, v⟩ to rounding", () => {
  test.each(operationNames)("%s", (name) => {
    for (const [seed, { title, inputs, fn }] of cases[name].entries()) {
      const all = inputs(new Draw("float64", "cpu", seed));
      const floats = all.filter((x) => x.dtype === "float64");
      const run = (...moved: Tensor[]): Tensor => {
        let next = 0;
        return fn(...all.map((x) => (x.dtype === "float64" ? (moved[next++] as Tensor) : x)));
      };
      const tangents = floats.map((x, i) => like(x, 10 + i));
      const { output, tangent } = jvp(run, floats, tangents);
      const u = like(output, 99);
      const { gradients } = vjp(run, floats, u);
      const forward = inner(u, tangent);
      const reverse = gradients.reduce((sum, gradient, i) => sum + inner(gradient, tangents[i]), 0);
      expect(Math.abs(forward - reverse), title).toBeLessThan(1e-12 * Math.max(1, Math.abs(forward)));
    }
  });
});

test("an operation without a tangent rule gets one from its backward rule", () => {
  const op = defineOp<Record<never, never>>("scaled", {
    takes: ["float"],
    shape: ([x]) => x.shape,
    forward: (kernels, [x, y]) => kernels.zip("mul", x, y, x.shape),
    backward: ({ inputs: [x, y] }, gz) => [gz.mul(y), gz.mul(x)],
  });
  const [x, y] = [tensor([2, 3], { dtype: "float64" }), tensor([5, 7], { dtype: "float64" })];
  const one = tensor([1, 1], { dtype: "float64" });
  expect(jvp((a, b) => op([a, b], {}).exp().log(), [x, y], [one, one]).tangent.arraySync()).toEqual([7, 10]);
});

test("forward over reverse gives the Hessian times a vector", () => {
  const x = tensor([0.3, -0.8], { dtype: "float64" });
  const v = tensor([1, 10], { dtype: "float64" });
  const gradient = (a: Tensor): Tensor => grad([a.mul(a).mul(a).sum()], [a], { createGraph: true })[0] as Tensor;
  const { tangent } = jvp(gradient, [x], [v]);
  expect(tangent.arraySync()).toEqual([6 * 0.3 * 1, 6 * -0.8 * 10].map((value) => expect.closeTo(value, 12)));
});

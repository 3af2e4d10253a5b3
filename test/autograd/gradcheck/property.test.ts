import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runCase, ulpError } from "../../../src/autograd/gradcheck/agreement.js";
import { defineOp, gradcheck, showReport, type Tensor } from "../../../src/index.js";
import { inputsOf, type Problem, problems } from "./expressions.js";

const check = (problem: Problem, order: 1 | 2 = 1) =>
  gradcheck((...inputs) => problem.expression.evaluate(inputs), inputsOf(problem), { order, mode: "both" });

describe("random compositions of depth up to 6, random shapes, shared inputs", () => {
  test("every composition passes, in reverse and in forward mode", () => {
    fc.assert(
      fc.property(problems(), (problem) => {
        const report = check(problem);
        expect(report.failures, showReport(report)).toEqual([]);
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  test("every composition passes at order 2 where it has no kink", () => {
    fc.assert(
      fc.property(problems(), (problem) => {
        fc.pre(!/relu|abs|max|where|div/.test(String(problem.expression)) && !/^x\d$/.test(String(problem.expression)));
        const report = check(problem, 2);
        expect(report.failures, showReport(report)).toEqual([]);
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  test("a wrong operation is found, and the counter-example is shrunk to that operation alone", () => {
    const op = defineOp<Record<never, never>>("wrong", {
      takes: ["float"],
      shape: ([x]) => x.shape,
      forward: (kernels, [x]) => kernels.map("tanh", x),
      backward: ({ output: y }, gy) => [gy.sub(gy.mul(y).mul(y)).mul(1.0005)],
    });
    const wrong = (x: Tensor): Tensor => op([x], {});
    const { counterexample } = fc.check(
      fc.property(problems({ wrong }), (problem) => check(problem).passed),
      { numRuns: 400, seed: 3 },
    );
    expect(String(counterexample?.[0].expression)).toMatch(/^wrong\(x\d\)$/);
  });
});

test("float32 follows float64 through random compositions without a kink", async () => {
  await fc.assert(
    fc.asyncProperty(problems(), async ({ expression, shapes }) => {
      fc.pre(!/relu|abs|max|where/.test(String(expression)));
      const checked = {
        title: String(expression),
        inputs: (draw: { normal: (...shape: number[]) => Tensor }) => shapes.map((shape) => draw.normal(...shape)),
        fn: (...inputs: Tensor[]) => expression.evaluate(inputs),
      };
      const [truth, coarse] = await Promise.all(
        (["float64", "float32"] as const).map((dtype) => runCase(checked, { dtype, device: "cpu", seed: 5 })),
      );
      expect(ulpError(coarse.output, truth.output).scaled).toBeLessThan(100);
    }),
    { numRuns: 100, seed: 4 },
  );
});

import { describe, expect, test } from "vitest";
import { defineOp, gradcheck, Random, randn, showReport, type Tensor } from "../../../src/index.js";

const random = new Random(3);
const normal = (...shape: number[]): Tensor => randn(shape, { dtype: "float64", random });

describe("random directions", () => {
  const fn = (x: Tensor, w: Tensor): Tensor => x.matmul(w).tanh();

  test("pass a right gradient of 2,500 weights, and say what they would have found", () => {
    const inputs = [normal(3, 50), normal(50, 50).mul(0.1)];
    const report = gradcheck(fn, inputs, { directions: 4 });
    expect(showReport(report)).toMatch(/^gradcheck passed/);
    expect(report.directions).toMatchObject({ used: 4 });
    const { planted, found } = report.directions as { planted: number; found: number };
    expect(planted).toBeGreaterThan(150);
    expect(found / planted).toBeGreaterThan(0.95);
    expect(report.evaluations).toBeLessThan(60);
  });

  test("find one wrong element among 2,500, and say which", () => {
    const op = defineOp<Record<never, never>>("oneWrong", {
      takes: ["float"],
      shape: ([x]) => x.shape,
      forward: (kernels, [x]) => kernels.map("exp", x),
      backward: ({ output }, gy) => {
        const right = gy.mul(output);
        const place = output
          .mul(0)
          .reshape([2500])
          .slice([0, 1234])
          .pad([[0, 1]], 0.0005)
          .pad([[0, 1265]]);
        return [right.add(right.mul(place.reshape([50, 50])))];
      },
    });
    const report = gradcheck((x) => op([x], {}), [normal(50, 50)], { directions: 3 });
    expect(report.failures.map(({ kind }) => kind)).toEqual(["mismatch"]);
    expect(report.failures[0].message).toContain("x[24, 34] is wrong");
  });

  test("more directions find more", () => {
    const inputs = [normal(2, 8), normal(8, 8)];
    const share = (directions: number): number => {
      const { found, planted } = gradcheck(fn, inputs, { directions }).directions as { found: number; planted: number };
      return found / planted;
    };
    expect(share(1)).toBeLessThan(share(8));
    expect(share(8)).toBeGreaterThan(0.97);
  });
});

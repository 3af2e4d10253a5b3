import { describe, expect, test } from "vitest";
import { cases, Draw, operationNames } from "../../../src/autograd/gradcheck/cases/index.js";
import { epsSweep } from "../../../src/autograd/gradcheck/sweep.js";
import { describeSweep, plotSweep, sweepSvg } from "../../../src/autograd/gradcheck/sweep-plot.js";
import {
  additiveScore,
  type DType,
  defineOp,
  lstmGates,
  Random,
  randn,
  type Tensor,
  tensor,
} from "../../../src/index.js";

const random = new Random(3);
const normal = (dtype: DType, ...shape: number[]): Tensor => randn(shape, { dtype, random });

/** tanh with a gradient that is a given factor too large. */
const wrongTanh = (factor: number) => {
  const op = defineOp<Record<never, never>>("wrongTanh", {
    takes: ["float"],
    shape: ([x]) => x.shape,
    forward: (kernels, [x]) => kernels.map("tanh", x),
    backward: ({ output: y }, gy) => [gy.sub(gy.mul(y).mul(y)).mul(factor)],
  });
  return (x: Tensor): Tensor => op([x], {});
};

describe("a right formula gives a V", () => {
  test("in float64: truncation falls with eps², rounding grows with 1/eps", () => {
    const { verdict, truncation, rounding, best } = epsSweep((x) => x.tanh(), [normal("float64", 3, 4)]);
    expect(verdict).toBe("rounding");
    expect(truncation?.power).toBeCloseTo(2, 1);
    expect(rounding?.power).toBeGreaterThan(-1.2);
    expect(rounding?.power).toBeLessThan(-0.8);
    expect(best.error).toBeLessThan(1e-9);
  });

  const right: Record<string, (dtype: DType) => [(...x: Tensor[]) => Tensor, Tensor[]]> = {
    tanh: (dtype) => [(x) => x.tanh(), [normal(dtype, 3, 4)]],
    "an LSTM step": (dtype) => [lstmGates, [normal(dtype, 2, 12), normal(dtype, 2, 12), normal(dtype, 2, 2, 3)]],
    "additive scores": (dtype) => [additiveScore, [normal(dtype, 2, 2, 3), normal(dtype, 2, 4, 3), normal(dtype, 3)]],
    "a linear function": (dtype) => [(x) => x.mul(3), [normal(dtype, 5)]],
  };
  test.each(Object.keys(right))("%s, float64 and float32", (name) => {
    for (const dtype of ["float64", "float32"] as const) {
      const [fn, inputs] = right[name](dtype);
      const sweep = epsSweep((...x) => fn(...x), inputs);
      expect(sweep.verdict, describeSweep(sweep)).toBe("rounding");
    }
  });
});

test.each(operationNames)("%s: float64 and float32 pass the sweep", (name) => {
  const [{ inputs, fn }] = cases[name];
  for (const dtype of ["float64", "float32"] as const) {
    const sweep = epsSweep(fn, inputs(new Draw(dtype, "cpu", 0)));
    expect(sweep.verdict, `${dtype}: ${describeSweep(sweep)}`).toBe("rounding");
    expect(sweepSvg(sweep, name)).not.toMatch(/NaN|Infinity/);
  }
});

describe("a wrong formula gives a floor", () => {
  test.each([1.0005, 0.9995, 2, -1, 1.000001])("a factor %f, float64", (factor) => {
    expect(epsSweep(wrongTanh(factor), [normal("float64", 3, 4)]).verdict).toBe("wrong formula");
  });

  test.each([1.0005, 0.9995, 2, -1])("a factor %f, even in float32", (factor) => {
    expect(epsSweep(wrongTanh(factor), [normal("float32", 3, 4)]).verdict).toBe("wrong formula");
  });
});

test("as a terminal plot and as SVG", () => {
  const sweep = epsSweep((x) => x.tanh(), [tensor([0.3, -0.7], { dtype: "float64" })]);
  const plot = plotSweep(sweep);
  expect(plot.match(/●/g)).toHaveLength(23);
  expect(plot).toContain("formula right, rounding is what is left");
  const svg = sweepSvg(sweep, "tanh <float64>");
  expect(svg.match(/<circle/g)).toHaveLength(23);
  expect(svg).toContain("tanh &lt;float64>");
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test("a gradient of zero has nothing to compare", () => {
  expect(() => epsSweep((x) => x.mul(0), [normal("float64", 2)])).toThrow(/the gradient is zero here/);
});

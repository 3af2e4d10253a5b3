import { describe, expect, test } from "vitest";
import { assertGradients, gradcheck, gradgradcheck } from "../../../src/autograd/gradcheck/gradcheck.js";
import { type GradcheckReport, showReport } from "../../../src/autograd/gradcheck/report.js";
import { defineOp, Random, randn, type Tensor, tensor } from "../../../src/index.js";

const random = new Random(7);
const normal = (...shape: number[]): Tensor => randn(shape, { dtype: "float64", random });
const at = (...data: number[]): Tensor => tensor(data, { dtype: "float64" });
const kinds = (report: GradcheckReport): string[] => report.failures.map((failure) => failure.kind);

describe("a right gradient passes", () => {
  test("of one input, to any order", () => {
    expect(gradcheck((x) => x.tanh(), [normal(2, 3)], { order: 3 })).toMatchObject({ passed: true });
  });

  test("of an input used twice, of broadcast inputs, of several outputs", () => {
    const fn = (x: Tensor, y: Tensor) => ({ product: x.mul(x), list: [x.add(y), y.exp()] });
    expect(showReport(gradgradcheck(fn, [normal(2, 3), normal(3)]))).toMatch(/^gradcheck passed/);
  });

  test("with Richardson extrapolation the error falls by decades", () => {
    const x = normal(5);
    const fn = (t: Tensor): Tensor => t.exp().tanh();
    const plain = gradcheck(fn, [x], { eps: 1e-3, atol: 1e-5 });
    const better = gradcheck(fn, [x], { richardson: true });
    const error = (report: GradcheckReport): number => report.inputs[0].maxAbsoluteError;
    expect(better.passed && plain.passed).toBe(true);
    expect(error(better)).toBeLessThan(error(plain) / 1e4);
  });

  test("of an empty input there is nothing to find", () => {
    expect(gradcheck((x) => x.mul(2), [normal(0, 3)])).toMatchObject({ passed: true });
  });

  test("an input that the output truly ignores is reported as not connected, and passes", () => {
    const report = gradcheck((x, _y) => x.mul(2), [normal(2), normal(2)]);
    expect(report.passed).toBe(true);
    expect(report.inputs.map(({ connected }) => connected)).toEqual([true, false]);
  });
});

/** y = tanh x with a gradient changed on the way. */
const wrongTanh = (change: (gx: Tensor) => Tensor) => {
  const op = defineOp<Record<never, never>>("wrongTanh", {
    takes: ["float"],
    shape: ([x]) => x.shape,
    forward: (kernels, [x]) => kernels.map("tanh", x),
    backward: ({ output: y }, gy) => [change(gy.sub(gy.mul(y).mul(y)))],
  });
  return (x: Tensor): Tensor => op([x], {});
};

describe("the tester is tested", () => {
  const wrong: Record<string, (gx: Tensor) => Tensor> = {
    "0.05 % too large": (gx) => gx.mul(1.0005),
    "0.05 % too small": (gx) => gx.mul(0.9995),
    "of the other sign": (gx) => gx.neg(),
    "off by a constant of 1e-6": (gx) => gx.add(1e-6),
    "missing in the last element": (gx) => gx.slice([0, -1]).pad([[0, 1]]),
    "shifted by one": (gx) => gx.slice([1, null]).pad([[0, 1]]),
    "not linear in ȳ": (gx) => gx.abs(),
    zero: (gx) => gx.mul(0),
  };
  test.each(Object.keys(wrong))("a gradient %s is caught", (name) => {
    const report = gradcheck(wrongTanh(wrong[name]), [at(0.3, -0.8, 1.1)]);
    expect(kinds(report)).toContain("mismatch");
  });

  test("assigning instead of accumulating is caught", () => {
    const op = defineOp<Record<never, never>>("assigning", {
      takes: ["float"],
      shape: ([x]) => x.shape,
      forward: (kernels, [x]) => kernels.mapConstant("mul", x, 3),
      backward: (_, gy) => [gy.mul(3)],
      backwardKernel: (kernels, { inputs: [x] }, gy) => [
        {
          into: (gradient) =>
            kernels.assign(gradient, { storage: kernels.mapConstant("mul", gy, 3), offset: 0, shape: x.shape }),
        },
      ],
    });
    const triple = (x: Tensor): Tensor => op([x], {});
    expect(kinds(gradcheck(triple, [at(1, 2)]))).toEqual([]);
    expect(kinds(gradcheck((x) => triple(x).add(x.exp()), [at(1, 2)]))).toContain("mismatch");
    expect(kinds(gradcheck((x) => triple(x).mul(triple(x)), [at(1, 2)]))).toContain("mismatch");
  });

  test("a fused kernel that differs from its rule is caught, and the other way round", () => {
    const pair = (kernelFactor: number, ruleFactor: number) =>
      defineOp<Record<never, never>>("pair", {
        takes: ["float"],
        shape: ([x]) => x.shape,
        forward: (kernels, [x]) => kernels.mapConstant("mul", x, 2),
        backward: (_, gy) => [gy.mul(ruleFactor)],
        backwardKernel: (_kernels, _call, gy) => [gy.mul(kernelFactor)],
      });
    const roads = (kernelFactor: number, ruleFactor: number) =>
      gradcheck((x) => pair(kernelFactor, ruleFactor)([x], {}), [at(1, 2)]).failures.map(({ road }) => road);
    expect(roads(2, 2)).toEqual([]);
    expect(roads(2.001, 2)).toEqual(["reverse"]);
    expect(roads(2, 2.001)).toEqual(["recorded"]);
  });

  test("a second derivative that is wrong where the first is right is caught by order 2 alone", () => {
    const op = defineOp<Record<never, never>>("secondWrong", {
      takes: ["float"],
      shape: ([x]) => x.shape,
      forward: (kernels, [x]) => kernels.map("exp", x),
      backward: ({ output: y }, gy) => [gy.mul(y.detach())],
    });
    const fn = (x: Tensor): Tensor => op([x], {});
    expect(gradcheck(fn, [at(0.5, 1)]).passed).toBe(true);
    const report = gradgradcheck(fn, [at(0.5, 1)]);
    expect(report.failures.map(({ kind, order }) => [kind, order])).toEqual([["disconnected", 2]]);
  });
});

describe("each kind of failure has its own sentence", () => {
  const message = (report: GradcheckReport): string => {
    expect(report.passed).toBe(false);
    return showReport(report);
  };

  test("nondeterminism", () => {
    const noise = new Random(1);
    const report = gradcheck((x) => x.mul(noise.uniform()), [at(1)]);
    expect(message(report)).toMatch(/nondeterminism: two runs on the same input gave two outputs/);
  });

  test("nondeterminism of the backward pass alone", () => {
    const noise = new Random(1);
    const fn = wrongTanh((gx) => gx.mul(1 + 1e-12 * noise.uniform()));
    expect(message(gradcheck(fn, [at(0.5)]))).toMatch(/nondeterminism: two backward passes gave two gradients of x/);
  });

  test("disconnected", () => {
    const report = gradcheck((x, y) => x.mul(y.detach()), [at(1, 2), at(3, 4)], { names: ["left", "right"] });
    expect(message(report)).toMatch(/disconnected: the output depends on right, but no gradient reaches it/);
  });

  test("aliased inputs", () => {
    const x = at(1, 2, 3);
    expect(message(gradcheck((a, b) => a.mul(b), [x, x]))).toMatch(/aliased: x0 and x1 share memory/);
    expect(message(gradcheck((a, b) => a.add(b.sum()), [x, x.slice([1, 2])]))).toMatch(/aliased/);
  });

  test("an input that the function overwrites", () => {
    const report = gradcheck(
      (x) => {
        const y = x.mul(2);
        x.assign(at(0));
        return y;
      },
      [at(1)],
    );
    expect(message(report)).toMatch(/overwritten: the function changed x, its own input, in place/);
  });

  test("a dtype too coarse", () => {
    const report = gradcheck((x) => x, [tensor([1], { dtype: "float32" })]);
    expect(message(report)).toMatch(/dtype: x is float32, too coarse for a difference: give float64/);
  });

  test("non-finite output, and non-finite gradient", () => {
    expect(message(gradcheck((x) => x.log(), [at(-1)]))).toMatch(/non-finite: the output holds a NaN or infinity/);
    expect(message(gradcheck((x) => x.sqrt(), [at(0)]))).toMatch(/non-finite/);
  });

  test("a mismatch shows the worst element, both numbers, both errors", () => {
    const report = gradcheck((x) => wrongTanh((gx) => gx.mul(at(1, 1.5)))(x), [at(0.5, 0.1)], { names: ["state"] });
    const text = message(report);
    expect(text).toContain("mismatch: the gradient of state is not the slope of the function");
    expect(text).toContain("∂output[1]/∂state[1]");
    expect(text).toMatch(/analytic {6}1\.48/);
    expect(text).toMatch(/numeric {7}0\.99/);
    expect(text).toMatch(/4\.95e-1 absolute, 3\.33e-1 relative/);
    expect(text).toMatch(/wrong elements {2}1 of 4/);
  });
});

describe("kinks are told from errors", () => {
  const kinked: Record<string, [(x: Tensor) => Tensor, Tensor]> = {
    "relu at 0": [(x) => x.relu(), at(0, 1, -1)],
    "relu within eps of 0": [(x) => x.relu(), at(3e-7, 9.7e-7, -9e-7, 1)],
    "abs at 0": [(x) => x.abs(), at(0, 2)],
    "a tie of max": [(x) => x.max(), at(1, 3, 3)],
    "a tie of maximum": [(x) => x.maximum(2), at(2, 1)],
    "an edge of clamp": [(x) => x.clamp({ min: -1, max: 1 }), at(-1, 1, 0.5)],
  };
  test.each(Object.keys(kinked))("%s is a kink, and passes", (name) => {
    const [fn, x] = kinked[name];
    const report = gradcheck(fn, [x]);
    expect(showReport(report)).toContain("kink:");
    expect(report.failures).toEqual([]);
  });

  test("relu away from 0 has none", () => {
    expect(gradcheck((x) => x.relu(), [at(0.01, -0.01)]).kinks).toEqual([]);
  });

  test("a strong curve is no kink", () => {
    expect(gradcheck((x) => x.mul(300).tanh(), [at(0.001, 0.002, -0.003)], { rtol: 1e-4 }).kinks).toEqual([]);
  });

  test("a gradient outside of both slopes is a failure", () => {
    const op = defineOp<Record<never, never>>("wrongRelu", {
      takes: ["float"],
      shape: ([x]) => x.shape,
      forward: (kernels, [x]) => kernels.map("relu", x),
      backward: ({ inputs: [x] }, gy) => [x.equal(0).where(gy.mul(1.1), x.greater(0).where(gy, 0))],
    });
    expect(kinds(gradcheck((x) => op([x], {}), [at(0, 1)]))).toEqual(["kink"]);
  });

  test("a jump is an error", () => {
    expect(gradcheck((x) => x.add(x.greater(0).cast("float64")), [at(0)]).passed).toBe(false);
  });
});

describe("modules", () => {
  const layer = () => {
    const weight = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: "float64", requiresGrad: true },
    );
    const bias = tensor([5, 6], { dtype: "float64", requiresGrad: true });
    return {
      namedParameters: (): [string, Tensor][] => [
        ["inner.weight", weight],
        ["inner.bias", bias],
      ],
      forward: (x: Tensor): Tensor => x.matmul(weight).add(bias).tanh(),
    };
  };

  test("every parameter is checked under its path, and left as it was", () => {
    const module = layer();
    const before = module.namedParameters().map(([, p]) => p.arraySync());
    const report = gradgradcheck(module, [normal(3, 2).mul(0.1)]);
    expect(showReport(report)).toMatch(/^gradcheck passed: x, inner.weight, inner.bias, x \(order 2\)/);
    expect(module.namedParameters().map(([, p]) => p.arraySync())).toEqual(before);
    expect(module.namedParameters().map(([, p]) => p.grad)).toEqual([null, null]);
  });

  test("a wrong parameter is named", () => {
    const module = layer();
    const [, [, bias]] = module.namedParameters();
    const wrong = (x: Tensor): Tensor => module.forward(x).add(bias.detach());
    const report = gradcheck(wrong, [normal(1, 2)], { module });
    expect(report.failures.map(({ input }) => input)).toEqual(["inner.bias"]);
  });
});

test("assertGradients raises the whole report", () => {
  expect(() =>
    assertGradients(
      wrongTanh((gx) => gx.mul(2)),
      [at(0.5)],
    ),
  ).toThrow(/worst element {3}∂output\[0\]\/∂x\[0\]/);
  expect(() => assertGradients((x) => x.tanh(), [at(0.5)])).not.toThrow();
});

test("an impossible order or step is refused", () => {
  expect(() => gradcheck((x) => x, [at(1)], { eps: 0 })).toThrow(/eps must be above 0/);
  expect(() => gradcheck(() => at(1), [tensor([1], { dtype: "int32" })])).toThrow(/nothing to move/);
});

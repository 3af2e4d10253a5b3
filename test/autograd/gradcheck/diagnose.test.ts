import { describe, expect, test } from "vitest";
import { defineOp, gradcheck, Random, randn, type Tensor } from "../../../src/index.js";

const random = new Random(3);
const normal = (...shape: number[]): Tensor => randn(shape, { dtype: "float64", random });

/** An operation with the right value of `fn` and a given backward rule. */
const withBackward = (
  fn: (...x: Tensor[]) => Tensor,
  backward: (gy: Tensor, inputs: readonly Tensor[]) => Tensor[],
) => {
  const op = defineOp<Record<never, never>>("planted", {
    takes: ["float"],
    shape: (inputs) => fn(...inputs).shape,
    forward: (_, inputs) => {
      const y = fn(...inputs).detach();
      return y.keep().storage;
    },
    backward: ({ inputs }, gy) => backward(gy, inputs),
  });
  return (...x: Tensor[]): Tensor => op(x, {});
};

const square = (x: Tensor): Tensor => x.mul(x);
const planted: Record<string, [(...x: Tensor[]) => Tensor, Tensor[], RegExp]> = {
  "a wrong sign": [withBackward(square, (gy, [x]) => [gy.mul(x).mul(-2)]), [normal(3)], /^the sign$/],
  "a factor 2": [
    withBackward(
      (x) => x.exp(),
      (gy, [x]) => [gy.mul(x.exp()).mul(2)],
    ),
    [normal(3)],
    /^a factor 2/,
  ],
  "a forgotten use": [withBackward(square, (gy, [x]) => [gy.mul(x)]), [normal(3)], /^a factor ½/],
  "a mean for a sum": [
    withBackward(
      (x) => x.sum(),
      (gy) => [gy.mul(0.2).broadcastTo([5])],
    ),
    [normal(5)],
    /factor 1\/5, the size of an axis/,
  ],
  "another constant": [
    withBackward(square, (gy, [x]) => [gy.mul(x).mul(2.2)]),
    [normal(3)],
    /^a constant factor 1\.1$/,
  ],
  "nothing at all": [withBackward(square, (gy) => [gy.mul(0)]), [normal(3)], /^the gradient is zero everywhere/],
  "a transposed weight gradient": [
    withBackward(
      (w, x) => w.matmul(x),
      (gy, [w, x]) => [gy.matmul(x, { transposeB: true }).transpose(), w.matmul(gy, { transposeA: true })],
    ),
    [normal(3, 3), normal(3, 2)],
    /^the gradient is transposed$/,
  ],
  "a bias gradient that is not summed": [
    withBackward(
      (x, b) => x.add(b),
      (gy) => [gy, gy.at(0)],
    ),
    [normal(4, 3), normal(3)],
    /^only index 0 of output's axis 0 counts: the gradient is not summed over a broadcast axis$/,
  ],
  "a shift by one": [
    withBackward(square, (gy, [x]) => [
      gy
        .mul(x)
        .mul(2)
        .slice([1, null])
        .pad([[0, 1]]),
    ]),
    [normal(4)],
    /^shifted by one/,
  ],
  "a forgotten edge": [
    withBackward(square, (gy, [x]) => [
      gy
        .mul(x)
        .mul(2)
        .slice([0, -1])
        .pad([[0, 1]]),
    ]),
    [normal(4)],
    /^wrong only at the last index of axis 0: off by one at the edge$/,
  ],
};

describe("the likely cause is named", () => {
  test.each(Object.keys(planted))("%s", (name) => {
    const [fn, inputs, cause] = planted[name];
    const { failures } = gradcheck(fn, inputs);
    expect(failures.map((failure) => failure.kind)).toContain("mismatch");
    expect(failures[0].cause).toMatch(cause);
  });

  test("a use that is overwritten", () => {
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
    const { failures } = gradcheck((x) => op([x], {}).add(x.exp()), [normal(3)]);
    expect(failures[0].cause).toMatch(/^the input is used 2 times: is the gradient of one use assigned, not added/);
  });
});

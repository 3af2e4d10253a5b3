import { describe, expect, test } from "vitest";
import { grad, hessian, jacobian, jvp, type Tensor, tensor, vjp } from "../../src/index.js";

const plain = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "float64" });
const leaf = (data: number[]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });
const numbers = (x: Tensor | null | undefined): number[] => [...(x as Tensor).dataSync()];

/** d tanh/dx = 1 − tanh². */
const slope = (x: number): number => 1 - Math.tanh(x) ** 2;

describe("jvp", () => {
  test("tanh moves by (1 − tanh²) t", () => {
    const { output, tangent } = jvp((x) => x.tanh(), [plain([0.3, -2])], [plain([2, 3])]);
    expect(numbers(output)).toEqual([0.3, -2].map(Math.tanh));
    numbers(tangent).forEach((value, i) => {
      expect(value).toBeCloseTo([2, 3][i] * slope([0.3, -2][i]), 14);
    });
  });

  test("is zero where the function ignores its input", () => {
    const { tangent } = jvp((x) => x.detach().exp(), [plain([1, 2])], [plain([1, 1])]);
    expect(numbers(tangent)).toEqual([0, 0]);
  });

  test("a tangent of another shape is an error that names both", () => {
    expect(() => jvp((x) => x, [plain([1, 2])], [plain([1])])).toThrow(
      /jvp: input 0 is \[2\] float64, its tangent \[1\] float64/,
    );
  });
});

test("vjp gives uᵀJ, and zeros for an input that the function ignores", () => {
  const { gradients } = vjp((x, _y) => x.mul(x), [plain([1, 2]), plain([5])], plain([10, 100]));
  expect(gradients.map(numbers)).toEqual([[20, 400], [0]]);
});

test("jacobian of a product has one row an output", () => {
  const w = plain([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(jacobian((x) => w.matmul(x), plain([1, 1, 1])).arraySync()).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

test("hessian of x₀² x₁ is [[2 x₁, 2 x₀], [2 x₀, 0]]", () => {
  const h = hessian((x) => x.at(0).mul(x.at(0)).mul(x.at(1)), plain([3, 5]));
  expect(h.arraySync()).toEqual([
    [10, 6],
    [6, 0],
  ]);
});

test("a recorded pass is differentiable by the gradient it starts from", () => {
  const [x, u] = [leaf([0.1, 0.2]), leaf([1, 2])];
  const [gradient] = grad([x.tanh()], [x], { gradOutputs: [u], createGraph: true });
  const [byU] = grad([gradient as Tensor], [u], { gradOutputs: [plain([1, 1])] });
  expect(numbers(byU)).toEqual([0.1, 0.2].map((value) => 1 - Math.tanh(value) * Math.tanh(value)));
});

test("the fourth derivative of tanh is its closed form", () => {
  const x = leaf([-1.5, -0.3, 0, 0.2, 0.9]);
  let derivative = x.tanh();
  for (let order = 0; order < 4; order++) {
    derivative = grad([derivative.sum()], [x], { createGraph: true })[0] as Tensor;
  }
  // With t = tanh x: d⁴/dx⁴ = (1 − t²)(16 t − 24 t³).
  numbers(x).forEach((value, i) => {
    const t = Math.tanh(value);
    expect(numbers(derivative)[i]).toBeCloseTo((1 - t * t) * (16 * t - 24 * t ** 3), 12);
  });
});

test("an input that no output depends on gets null", () => {
  const [x, y] = [leaf([1]), leaf([2])];
  expect(grad([x.mul(2).sum()], [x, y])[1]).toBeNull();
});

import { describe, expect, test } from "vitest";
import { foreign } from "../../../src/autograd/gradcheck/foreign.js";
import { gradcheck, gradgradcheck, tensor } from "../../../src/index.js";

const x = tensor([0.5, -1, 2], { dtype: "float64" });
const y = tensor([1, 3, -2], { dtype: "float64" });

/** z = x ⊙ y, with the gradient of x scaled. */
const product = (factor: number) =>
  foreign({
    name: "product",
    forward: ([a, b]) => a.map((value, i) => value * b[i]),
    backward: ([a, b], gradient) => [gradient.map((g, i) => factor * g * b[i]), gradient.map((g, i) => g * a[i])],
  });

describe("a function of plain arrays with its own backward", () => {
  test("passes where it is right", () => {
    expect(gradcheck(product(1), [x, y]).passed).toBe(true);
  });

  test("fails where it is 0.05 % wrong", () => {
    expect(gradcheck(product(1.0005), [x, y]).failures.map(({ input }) => input)).toEqual(["x0"]);
  });

  test("has no second gradient, and the check says so", () => {
    const { failures } = gradgradcheck(product(1), [x, y]);
    expect(failures.map(({ kind, order }) => [kind, order])).toContainEqual(["disconnected", 2]);
  });

  test("keeps the shape that it is told", () => {
    const transpose = foreign({
      forward: ([a]) => [a[0], a[2], a[1], a[3]],
      backward: (_, g) => [[g[0], g[2], g[1], g[3]]],
      shape: ([[rows, columns]]) => [columns, rows],
    });
    const matrix = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: "float64" },
    );
    expect(transpose(matrix).arraySync()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(gradcheck(transpose, [matrix]).passed).toBe(true);
  });

  test("a gradient of the wrong length is an error that says so", () => {
    const short = foreign({ name: "short", forward: ([a]) => a, backward: () => [[1]] });
    expect(() => gradcheck(short, [x])).toThrow(/short: backward gave 1 numbers for input 0, which is \[3\] \(3\)/);
  });
});

import { describe, expect, test } from "vitest";
import * as bf from "../../src/index.js";

const f64 = (data: bf.NestedArray): bf.Tensor => bf.tensor(data, { dtype: "float64" });
const matrix = (rows: number, columns: number): bf.Tensor => bf.zeros([rows, columns], { dtype: "float64" });
const ids = (...data: number[]): bf.Tensor => bf.tensor(data, { dtype: "int32" });

type ErrorClass = new (message: string) => Error;
const wrong: Record<string, [() => unknown, ErrorClass, RegExp]> = {
  "inner sizes of a product": [
    () => matrix(32, 64).matmul(matrix(128, 10)),
    bf.ShapeError,
    /matmul: inner sizes differ: \[32, 64\] · \[128, 10\] \(64 ≠ 128\)/,
  ],
  "a product that a transpose would mend": [
    () => matrix(2, 3).matmul(matrix(4, 3)),
    bf.ShapeError,
    /Did you mean y\.transpose\(\)\?/,
  ],
  "a product with a scalar": [() => matrix(2, 2).matmul(f64(1)), bf.ShapeError, /a scalar has no axes: use mul\(\)/],
  "shapes that do not broadcast": [
    () => matrix(2, 3).add(matrix(2, 4)),
    bf.ShapeError,
    /add: cannot broadcast \[2, 3\] with \[2, 4\]: sizes 3 and 4 at axis -1 differ and neither is 1/,
  ],
  "two dtypes": [
    () => f64([1]).add(bf.tensor([1], { dtype: "float32" })),
    bf.DTypeError,
    /add: dtypes differ: float64 and float32: convert one with cast\(\)/,
  ],
  "an integer where a float is needed": [
    () => ids(1).tanh(),
    bf.DTypeError,
    /tanh: input 0 is \[1\] int32, but must be float32 or float64: convert it with cast\(\)/,
  ],
  "a float as an index": [() => f64([1]).gather(f64([0])), bf.DTypeError, /gather: input 1 is .* but must be int32/],
  "a float as a condition": [
    () => bf.where(f64([1]), f64([1]), f64([2])),
    bf.DTypeError,
    /where: input 0 is \[1\] float64, but must be bool/,
  ],
  "an index out of range": [
    () => matrix(3, 2).gather(ids(0, 3)),
    bf.ShapeError,
    /gather: index 3 at position 1 is not in \[0, 3\)/,
  ],
  "a class out of range": [
    () => matrix(2, 3).crossEntropy(ids(0, 7)),
    bf.ShapeError,
    /crossEntropy: target 7 at position 1 is no class in \[0, 3\)/,
  ],
  "an axis that is not there": [
    () => matrix(2, 3).sum({ axis: 2 }),
    bf.ShapeError,
    /sum: no axis 2: axes of rank 2 run from -2 to 1/,
  ],
  "an axis named twice": [() => matrix(2, 3).sum({ axis: [0, -2] }), bf.ShapeError, /sum: axis 0 is named twice/],
  "a maximum over nothing": [
    () => matrix(0, 3).max({ axis: 0 }),
    bf.ShapeError,
    /max: axis 0 of \[0, 3\] float64 is empty/,
  ],
  "a size that does not fit": [
    () => matrix(2, 3).reshape([4, -1]),
    bf.ShapeError,
    /reshape: \[2, 3\] float64 has 6 elements, which do not fill \[4, -1\]/,
  ],
  "parts that do not add up": [
    () => matrix(5, 1).split(2),
    bf.ShapeError,
    /split: 2 equal parts do not make up axis 0 of \[5, 1\] float64, which has 5/,
  ],
  "rows of different length joined": [
    () => bf.concat([matrix(1, 2), matrix(1, 3)]),
    bf.ShapeError,
    /concat: shapes \[1, 2\], \[1, 3\] may differ along axis 0 only/,
  ],
  "an axis left out of a permutation": [
    () => matrix(2, 3).permute([0, 0]),
    bf.ShapeError,
    /permute: \[0, 0\] must name each axis of \[2, 3\] float64 once/,
  ],
  "a mask of another width": [
    () => matrix(2, 3).softmax({ mask: bf.tensor([true, false]) }),
    bf.ShapeError,
    /softmax: mask \[2\] does not cover the rows of \[2, 3\]/,
  ],
  "a step of 0": [
    () => f64([1, 2]).slice([null, null, 0]),
    bf.ShapeError,
    /slice: the step must be a whole number ≠ 0/,
  ],
  "an index of at() that is not there": [
    () => f64([1, 2]).at(2),
    bf.ShapeError,
    /at: no index 2 along axis 0 of \[2\] float64, which has 2/,
  ],
  "a disposed tensor": [
    () => {
      const x = f64([1]);
      x.dispose();
      x.add(1);
    },
    bf.GraphError,
    /add\w*: \[1\] float64 was disposed of: return it from the scope that made it, or keep\(\) it/,
  ],
  "a device that is not loaded": [
    () => bf.zeros([1], { device: "gpu" }),
    bf.DeviceError,
    /device "gpu" is not loaded: call `await loadDevice\("gpu"\)` first/,
  ],
  "gates of another size": [
    () => bf.gruGates(matrix(2, 6), matrix(2, 5), matrix(2, 2)),
    bf.ShapeError,
    /gruGates: gates \[2, 6\] and \[2, 5\] must be \[2,6\] for a state of batch 2 and hidden size 2/,
  ],
  "a state of another rank": [
    () => bf.gruGates(matrix(2, 6), matrix(2, 6), bf.zeros([2, 2, 5], { dtype: "float64" })),
    bf.ShapeError,
    /gruGates: state \[2, 2, 5\] must be \[batch, hidden\]/,
  ],
  "a state without its memory": [
    () => bf.lstmGates(matrix(3, 8), matrix(3, 8), bf.zeros([1, 3, 2], { dtype: "float64" })),
    bf.ShapeError,
    /lstmGates: state \[1, 3, 2\] must be \[2, batch, hidden\]/,
  ],
  "a mask for other rows": [
    () => bf.gruGates(matrix(2, 6), matrix(2, 6), matrix(2, 2), bf.tensor([true])),
    bf.ShapeError,
    /gruGates: mask \[1\] must be \[2\], one place a row of the state/,
  ],
};

describe("a wrong operand is an error that names the operation, the shapes and the way out", () => {
  test.each(Object.keys(wrong))("%s", (name) => {
    const [run, kind, message] = wrong[name] as (typeof wrong)[string];
    expect(run).toThrow(kind);
    expect(run).toThrow(message);
  });
});

test("a cast between floats gives the gradient back in the input's dtype", () => {
  const x = bf.tensor([1, 2], { dtype: "float32", requiresGrad: true });
  x.cast("float64").mul(3).sum().backward();
  expect(x.grad?.dtype).toBe("float32");
  expect(x.grad?.arraySync()).toEqual([3, 3]);
});

test("no gradient comes back through an integer", () => {
  const x = bf.tensor([1.5, 2.5], { dtype: "float64", requiresGrad: true });
  const y = x.cast("int32").cast("float64").mul(x);
  y.sum().backward();
  expect(x.grad?.arraySync()).toEqual([1, 2]);
});

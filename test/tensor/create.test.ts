import { describe, expect, test } from "vitest";
import * as bf from "../../src/index.js";

describe("creation", () => {
  test("takes numbers, nested arrays, booleans, typed arrays", () => {
    expect(bf.tensor(3).shape).toEqual([]);
    expect(
      bf.tensor([
        [1, 2],
        [3, 4],
      ]).shape,
    ).toEqual([2, 2]);
    expect(bf.tensor([]).shape).toEqual([0]);
    expect(bf.tensor([[], []]).shape).toEqual([2, 0]);
    expect(bf.tensor([true, false]).dtype).toBe("bool");
    expect(bf.tensor(new Int32Array([1, 2])).dtype).toBe("int32");
    expect(bf.tensor(new Float64Array(6), { shape: [2, 3] }).dtype).toBe("float64");
  });

  test("ranges, constants, identity, one-hot rows", () => {
    const f64 = { dtype: "float64" } as const;
    expect(bf.arange(2, 8, 3, f64).arraySync()).toEqual([2, 5]);
    expect(bf.arange(3, 0, -1, f64).arraySync()).toEqual([3, 2, 1]);
    expect(bf.full([2], 7, f64).arraySync()).toEqual([7, 7]);
    expect(bf.eye(2, f64).arraySync()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(bf.oneHot([[1], [0]], 2, f64).arraySync()).toEqual([[[0, 1]], [[1, 0]]]);
  });

  test("the same seed draws the same numbers, of mean 0 and variance 1", () => {
    const draw = (): number[] => [...bf.randn([20_000], { dtype: "float64", random: new bf.Random(5) }).dataSync()];
    const numbers = draw();
    expect(draw()).toEqual(numbers);
    const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
    const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
  });

  test("the caller's array is copied", () => {
    const data = Float64Array.of(1, 2);
    const x = bf.tensor(data);
    data[0] = 9;
    expect(x.arraySync()).toEqual([1, 2]);
  });
});

type ErrorClass = new (message: string) => Error;
const wrong: Record<string, [() => unknown, ErrorClass, RegExp]> = {
  "a short row": [
    () => bf.tensor([[1, 2], [3]]),
    bf.ShapeError,
    /ragged data: data\[1\] has 1 elements, but its first sibling has 2/,
  ],
  "a row that is a number": [() => bf.tensor([[1], 2]), bf.ShapeError, /ragged data: data\[1\] has a number/],
  "a number that is a row": [
    () => bf.tensor([1, [2]]),
    bf.ShapeError,
    /data\[1\] is an array where a number is expected/,
  ],
  "null among the numbers": [
    () => bf.tensor([1, null as never]),
    bf.ShapeError,
    /data\[1\] is null where a number is expected/,
  ],
  "a string": [
    () => bf.tensor("1, 2" as never),
    bf.DTypeError,
    /data must be a number, nested arrays or a typed array, got string/,
  ],
  "a fraction as int32": [() => bf.tensor([1.5], { dtype: "int32" }), bf.DTypeError, /1\.5 at position 0 is no int32/],
  "NaN as int32": [() => bf.tensor([Number.NaN], { dtype: "int32" }), bf.DTypeError, /NaN at position 0 is no int32/],
  "too large for int32": [() => bf.tensor([2 ** 31], { dtype: "int32" }), bf.DTypeError, /2147483648 at position 0/],
  "a gradient of integers": [
    () => bf.tensor([1], { dtype: "int32", requiresGrad: true }),
    bf.DTypeError,
    /int32 has no gradient/,
  ],
  "a shape that the numbers do not fill": [
    () => bf.tensor(new Float64Array(5), { shape: [2, 3] }),
    bf.ShapeError,
    /5 numbers do not fill shape \[2, 3\] \(6\)/,
  ],
  "a nested array under a shape of another size": [
    () => bf.tensor([1, 2, 3], { shape: [2] }),
    bf.ShapeError,
    /3 numbers do not fill shape \[2\]/,
  ],
  "a negative size": [
    () => bf.zeros([-1]),
    bf.ShapeError,
    /zeros: sizes must be whole numbers of 0 or more, got \[-1\]/,
  ],
  "a step of 0": [() => bf.arange(0, 1, 0), bf.ShapeError, /cannot count from 0 to 1 in steps of 0/],
  "an index past the depth": [
    () => bf.oneHot([2], 2),
    bf.ShapeError,
    /oneHot: index 2 at position 0 is not in \[0, 2\)/,
  ],
  "a seed that is no integer": [() => new bf.Random(0.5), bf.DataError, /seed must be an integer, got 0\.5/],
  "a default dtype that is no float": [
    () => bf.setDefaults({ dtype: "int32" }),
    bf.DTypeError,
    /must be a float, not int32/,
  ],
  "values of another shape": [
    () => bf.zeros([2]).assign(bf.zeros([3])),
    bf.ShapeError,
    /assign: \[2\] float32 cannot take the values of \[3\] float32/,
  ],
  "values of another dtype": [
    () => bf.zeros([2]).assign(bf.zeros([2], { dtype: "float64" })),
    bf.DataError,
    /assign: \[2\] float32 on cpu cannot take \[2\] float64 on cpu: convert it with to\(\)/,
  ],
  "an item of many": [
    () => bf.zeros([2]).itemSync(),
    bf.ShapeError,
    /item: \[2\] float32 has 2 elements: use data\(\) or array\(\)/,
  ],
  "a disposed tensor's numbers": [
    () => {
      const x = bf.zeros([2], { name: "w" });
      x.dispose();
      x.dataSync();
    },
    bf.GraphError,
    /dataSync: w \[2\] float32 was disposed of/,
  ],
};

describe("data that makes no tensor is refused with the reason", () => {
  test.each(Object.keys(wrong))("%s", (name) => {
    const [run, kind, message] = wrong[name] as (typeof wrong)[string];
    expect(run).toThrow(kind);
    expect(run).toThrow(message);
  });
});

import { describe, expect, test } from "vitest";
import {
  arange,
  concat,
  DTypeError,
  equal,
  full,
  memory,
  oneHot,
  ones,
  type Shape,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "../../../src/index.js";

const ids = (values: number[]): Tensor => tensor(values, { dtype: "int32" });
/** What only a caller without TypeScript can write. */
const untyped = <T>(value: unknown): T => value as T;

describe("numbers of two kinds are never read as one", () => {
  test.each(["float32", "float64"] as const)("a comparison and concat refuse %s with int32 and bool", (dtype) => {
    const x = tensor([1, 2], { dtype });
    expect(() => equal(x, ids([1, 2]))).toThrow(
      new DTypeError(`equal: dtypes differ: ${dtype} and int32: convert one with cast()`),
    );
    expect(() => x.less(tensor([true, false]))).toThrow(DTypeError);
    expect(() => concat([x, ids([3])])).toThrow(DTypeError);
    expect(() => concat([ids([3]), x])).toThrow(DTypeError);
  });

  test("what would leave int32 is refused: a quotient, a mean, a fraction", () => {
    expect(() => ids([1, 3]).div(2)).toThrow(DTypeError);
    expect(() => ids([1, 3]).div(ids([2, 2]))).toThrow(DTypeError);
    expect(() => ids([1, 2]).mean()).toThrow("mean: [2] int32 is no float: convert it with cast()");
    expect(() => tensor([true, false]).mean()).toThrow(DTypeError);
    expect(() => ids([3]).mul(0.5)).toThrow("mul: 0.5 is no int32");
    expect(() => ids([1]).dropout()).toThrow(DTypeError);
    expect(() => full([2], 0.5, { dtype: "int32" })).toThrow(DTypeError);
    expect(() => arange(0, 1, 0.25, { dtype: "int32" })).toThrow(DTypeError);
    expect(
      ids([3])
        .mul(2)
        .add(ids([1]))
        .arraySync(),
    ).toEqual([7]);
  });

  test("a typed array of no dtype of ours needs one", () => {
    const shorts = untyped<Int32Array>(new Uint16Array([300, 2]));
    expect(() => tensor(shorts)).toThrow("tensor: say which dtype the numbers of a Uint16Array get");
    expect(tensor(shorts, { dtype: "int32" }).arraySync()).toEqual([300, 2]);
  });
});

describe("a size, bound or shape that is none is refused", () => {
  const x = ones([2, 3]);
  test.each<[string, () => unknown]>([
    ["a slice at half an index", () => x.slice([0.5, 2])],
    ["a slice at NaN", () => x.slice(null, [Number.NaN, 2])],
    ["a negative size to broadcast to", () => x.broadcastTo([-1, 2, 3])],
    ["a scatter of length 2.5", () => x.scatterAdd(ids([0, 1]), { length: 2.5 })],
    ["oneHot of depth −1", () => oneHot([0], -1)],
    ["numbers in a negative shape", () => tensor([1, 2, 3, 4], { shape: [-1, -4] })],
    ["a shape that is a number", () => zeros(untyped<Shape>(3))],
    ["reshape with sizes one by one", () => x.reshape(untyped<Shape>(6))],
    ["sum over an axis that is no option", () => x.sum(untyped<object>(0))],
    ["softmax over an axis that is no option", () => x.softmax(untyped<object>(0))],
    ["a mask over other rows", () => zeros([4, 2, 3]).softmax({ mask: ones([2, 3], { dtype: "bool" }) })],
  ])("%s", (_, run) => {
    expect(run).toThrow(ShapeError);
  });

  test("a mask of one row goes with all rows", () => {
    const mask = tensor([[true, false, true]]);
    expect(zeros([2, 3]).softmax({ mask }).arraySync()).toEqual([
      [0.5, 0, 0.5],
      [0.5, 0, 0.5],
    ]);
    expect(zeros([0, 2, 3]).softmax({ mask: zeros([0, 3], { dtype: "bool" }) }).shape).toEqual([0, 2, 3]);
  });
});

test("oneHot takes whole numbers only", () => {
  expect(() => oneHot(tensor([0.5, 1]), 3)).toThrow("oneHot: indices are [2] float32, but must be int32");
});

test("crossEntropy refuses a reduction and a smoothing that do not exist", () => {
  const logits = zeros([1, 3]);
  const reduction = untyped<"mean">("average");
  expect(() => logits.crossEntropy(ids([1]), { reduction })).toThrow("reduction must be mean, sum, none, got average");
  expect(() => logits.crossEntropy(ids([1]), { labelSmoothing: 1.1 })).toThrow("labelSmoothing must lie in [0, 1]");
  expect(() => tensor(1).crossEntropy(tensor(0, { dtype: "int32" }))).toThrow(ShapeError);
});

test("what is no tensor is called by its kind", () => {
  const x = ones([2]);
  expect(() => x.add(untyped<Tensor>([1, 2]))).toThrow("add: input 1 is an array, but must be a tensor");
  expect(() => x.mul(untyped<Tensor>(undefined))).toThrow("mul: input 1 is undefined, but must be a tensor");
  expect(() => x.gather(untyped<Tensor>("0"))).toThrow("gather: input 1 is string, but must be a tensor");
});

test("a refused tensor holds no memory", () => {
  const { storages } = memory();
  expect(() => tensor([1], { dtype: "int32", requiresGrad: true })).toThrow(DTypeError);
  expect(() => tensor([1, 2], { shape: [3] })).toThrow(ShapeError);
  expect(memory().storages).toBe(storages);
});

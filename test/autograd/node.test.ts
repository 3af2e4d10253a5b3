import { describe, expect, test } from "vitest";
import { type Tensor, tensor } from "../../src/index.js";

const leaf = (...data: number[]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });
const numbers = (x: Tensor | null | undefined): unknown => x?.arraySync();

describe("hooks", () => {
  test("a hook on an intermediate sees its gradient and may replace it", () => {
    const x = leaf(1, 2);
    const y = x.mul(3);
    const seen: unknown[] = [];
    y.registerHook((gradient) => {
      seen.push(gradient.arraySync());
      return gradient.mul(10);
    });
    y.mul(2).sum().backward();
    expect(seen).toEqual([[2, 2]]);
    expect(numbers(x.grad)).toEqual([60, 60]);
  });

  test("a hook sees the whole gradient once, after every use has been added up", () => {
    const x = leaf(2);
    const seen: unknown[] = [];
    x.registerHook((gradient) => void seen.push(gradient.arraySync()));
    x.mul(x).add(x).sum().backward();
    expect(seen).toEqual([[5]]);
  });

  test("hooks run in the order of registration, each on what the one before gave", () => {
    const x = leaf(1);
    x.registerHook((gradient) => gradient.add(1));
    x.registerHook((gradient) => gradient.mul(10));
    x.mul(1).sum().backward();
    expect(numbers(x.grad)).toEqual([20]);
  });

  test("a hook that was taken away is not called", () => {
    const x = leaf(1);
    const remove = x.registerHook((gradient) => gradient.mul(0));
    remove();
    x.mul(4).sum().backward();
    expect(numbers(x.grad)).toEqual([4]);
  });

  test("a replacement of another shape is refused", () => {
    const x = leaf(1, 2);
    x.registerHook((gradient) => gradient.sum());
    expect(() => x.mul(2).sum().backward()).toThrow("hook on [2] float64: gave a gradient [] float64, not [2] float64");
  });

  test("a replacement of another dtype is refused", () => {
    const x = leaf(1, 2);
    x.registerHook((gradient) => gradient.cast("float32"));
    expect(() => x.mul(2).sum().backward()).toThrow(/gave a gradient \[2\] float32/);
  });

  test("a function registered twice is taken away once at a time", () => {
    const x = leaf(1, 2);
    let calls = 0;
    const hook = (): void => {
      calls++;
    };
    const remove = x.registerHook(hook);
    x.registerHook(hook);
    remove();
    remove();
    x.sum().backward();
    expect(calls).toBe(1);
  });

  test("a hook on plain data is an error that says what to do", () => {
    const x = tensor([1], { dtype: "float64" });
    expect(() => x.registerHook(() => undefined)).toThrow(
      /registerHook: \[1\] float64 has no gradient: set requiresGrad/,
    );
    expect(() => x.retainGrad()).toThrow(/retainGrad: .* set requiresGrad before the forward pass/);
  });
});

describe("retainGrad", () => {
  test("keeps an intermediate's gradient; without it there is none", () => {
    const x = leaf(1, 2);
    const [kept, dropped] = [x.mul(2).retainGrad(), x.mul(3)];
    kept.mul(dropped).sum().backward();
    expect(numbers(kept.grad)).toEqual([3, 6]);
    expect(dropped.grad).toBeNull();
  });

  test("what it keeps is not written to by what flows on", () => {
    const x = leaf(1, 2);
    const y = x.reshape([2, 1]).retainGrad();
    const z = y.add(x.reshape([2, 1]).mul(5));
    z.sum().backward();
    expect(numbers(y.grad)).toEqual([[1], [1]]);
    expect(numbers(x.grad)).toEqual([6, 6]);
  });
});

test("leaves are told from results", () => {
  const x = leaf(1);
  expect([x.isLeaf(), x.mul(2).isLeaf(), x.mul(2).detach().isLeaf()]).toEqual([true, false, true]);
});

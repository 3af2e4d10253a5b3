import { describe, expect, test } from "vitest";
import { GraphError, grad, noGrad, randn, scope, type Tensor, tensor } from "../../src/index.js";

const leaf = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "float64", requiresGrad: true });
const plain = (data: number[] | number[][]): Tensor => tensor(data, { dtype: "float64" });

describe("leaves accumulate", () => {
  test("two backward passes add up", () => {
    const x = leaf([1, 2]);
    x.mul(x).sum().backward();
    x.mul(3).sum().backward();
    expect(x.grad?.arraySync()).toEqual([5, 7]);
  });

  test("two leaves that received the same gradient do not share it", () => {
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    for (let pass = 0; pass < 3; pass++) a.add(b).sum().backward();
    expect(a.grad?.arraySync()).toEqual([3, 3]);
    expect(b.grad?.arraySync()).toEqual([3, 3]);
  });

  test("the gradient that a pass starts from is never written to", () => {
    const x = leaf([1, 2]);
    const seed = plain([1, 1]);
    for (let pass = 0; pass < 2; pass++) x.reshape([2, 1]).reshape([2]).backward(seed);
    expect(x.grad?.arraySync()).toEqual([2, 2]);
    expect(seed.arraySync()).toEqual([1, 1]);
  });

  test("a gradient that a hook kept is not written to by the next pass", () => {
    const x = leaf([1, 2]);
    const seen: Tensor[] = [];
    x.registerHook((gradient) => {
      seen.push(gradient);
    });
    for (let pass = 0; pass < 2; pass++) x.mul(2).sum().backward();
    expect(seen.map((gradient) => gradient.arraySync())).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(x.grad?.arraySync()).toEqual([4, 4]);
  });
});

test("postponed products equal products done at once", () => {
  const [w, x] = [randn([3, 4], { dtype: "float64" }), randn([6, 4], { dtype: "float64" })];
  const run = (hooked: boolean): number[] => {
    const weight = tensor(w.dataSync(), { shape: [3, 4], requiresGrad: true });
    if (hooked) weight.registerHook(() => undefined);
    const rows = x.split(6);
    let total = plain([0]).sum();
    for (const row of rows) total = total.add(row.matmul(weight, { transposeB: true }).tanh().sum());
    total.backward();
    return [...(weight.grad as Tensor).dataSync()];
  };
  const once = rowByRow(w, x);
  for (const hooked of [false, true]) {
    run(hooked).forEach((value, i) => {
      expect(value).toBeCloseTo(once[i] as number, 13);
    });
  }
});

/** W̄ = Σ (1 − y²)ᵀ·x of y = tanh(x·Wᵀ), one row at a time. */
function rowByRow(w: Tensor, x: Tensor): number[] {
  return noGrad(() => {
    let total = plain([0]).mul(0).broadcastTo([3, 4]);
    for (const row of x.split(6)) {
      const y = row.matmul(w, { transposeB: true }).tanh();
      total = total.add(y.mul(y).neg().add(1).transpose().matmul(row));
    }
    return [...total.dataSync()];
  });
}

test("a chain of 10,000 operations does not overflow the stack", () => {
  const x = leaf([1]);
  scope(() => {
    let y: Tensor = x;
    for (let i = 0; i < 10_000; i++) y = y.mul(1.0001);
    y.sum().backward();
  });
  expect((x.grad as Tensor).itemSync()).toBeCloseTo(1.0001 ** 10_000, 10);
});

describe("a gradient that cannot be had is an error that says what to do", () => {
  const wrong: Record<string, [() => unknown, RegExp]> = {
    "a second backward on a freed graph": [
      () => {
        const loss = leaf([1]).tanh().sum();
        loss.backward();
        loss.backward();
      },
      /backward: the graph of sum was freed by an earlier backward\(\): give that one \{ retainGraph: true \}/,
    ],
    "a graph of which a part was freed": [
      () => {
        const shared = leaf([1]).tanh();
        shared.sum().backward();
        shared.exp().sum().backward();
      },
      /backward: the graph of tanh was freed/,
    ],
    "a tensor that is no scalar, without a gradient to start from": [
      () => leaf([1, 2]).mul(2).backward(),
      /backward: \[2\] float64 is no scalar: reduce it \(sum\(\), mean\(\)\) or give the gradient to start from/,
    ],
    "plain data": [
      () => plain([1]).mul(2).sum().backward(),
      /backward: \[\] float64 has no gradient: nothing it was made from has requiresGrad, or it was made inside noGrad\(\)/,
    ],
    "an integer": [
      () => tensor([1], { dtype: "int32" }).sum().backward(),
      /backward: \[\] int32 has no gradient: int32 has no/,
    ],
    "an input of grad() that does not want one": [
      () => grad([leaf([1]).sum()], [plain([1])]),
      /grad: input \[1\] float64 has no requiresGrad: set it before the forward pass/,
    ],
    "a start of another shape": [
      () =>
        leaf([1, 2])
          .mul(2)
          .backward(plain([1])),
      /backward: the gradient \[1\] float64 does not fit the output \[2\] float64/,
    ],
    "a start of another dtype": [
      () =>
        leaf([1])
          .mul(2)
          .backward(tensor([1], { dtype: "float32" })),
      /backward: the gradient is float32, the output float64: convert it with cast\(\)/,
    ],
    "an input changed in place since": [
      () => {
        const x = leaf([1]);
        const y = x.mul(x);
        x.assign(plain([2]));
        y.sum().backward();
      },
      /backward of mul: a value it saved was changed in place since/,
    ],
    "a result changed in place since": [
      () => {
        const y = leaf([1]).tanh();
        const loss = y.mul(2).sum();
        y.assign(plain([2]));
        loss.backward();
      },
      /backward of \w+: a value it saved was changed in place since/,
    ],
    "an intermediate that was disposed of": [
      () => {
        const y = leaf([1]).tanh();
        const loss = y.mul(y).sum();
        y.dispose();
        loss.backward();
      },
      /backward of mul: \[1\] float64 was disposed of: return it from the scope that made it, or keep\(\) it/,
    ],
  };
  test.each(Object.keys(wrong))("%s", (name) => {
    const [run, message] = wrong[name] as [() => unknown, RegExp];
    expect(run).toThrow(message);
    expect(run).toThrow(name.includes("another shape") || name.includes("another dtype") ? Error : GraphError);
  });
});

test("retainGraph lets a second pass run, and gives the same again", () => {
  const x = leaf([0.5]);
  const loss = x.tanh().sum();
  const [once] = grad([loss], [x], { retainGraph: true });
  const [again] = grad([loss], [x]);
  expect(once?.arraySync()).toEqual(again?.arraySync());
});

test("several outputs go back in one pass", () => {
  const x = leaf([2, 3]);
  const [g] = grad([x.mul(2).sum(), x.mul(x)], [x], { gradOutputs: [plain([1]).sum(), plain([1, 10])] });
  expect(g?.arraySync()).toEqual([2 + 4, 2 + 60]);
});

test("grad() of an intermediate stops there and leaves every .grad alone", () => {
  const x = leaf([2]);
  const y = x.mul(3);
  expect(grad([y.mul(y).sum()], [y])[0]?.arraySync()).toEqual([12]);
  expect(x.grad).toBeNull();
});

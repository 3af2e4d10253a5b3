import { describe, expect, test } from "vitest";
import { keep, memory, noGrad, randn, scope, type Tensor, tensor, unscoped, zeros } from "../../src/index.js";

const f64 = { dtype: "float64" } as const;

describe("scope", () => {
  test("frees what was made inside, but not what it returns, at any depth", () => {
    let inner: Tensor | null = null;
    const { list } = scope(() => {
      inner = zeros([4], f64);
      return { list: [inner.add(1), { deep: inner.add(2) }] as const };
    });
    expect((inner as Tensor | null)?.disposed).toBe(true);
    expect(list[0].arraySync()).toEqual([1, 1, 1, 1]);
    expect(list[1].deep.arraySync()).toEqual([2, 2, 2, 2]);
  });

  test("keeps what keep() and unscoped() say, and the gradients of leaves", () => {
    const x = tensor([1, 2], { ...f64, requiresGrad: true });
    const kept: Tensor[] = [];
    scope(() => {
      kept.push(
        keep(x.mul(2)),
        unscoped(() => x.mul(3)),
      );
      x.mul(x).sum().backward();
    });
    expect(kept.map((t) => t.arraySync())).toEqual([
      [2, 4],
      [3, 6],
    ]);
    expect(x.grad?.arraySync()).toEqual([2, 4]);
  });

  test("nests: an inner scope's result belongs to the outer one", () => {
    let passed: Tensor | null = null;
    scope(() => {
      passed = scope(() => zeros([1], f64).add(1));
      expect(passed.arraySync()).toEqual([1]);
    });
    expect((passed as Tensor | null)?.disposed).toBe(true);
  });

  test("frees everything when the function throws", () => {
    let inside: Tensor | null = null;
    expect(() =>
      scope(() => {
        inside = zeros([1], f64);
        throw new Error("in between");
      }),
    ).toThrow("in between");
    expect((inside as Tensor | null)?.disposed).toBe(true);
  });

  test("refuses an async function", () => {
    expect(() => scope(async () => 1)).toThrow(/scope: the function must not be async/);
  });

  test("a view outlives the tensor that it looks at", () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      f64,
    );
    const row = x.at(1);
    x.dispose();
    expect(row.arraySync()).toEqual([3, 4]);
  });

  test("`using` disposes at the end of the block", () => {
    let outside: Tensor;
    {
      using x = zeros([2], f64);
      outside = x;
    }
    expect(outside.disposed).toBe(true);
  });
});

describe.each(["float64", "float32"] as const)("memory, %s", (dtype) => {
  test("does not grow over 1000 forward and backward passes", () => {
    const [w, u] = [randn([8, 8], { dtype, requiresGrad: true }), randn([8], { dtype, requiresGrad: true })];
    const x = randn([5, 4, 8], { dtype });
    const step = (): void =>
      scope(() => {
        let h = zeros([4, 8], { dtype });
        for (let t = 0; t < 5; t++) h = h.matmul(w, { transposeB: true }).add(x.at(t)).add(u).tanh();
        h.mul(h).sum().backward();
        noGrad(() => {
          for (const p of [w, u]) {
            p.assign(p.sub((p.grad as Tensor).mul(0.01)));
            p.grad?.dispose();
            p.grad = null;
          }
        });
      });
    const held: { bytes: number; storages: number }[] = [];
    for (let i = 1; i <= 1000; i++) {
      step();
      if (i === 10 || i === 100 || i === 1000) held.push({ ...memory() });
    }
    expect(held.map(({ storages }) => storages)).toEqual([held[0].storages, held[0].storages, held[0].storages]);
    expect(held.map(({ bytes }) => bytes)).toEqual([held[0].bytes, held[0].bytes, held[0].bytes]);
  });

  test("is counted by back end", () => {
    const name = dtype === "float64" ? "reference" : "wasm";
    const before = memory().backends[name];
    const x = zeros([100], { dtype });
    const after = memory().backends[name];
    expect(after.bytes - before.bytes).toBe(100 * (dtype === "float64" ? 8 : 4));
    expect(after.storages - before.storages).toBe(1);
    x.dispose();
    expect(memory().backends[name]).toEqual(before);
  });
});

test.each(["float32", "float64"] as const)("a disposed %s tensor gives no view and takes no values", (dtype) => {
  const x = zeros([3], { dtype, name: "x" });
  x.dispose();
  expect(() => x.detach()).toThrow(/^view: x \[3\] .* was disposed of/);
  expect(() => x.assign(zeros([3], { dtype }))).toThrow(/^assign: x .* was disposed of/);
  expect(() => zeros([3], { dtype }).assign(x)).toThrow(/^assign: x .* was disposed of/);
});

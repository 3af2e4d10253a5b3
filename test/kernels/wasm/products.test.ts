import { describe, it } from "vitest";
import type { MatmulLayout } from "../../../src/kernels/backend.js";
import { compare, floats, reportUlp } from "./parity.js";

reportUlp("wasm against float64, products");

const forms = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

describe.each(forms)("matmul on wasm with transposes %s, %s", (transposeA, transposeB) => {
  const layoutOf = (batch: number, m: number, k: number, n: number): MatmulLayout => ({
    batch,
    m,
    k,
    n,
    transposeA,
    transposeB,
    batchStrideA: m * k,
    batchStrideB: k * n,
  });

  it("agrees for sizes around every tile and block edge", () => {
    const sizes = [1, 2, 3, 4, 5, 8, 9, 17];
    for (const m of sizes) for (const k of [1, 2, 3, 5, 8, 19]) for (const n of sizes) run(1, m, k, n);
    for (const [m, k, n] of [
      [33, 257, 31],
      [300, 20, 40],
      [32, 600, 100],
      [1, 300, 70],
      [70, 300, 1],
      [12, 64, 12],
      [257, 513, 9],
    ]) {
      run(1, m, k, n);
    }
  });

  it("agrees for batches, one of the operands repeated or not", () => {
    for (const [m, k, n] of [
      [1, 12, 64],
      [12, 12, 64],
      [3, 1, 5],
      [5, 7, 1],
      [1, 5, 3],
    ]) {
      run(4, m, k, n);
      run(4, m, k, n, { batchStrideA: 0 });
      run(4, m, k, n, { batchStrideB: 0 });
      const offsets = { a: Int32Array.from([0, m * k, 0]), b: Int32Array.from([k * n, 0, 0]) };
      run(3, m, k, n, { batchOffsets: offsets });
    }
  });

  it("adds into its destination", () => {
    for (const [batch, m, k, n] of [
      [1, 5, 9, 11],
      [3, 4, 2, 8],
      [1, 1, 30, 9],
      [2, 9, 30, 1],
      [2, 3, 1, 7],
      [2, 3, 0, 7],
      [1, 40, 700, 24],
    ]) {
      const operands = [floats([batch, m, k], 1), floats([batch, k, n], 2), floats([batch, m, n], 3)];
      compare(
        "matmulInto",
        operands,
        (backend, [a, b, c]) => void backend.matmulInto(a, b, layoutOf(batch, m, k, n), c),
        { ulp: 16, relativeToLargest: true },
      );
    }
  });

  function run(batch: number, m: number, k: number, n: number, changes: Partial<MatmulLayout> = {}): void {
    const layout = { ...layoutOf(batch, m, k, n), ...changes };
    compare(
      `matmul ${transposeA ? "T" : "N"}${transposeB ? "T" : "N"}`,
      [floats([batch, m, k], 1), floats([batch, k, n], 2)],
      (backend, [a, b]) => backend.matmul(a, b, layout),
      { ulp: 16, relativeToLargest: true, floor: 4, at: `${batch} × ${m}·${k}·${n}` },
    );
  }
});

describe("linear on wasm", () => {
  it("adds a bias for each column or each element, or none", () => {
    for (const [rows, k, n] of [
      [5, 9, 12],
      [1, 7, 5],
      [6, 1, 9],
      [6, 5, 1],
      [32, 300, 40],
      [2, 0, 3],
    ]) {
      const x = floats([rows, k], 1);
      const w = floats([n, k], 2);
      const options = { ulp: 16, relativeToLargest: true, floor: 4 };
      compare("linear", [x, w], (b, [p, q]) => b.linear(p, q, null, rows, k, n), options);
      compare("linear", [x, w, floats([n], 3)], (b, [p, q, r]) => b.linear(p, q, r, rows, k, n), options);
      compare("linear", [x, w, floats([rows, n], 3)], (b, [p, q, r]) => b.linear(p, q, r, rows, k, n), options);
    }
  });
});

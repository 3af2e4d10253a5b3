import { describe, expect, it } from "vitest";
import type { MatmulLayout } from "../../../src/kernels/backend.js";
import { wasmBackend } from "../../../src/kernels/wasm/backend.js";
import { bools, compare, floats, indices, type Numbers, reportUlp } from "./parity.js";

reportUlp("wasm against float64, kernels");

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

describe("copies on wasm", () => {
  it("permute, reverse, repeat and slice with steps", () => {
    const layouts = [
      { shape: [5, 7], strides: [1, 5], start: 0 },
      { shape: [9, 33], strides: [1, 9], start: 0 },
      { shape: [4, 3, 5], strides: [5, 20, 1], start: 0 },
      { shape: [3, 5, 4], strides: [20, 1, 5], start: 0 },
      { shape: [5, 4, 3], strides: [1, 5, 20], start: 0 },
      { shape: [6], strides: [-2], start: 11 },
      { shape: [3, 4], strides: [0, 1], start: 2 },
      { shape: [3, 4], strides: [1, 0], start: 2 },
      { shape: [2, 3, 2, 2], strides: [30, 1, 6, 3], start: 0 },
      { shape: [], strides: [], start: 7 },
      { shape: [0, 2], strides: [2, 1], start: 0 },
    ];
    for (const layout of layouts) {
      const at = JSON.stringify(layout);
      compare("copy", [floats([300], 1)], (b, [x]) => b.copy(x, layout), { ulp: 0, at });
    }
  });

  it("concatenate along any axis", () => {
    const parts = [floats([2, 3, 5], 1), floats([2, 1, 5], 2), floats([2, 0, 5], 3), floats([2, 4, 5], 4)];
    compare("concat", parts, (b, x) => b.concat(x, { outer: 2, lengths: [3, 1, 0, 4], inner: 5 }), { ulp: 0 });
    compare("concat", parts, (b, x) => b.concat(x, { outer: 1, lengths: [30, 10, 0, 40], inner: 1 }), { ulp: 0 });
  });

  it("pad with any value, with steps between", () => {
    const x = floats([3, 5], 1);
    compare("pad", [x], (b, [a]) => b.pad(a, [6, 9], [1, 2], [1, 1], 0), { ulp: 0 });
    compare("pad", [x], (b, [a]) => b.pad(a, [7, 13], [1, 2], [2, 2], -3.5), { ulp: 0 });
    compare("pad", [floats([], 1)], (b, [a]) => b.pad(a, [], [], [], 1), { ulp: 0 });
  });

  it("gather rows, and scatter sums back to them", () => {
    for (const [outer, length, inner] of [
      [1, 9, 8],
      [1, 9, 7],
      [3, 5, 1],
      [2, 4, 130],
    ]) {
      const layout = { outer, length, inner };
      const at = indices([2, 6], 5, length);
      compare("gather", [floats([outer, length, inner], 1), at], (b, [x, i]) => b.gather(x, i, layout), { ulp: 0 });
      const rows = floats([outer, 2, 6, inner], 2);
      compare("scatterAdd", [rows, at], (b, [x, i]) => b.scatterAdd(x, i, layout), { ulp: 4, relativeToLargest: true });
      const into = floats([outer, length, inner], 3);
      compare("scatterAddInto", [rows, at, into], (b, [x, i, y]) => void b.scatterAddInto(x, i, layout, y), {
        ulp: 4,
        relativeToLargest: true,
      });
    }
  });
});

/** Multiples of 1/8, so that x − max is exact: its rounding alone would cost |x − max| / 2 ulp. */
function eighths(shape: readonly number[], seed: number, range: number): Numbers {
  return { shape, data: floats(shape, seed, range).data.map((x) => Math.round(x * 8) / 8) };
}

const layouts = [
  { outer: 4, length: 1, inner: 1 },
  { outer: 5, length: 7, inner: 1 },
  { outer: 3, length: 64, inner: 1 },
  { outer: 2, length: 1001, inner: 1 },
  { outer: 2, length: 5, inner: 3 },
  { outer: 3, length: 6, inner: 17 },
  { outer: 2, length: 3, inner: 150 },
];

describe.each(layouts)("softmax on wasm over $outer × $length × $inner", (layout) => {
  const shape = [layout.outer, layout.length, layout.inner];

  it("is within 4 ulp of float64, small probabilities included", () => {
    for (const range of [4, 90]) {
      compare("softmax", [eighths(shape, 1, range)], (b, [x]) => b.softmax(x, layout, null, 1), { ulp: 4 });
    }
  });

  it("has a logarithm and gradients that agree", () => {
    const close = { ulp: 6, relativeToLargest: true };
    compare("logSoftmax", [floats(shape, 1, 30)], (b, [x]) => b.logSoftmax(x, layout), close);
    const x = [floats(shape, 1, 1), floats(shape, 2)];
    compare("softmaxBackward", x, (b, [y, gy]) => b.softmaxBackward(y, gy, layout), close);
    compare("logSoftmaxBackward", x, (b, [y, gy]) => b.logSoftmaxBackward(y, gy, layout), close);
  });

  it("gives NaN for rows with NaN, with +Infinity, and with nothing but −Infinity", () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const x = eighths(shape, 1, 2);
      if (value === -Infinity) x.data.fill(value);
      else x.data[0] = value;
      compare("softmax", [x], (b, [a]) => b.softmax(a, layout, null, 1), { ulp: 4, at: `${value}` });
      compare("logSoftmax", [x], (b, [a]) => b.logSoftmax(a, layout), {
        ulp: 4,
        relativeToLargest: true,
        at: `${value}`,
      });
    }
  });
});

describe("masked softmax on wasm", () => {
  it("gives 0 at masked places and zeros where nothing is left", () => {
    for (const [rows, length, repeat] of [
      [6, 5, 1],
      [6, 5, 3],
      [4, 16, 2],
      [3, 1, 1],
    ]) {
      const mask = bools([rows / repeat, length], 4, 0.6);
      mask.data.fill(0, 0, length);
      const x = eighths([rows, length], 1, 5);
      x.data[length - 1] = NaN;
      const layout = { outer: rows, length, inner: 1 };
      compare("softmax, masked", [x, mask], (b, [a, m]) => b.softmax(a, layout, m, repeat), { ulp: 4 });
    }
  });
});

describe.each([1, 3, 4, 6, 33])("recurrent gates on wasm with %i hidden units", (hidden) => {
  const batch = 5;
  const mask = bools([batch], 9, 0.6);
  const gates = (count: number): Numbers[] => [
    floats([batch, count * hidden], 1, 4),
    floats([batch, count * hidden], 2, 4),
  ];
  // 1 − z and 1 − n² cancel where a gate is all open or closed: measure against 1.
  const close = { ulp: 8, relativeToLargest: true, floor: 1 };

  it("agree with float64 for GRU, forward and backward, masked or not", () => {
    const h = floats([batch, hidden], 3);
    const gy = floats([batch, hidden], 4);
    const operands = [...gates(3), h, mask, gy];
    for (const masked of [false, true]) {
      compare("gruGates", operands, (b, [gi, gh, s, m]) => b.gruGates(gi, gh, s, masked ? m : null), close);
      compare(
        "gruGatesBackward",
        operands,
        (b, [gi, gh, s, m, g]) => b.gruGatesBackward(gi, gh, s, masked ? m : null, g),
        close,
      );
    }
  });

  it("agree with float64 for LSTM, forward and backward, masked or not", () => {
    const operands = [...gates(4), floats([2, batch, hidden], 3), mask, floats([2, batch, hidden], 4)];
    for (const masked of [false, true]) {
      compare("lstmGates", operands, (b, [gi, gh, s, m]) => b.lstmGates(gi, gh, s, masked ? m : null), close);
      compare(
        "lstmGatesBackward",
        operands,
        (b, [gi, gh, s, m, g]) => b.lstmGatesBackward(gi, gh, s, masked ? m : null, g),
        close,
      );
    }
  });
});

describe("additive score on wasm", () => {
  it("agrees with float64, forward and backward", () => {
    for (const [batch, steps, places, width] of [
      [1, 1, 1, 1],
      [2, 3, 4, 5],
      [3, 1, 7, 64],
      [2, 5, 3, 30],
    ]) {
      const operands = [
        floats([batch, steps, width], 1),
        floats([batch, places, width], 2),
        floats([width], 3),
        floats([batch, steps, places], 4),
      ];
      const close = { ulp: 16, relativeToLargest: true, floor: 1 };
      compare("additiveScore", operands, (b, [q, k, v]) => b.additiveScore(q, k, v), close);
      compare("additiveScoreBackward", operands, (b, [q, k, v, gy]) => b.additiveScoreBackward(q, k, v, gy), close);
    }
  });
});

describe("cross-entropy on wasm", () => {
  it("agrees with float64 with ignored rows and smoothed labels, forward and backward", () => {
    for (const classes of [2, 7, 100, 1001]) {
      const rows = 6;
      const target = indices([rows], 1, classes);
      target.data[2] = -100;
      const operands = [floats([rows, classes], 2, 5), target, floats([rows], 3)];
      for (const smoothing of [0, 0.1]) {
        const close = { ulp: 8, relativeToLargest: true };
        compare("crossEntropy", operands, (b, [x, t]) => b.crossEntropy(x, t, -100, smoothing), close);
        compare(
          "crossEntropyBackward",
          operands,
          (b, [x, t, gy]) => b.crossEntropyBackward(x, t, -100, smoothing, gy),
          close,
        );
      }
    }
  });

  it("lets −Infinity stand at places that are not the target", () => {
    const logits: Numbers = { data: Float32Array.from([1, -Infinity, 2, 0, 0, -Infinity]), shape: [2, 3] };
    const target: Numbers = { data: Int32Array.from([2, 0]), shape: [2] };
    compare("crossEntropy", [logits, target], (b, [x, t]) => b.crossEntropy(x, t, -100, 0), { ulp: 4 });
  });
});

describe("optimisers on wasm", () => {
  const n = 19;
  const operands = [floats([n], 1), floats([n], 2), floats([n], 3, 0.1), positive(4), floats([1], 5)];
  const close = { ulp: 8, relativeToLargest: true };

  function positive(seed: number): Numbers {
    const x = floats([n], seed, 0.1);
    return { ...x, data: x.data.map(Math.abs) };
  }

  it.each([true, false])("agree with float64; gradient scaled: %s", (scaled) => {
    const options = { learningRate: 0.01, weightDecay: 0.1 };
    compare(
      "sgd",
      operands,
      (b, [p, g, , , s]) => b.sgd(p, g, null, 0, { ...options, scale: scaled ? s : null }) as undefined,
      close,
    );
    compare(
      "sgd, momentum",
      operands,
      (b, [p, g, m, , s]) => void b.sgd(p, g, m, 0.9, { ...options, scale: scaled ? s : null }),
      close,
    );
    for (const decoupled of [false, true]) {
      const hyper = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled };
      compare(
        "adam",
        operands,
        (b, [p, g, m, v, s]) => void b.adam(p, g, m, v, 3, hyper, { ...options, scale: scaled ? s : null }),
        close,
      );
    }
    const first = { ...operands[2], data: operands[2].data.map(Math.abs) };
    compare(
      "adadelta",
      [operands[0], operands[1], first, operands[3], operands[4]],
      (b, [p, g, m, v, s]) =>
        void b.adadelta(p, g, m, v, { rho: 0.95, epsilon: 1e-6 }, { ...options, scale: scaled ? s : null }),
      close,
    );
  });
});

describe("int32 and bool storages of the float64 back end", () => {
  it("are copied in once for each version, and freed with their owner", async () => {
    const { referenceBackend } = await import("../../../src/kernels/reference/backend.js");
    const wasm = wasmBackend();
    const table = wasm.upload(Float32Array.from([10, 20, 30]), "float32");
    table.retain();
    const storage = referenceBackend().upload(Int32Array.from([2, 0]), "int32");
    storage.retain();
    const at = { storage, offset: 0, shape: [2] };
    const look = (): number[] => {
      const y = wasm.gather({ storage: table, offset: 0, shape: [3] }, at, { outer: 1, length: 3, inner: 1 });
      y.retain();
      const numbers = [...wasm.readSync({ storage: y, offset: 0, shape: [2] })];
      y.release();
      return numbers;
    };
    const before = wasm.memory();
    expect(look()).toEqual([30, 10]);
    const held = wasm.memory();
    expect(held.storages).toBe(before.storages + 1);
    look();
    expect(wasm.memory()).toEqual(held);
    referenceBackend().fill(at, 1);
    expect(look()).toEqual([20, 20]);
    expect(wasm.memory()).toEqual(held);
    storage.release();
    expect(wasm.memory()).toEqual(before);
    table.release();
  });
});

describe("layer normalisation on wasm", () => {
  it("agrees with float64 at every tail length, over blocks and groups of rows, forward and backward", () => {
    for (const [rows, n] of [
      [1, 1],
      [3, 7],
      [5, 33],
      [300, 18],
      [9, 2051],
      [70, 1000],
    ]) {
      const x = [floats([rows, n], 1), floats([n], 2), floats([n], 3), floats([rows, n], 4)];
      const close = { ulp: 6, relativeToLargest: true };
      compare("layerNorm", x, (k, [a, w, b]) => k.layerNorm(a, w, b, 1e-3), close);
      for (const i of [0, 1, 2]) {
        compare("layerNormBackward", x, (k, [a, w, , g]) => k.layerNormBackward(a, w, 1e-3, g)[i], close);
      }
    }
  });

  it("keeps its digits where the mean is large beside the spread", () => {
    const x: Numbers = {
      data: Float32Array.from({ length: 64 }, (_, i) => 10_000 + ((i * 37) % 64) / 64),
      shape: [1, 64],
    };
    const one: Numbers = { data: new Float32Array(64).fill(1), shape: [64] };
    const zero: Numbers = { data: new Float32Array(64), shape: [64] };
    compare("layerNorm", [x, one, zero], (k, [a, w, b]) => k.layerNorm(a, w, b, 1e-5), { ulp: 4, at: "mean 10 000" });
  });
});

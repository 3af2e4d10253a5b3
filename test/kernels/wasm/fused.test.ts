import { describe, it } from "vitest";
import { bools, compare, floats, indices, type Numbers, reportUlp } from "./parity.js";

reportUlp("wasm against float64, fused kernels");

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
  it("gives 0 at masked places and zeros where nothing is left, small probabilities included", () => {
    for (const [rows, length, repeat, range] of [
      [6, 5, 1, 5],
      [6, 5, 3, 5],
      [4, 16, 2, 5],
      [3, 1, 1, 5],
      [8, 37, 2, 90],
    ]) {
      const mask = bools([rows / repeat, length], 4, 0.6);
      mask.data.fill(0, 0, length);
      const x = eighths([rows, length], 1, range);
      x.data[length - 1] = NaN;
      const layout = { outer: rows, length, inner: 1 };
      compare("softmax, masked", [x, mask], (b, [a, m]) => b.softmax(a, layout, m, repeat), { ulp: 4 });
    }
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
          (b, [x, t, gy]) => {
            const loss = { storage: b.crossEntropy(x, t, -100, smoothing), offset: 0, shape: [rows] };
            return b.crossEntropyBackward(x, t, -100, smoothing, gy, loss);
          },
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

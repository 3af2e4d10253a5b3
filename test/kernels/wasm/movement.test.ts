import { describe, it } from "vitest";
import { compare, floats, indices, reportUlp } from "./parity.js";

reportUlp("wasm against float64, movement");

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

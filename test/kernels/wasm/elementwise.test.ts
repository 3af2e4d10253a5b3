import { describe, expect, it } from "vitest";
import type { Reduction } from "../../../src/kernels/backend.js";
import { type BinaryName, binary, type UnaryName, unary } from "../../../src/kernels/scalar.js";
import { backendOver } from "../../../src/kernels/wasm/backend.js";
import { Engine } from "../../../src/kernels/wasm/engine.js";
import { bools, compare, floats, type Numbers, reportUlp, ulpError } from "./parity.js";

reportUlp("wasm against float64, elementwise");

const unaryNames = Object.keys(unary) as UnaryName[];
const binaryNames = Object.keys(binary) as BinaryName[];

const hurtful: Numbers = {
  data: Float32Array.from([
    0,
    -0,
    1,
    -1,
    Infinity,
    -Infinity,
    NaN,
    1e4,
    -1e4,
    1e-40,
    -1e-40,
    1.401298464324817e-45,
    3.4028234663852886e38,
    -3.4028234663852886e38,
    88.72283,
    88.8,
    -87.4,
    -103.9,
    -104.1,
    0.625,
    9.1,
    -9.1,
    1e-4,
    16777216,
    0.99999994,
    1.0000001,
    1.1754943508222875e-38,
  ]),
  shape: [27],
};

describe.each(unaryNames)("%s on wasm", (f) => {
  it("is within 2 ulp of float64 over random and hurtful values, at every tail length", () => {
    for (const n of [0, 1, 2, 3, 4, 5, 7, 16, 33, 1000]) {
      compare(`map ${f}`, [floats([n], n, 20)], (b, [x]) => b.map(f, x), { ulp: 2 });
    }
    compare(`map ${f}`, [hurtful], (b, [x]) => b.map(f, x), { ulp: 2, at: "hurtful" });
  });

  it.each([true, false])("is within 2 ulp of float64 over the whole of float32; fused: %s", (fused) => {
    const engine = new Engine(1, fused);
    const backend = backendOver(engine);
    // Every 65,521st bit pattern: a prime, so that all exponents meet all sorts of fractions.
    const patterns = Uint32Array.from({ length: Math.floor(2 ** 32 / 65521) }, (_, i) => i * 65521);
    const x = new Float32Array(patterns.buffer);
    const shape = [x.length];
    const y = backend.map(f, { storage: backend.upload(x, "float32"), offset: 0, shape });
    const actual = backend.readSync({ storage: y, offset: 0, shape });
    let worst = 0;
    for (let i = 0; i < x.length; i++) worst = Math.max(worst, ulpError(actual[i], unary[f].value(x[i])));
    expect(worst).toBeLessThanOrEqual(2);
  });

  it("has the derivative of the scalar table", () => {
    const y: Numbers = { data: floats([33], 2).data.map((v) => unary[f].value(v)), shape: [33] };
    compare(
      `mapBackward ${f}`,
      [floats([33], 2), y, floats([33], 3)],
      (b, [x, out, gy]) => b.mapBackward(f, x, out, gy),
      {
        ulp: 3,
      },
    );
  });
});

describe.each(binaryNames)("%s on wasm", (f) => {
  it("broadcasts like NumPy", () => {
    const cases: [number[], number[], number[]][] = [
      [[7], [7], [7]],
      [[5, 7], [7], [5, 7]],
      [
        [5, 1],
        [5, 7],
        [5, 7],
      ],
      [[5, 7], [], [5, 7]],
      [[], [3, 4, 5], [3, 4, 5]],
      [
        [2, 3, 1, 5],
        [1, 3, 4, 1],
        [2, 3, 4, 5],
      ],
      [
        [4, 1, 9],
        [3, 1],
        [4, 3, 9],
      ],
      [
        [6, 1, 2, 1, 3],
        [1, 5, 1, 4, 1],
        [6, 5, 2, 4, 3],
      ],
      [
        [8, 64],
        [8, 64],
        [8, 64],
      ],
      [[0, 3], [3], [0, 3]],
    ];
    for (const [a, b, shape] of cases) {
      // A negative base is a NaN for most exponents; both kinds are here.
      compare(`zip ${f}`, [floats(a, 1), floats(b, 2)], (k, [x, y]) => k.zip(f, x, y, shape), { ulp: 1 });
    }
  });

  it("agrees on every pair of hurtful values", () => {
    const n = hurtful.data.length;
    const x: Numbers = { data: hurtful.data, shape: [n, 1] };
    compare(`zip ${f}`, [x, hurtful], (k, [a, b]) => k.zip(f, a, b, [n, n]), { ulp: 1, at: "hurtful pairs" });
  });

  it("takes one constant", () => {
    for (const c of [0, 1, 2, 3, -1, 0.5, -2.5]) {
      compare(`mapConstant ${f}`, [floats([37], 4)], (k, [x]) => k.mapConstant(f, x, c), { ulp: 1, at: `${c}` });
    }
  });
});

describe("where on wasm", () => {
  it("chooses element by element, with broadcasting of all three", () => {
    const cases: [number[], number[], number[], number[]][] = [
      [[9], [9], [9], [9]],
      [[3, 1], [3, 5], [], [3, 5]],
      [[5], [3, 1], [3, 5], [3, 5]],
      [
        [2, 1, 3],
        [4, 1],
        [2, 4, 3],
        [2, 4, 3],
      ],
    ];
    for (const [c, a, b, shape] of cases) {
      compare("where", [bools(c, 1), floats(a, 2), floats(b, 3)], (k, [m, x, y]) => k.where(m, x, y, shape), {
        ulp: 0,
      });
    }
  });
});

describe("cast on wasm", () => {
  it("truncates to int32, and to bool takes anything but 0 for true", () => {
    compare("cast", [floats([37], 5, 50)], (k, [x]) => k.cast(x, "int32"), { ulp: 0 });
    compare("cast", [hurtful], (k, [x]) => k.cast(x, "bool"), { ulp: 0, at: "hurtful" });
  });
});

describe.each<Reduction>(["sum", "max", "min", "sumOfSquares", "argmax", "argmin"])("%s on wasm", (f) => {
  it("reduces along any axis", () => {
    const layouts = [
      [1, 1, 1],
      [3, 5, 1],
      [1, 1000, 1],
      [1, 70000, 1],
      [1, 70001, 1],
      [7, 33, 1],
      [2, 5, 3],
      [1, 600, 19],
      [3, 4, 64],
      [2, 9, 4],
    ];
    for (const [outer, length, inner] of layouts) {
      compare(
        `reduce ${f}`,
        [floats([outer, length, inner], 6)],
        (k, [x]) => k.reduce(f, x, { outer, length, inner }),
        { ulp: 4, relativeToLargest: true, floor: f === "sum" ? Math.sqrt(length) : 0 },
      );
    }
  });

  it("passes NaN on, takes the first of equals, and knows infinities", () => {
    const rows = [
      [1, NaN, 3, NaN],
      [Infinity, 1, Infinity, 2],
      [-Infinity, -Infinity, -Infinity, -Infinity],
      [2, 2, 2, 2],
      [-0, 0, -0, 0],
    ];
    const x: Numbers = { data: Float32Array.from(rows.flat()), shape: [5, 4] };
    compare(`reduce ${f}`, [x], (k, [a]) => k.reduce(f, a, { outer: 5, length: 4, inner: 1 }), {
      ulp: 0,
      at: "hurtful",
    });
    compare(`reduce ${f}`, [x], (k, [a]) => k.reduce(f, a, { outer: 1, length: 5, inner: 4 }), {
      ulp: 0,
      at: "hurtful",
    });
  });
});

describe("writing in place on wasm", () => {
  it("touches the operand's own elements only", () => {
    for (const n of [1, 2, 3, 4, 5, 18]) {
      compare("fill", [floats([n], 1)], (k, [x]) => void k.fill(x, 2.5), { ulp: 0 });
      compare("accumulate", [floats([n], 1), floats([n], 2)], (k, [x, y]) => void k.accumulate(x, y), { ulp: 1 });
      compare("assign", [floats([n], 1), floats([n], 2)], (k, [x, y]) => void k.assign(x, y), { ulp: 0 });
    }
  });
});

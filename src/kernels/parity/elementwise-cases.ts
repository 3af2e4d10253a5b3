/** The cases of the parity check for functions of one number or two. */
import type { Backend } from "../backend.js";
import { type BinaryName, binary, type UnaryName, unary } from "../scalar.js";
import type { Inputs, ParityCase } from "./parity.js";

/** Numbers that break careless kernels: zeros of both signs, the ends of float32, infinities, NaN. */
export const hurtful = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1e-3,
  -1e-3,
  1e-7,
  1e-20,
  -1e-30,
  1e4,
  -1e4,
  87,
  -87,
  88.7,
  89.5,
  -103,
  1e10,
  -1e10,
  3e38,
  -3e38,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];
const denormals = [1e-39, -1e-39, 1e-42, -3e-45, 1e-45];
/** Lengths around the sizes that hardware likes, and more rows than a 16-bit count holds. */
const lengths = [1, 3, 4, 7, 64, 65, 255, 1023, 65_537];

/** Bounds of the scalar functions. */
const unaryUlp: Record<UnaryName, number> = {
  neg: 0,
  exp: 2,
  log: 2,
  sqrt: 1.5,
  abs: 0,
  tanh: 3.5,
  sigmoid: 3,
  relu: 0,
  softplus: 3,
};
const binaryUlp: Record<BinaryName, number> = {
  add: 0.5,
  sub: 0.5,
  mul: 0.5,
  div: 2.5,
  pow: 8,
  maximum: 0,
  minimum: 0,
  equal: 0,
  notEqual: 0,
  less: 0,
  lessEqual: 0,
  greater: 0,
  greaterEqual: 0,
};
const unaryNames = Object.keys(unary) as UnaryName[];
const binaryNames = Object.keys(binary) as BinaryName[];
/** log, sqrt and pow are asked about negative numbers in one case only; elsewhere they get numbers they are defined for. */
const positiveOnly = (f: UnaryName | BinaryName): boolean => f === "log" || f === "sqrt";

const mapCases = unaryNames.flatMap((f): ParityCase[] => {
  const row = `map ${f}`;
  const ulp = unaryUlp[f];
  const values = (n: number): number[] | undefined =>
    positiveOnly(f) ? Array.from({ length: n }, (_, i) => 10 ** ((75 * i) / n - 37)) : undefined;
  return [
    { row, ulp, label: "hurtful values", run: (b, t) => [b.map(f, t.float([hurtful.length], { values: hurtful }))] },
    { row, ulp, label: "denormals", denormals: true, run: (b, t) => [b.map(f, t.float([5], { values: denormals }))] },
    ...lengths.map((n) => ({
      row,
      ulp,
      label: `[${n}] of ±12`,
      run: (b: Backend, t: Inputs) => [b.map(f, t.float([n], { range: 12, values: values(n), offset: n % 5 }))],
    })),
    {
      row,
      ulp,
      label: "[4096] of ±1e-3",
      run: (b, t) => [b.map(f, t.float([4096], { range: 1e-3, values: values(4096) }))],
    },
    {
      row,
      ulp,
      label: "[4096] of ±90",
      run: (b, t) => [b.map(f, t.float([4096], { range: 90, values: values(4096) }))],
    },
  ];
});

const mapBackwardCases = unaryNames.flatMap((f): ParityCase[] => {
  const positive = Array.from({ length: 999 }, (_, i) => 10 ** (i / 100 - 5));
  const run: ParityCase["run"] = (b, t) => {
    const x = t.float([999], { range: 9, values: positiveOnly(f) ? positive : undefined, offset: 3 });
    const y = t.float([999], { range: 1, values: positiveOnly(f) ? positive : undefined });
    return [b.mapBackward(f, x, y, t.float([999], { offset: 1 }))];
  };
  const gradient: ParityCase["run"] = (_, t) => {
    t.float([999]);
    t.float([999]);
    return [t.float([999]).storage];
  };
  // 1 − y² and y (1 − y) are differences of numbers near 1.
  const scale = f === "tanh" || f === "sigmoid" ? gradient : undefined;
  return [{ row: `mapBackward ${f}`, ulp: 3.5, label: "[999], all operands views", run, scale }];
});
mapBackwardCases.push({
  row: "mapBackward relu",
  ulp: 0,
  label: "infinite gradients",
  run: (b, t) => {
    const x = t.float([hurtful.length], { values: hurtful });
    const gy = t.float([hurtful.length], { values: hurtful.map((_, i) => (i % 2 ? -1 : 1) / 0) });
    return [b.mapBackward("relu", x, x, gy)];
  },
});

/** Pairs of shapes, and what they broadcast to: every side, every rank. */
const broadcasts: readonly (readonly [readonly number[], readonly number[], readonly number[]])[] = [
  [[], [], []],
  [[], [5], [5]],
  [[7], [1], [7]],
  [
    [3, 1],
    [1, 5],
    [3, 5],
  ],
  [[129], [4, 129], [4, 129]],
  [
    [2, 3, 4],
    [3, 1],
    [2, 3, 4],
  ],
  [
    [1, 3, 1, 5],
    [2, 1, 4, 1],
    [2, 3, 4, 5],
  ],
  [
    [2, 1, 3, 1, 5],
    [1, 4, 1, 3, 1],
    [2, 4, 3, 3, 5],
  ],
  [[65_537], [65_537], [65_537]],
  [
    [65_537, 1],
    [1, 3],
    [65_537, 3],
  ],
];

const zipCases = binaryNames.flatMap((f): ParityCase[] => {
  const row = `zip ${f}`;
  const ulp = binaryUlp[f];
  const base = { range: 5, values: f === "pow" ? [0.1, 0.5, 0.9, 1, 1.1, 2.5, 3, 10, 1e-3, 7.7, 123] : undefined };
  return [
    ...broadcasts.map(
      ([x, y, shape]): ParityCase => ({
        row,
        ulp,
        label: `[${x}] with [${y}]`,
        run: (b, t) => [b.zip(f, t.float(x, { ...base, offset: 2 }), t.float(y, { range: 3, offset: 1 }), shape)],
      }),
    ),
    {
      row,
      ulp,
      label: "hurtful values with each other",
      run: (b, t) => {
        const n = hurtful.length;
        const exponents = f === "pow" ? [2, 3, -1, 0.5, 0, 1, -2, 4] : hurtful;
        return [
          b.zip(f, t.float([n, 1], { values: hurtful }), t.float([1, exponents.length], { values: exponents }), [
            n,
            exponents.length,
          ]),
        ];
      },
    },
  ];
});

const constantCases = binaryNames.flatMap((f): ParityCase[] =>
  [2, -0.5, 3].map((c) => ({
    row: `mapConstant ${f}`,
    ulp: binaryUlp[f],
    label: `hurtful values with ${c}`,
    run: (b, t) => [b.mapConstant(f, t.float([hurtful.length], { values: hurtful, offset: 2 }), c)],
  })),
);

/** Maps, zips and casts. */
export const elementwiseCases = {
  map: mapCases,
  mapBackward: mapBackwardCases,
  zip: [
    ...zipCases,
    {
      row: "zip of int32 and bool",
      ulp: 0,
      label: "add, div, maximum",
      run: (b, t) => {
        const [x, y] = [t.integers([30], { below: 90 }), t.integers([30], { values: [1, 2, -3, 7] })];
        const [p, q] = [t.bools([30], {}), t.bools([30], {})];
        const whole = [30];
        return [
          b.zip("add", x, y, whole),
          b.zip("div", x, y, whole),
          b.zip("maximum", x, y, whole),
          b.zip("add", p, q, whole),
          b.zip("mul", p, q, whole),
          b.zip("less", x, y, whole),
        ];
      },
    },
  ],
  where: broadcasts.map(
    ([x, y, shape]): ParityCase => ({
      ulp: 0,
      label: `[${x}] or [${y}]`,
      run: (b, t) => [b.where(t.bools(shape, {}), t.float(x, { offset: 1 }), t.float(y, { offset: 2 }), shape)],
    }),
  ),
  mapConstant: constantCases,
  cast: [
    {
      ulp: 0,
      label: "to int32, bool and back",
      run: (b, t) => {
        const x = t.float([8], { values: [0, 0.9, -0.9, 1.5, -1.5, 7, Number.NaN, -65_537.5], offset: 1 });
        const integers = b.cast(x, "int32");
        const truths = b.cast(x, "bool");
        const operand = { storage: integers, offset: 0, shape: [8] };
        return [integers, truths, b.cast(operand, b.float), b.cast(operand, "bool")];
      },
    },
  ],
} satisfies Partial<Record<keyof Backend, readonly ParityCase[]>>;

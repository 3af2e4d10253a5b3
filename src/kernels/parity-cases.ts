/**
 * The cases of the parity check: for every method of a back end, shapes and values chosen to hurt. A method without a
 * case does not compile.
 *
 * Bounds are in units in the last place of float32. Where a result is a difference of larger terms, the unit is taken of
 * those terms (`scale`): no summation in float32 can do better.
 */
import type { Backend, MatmulLayout } from "./backend.js";
import type { ParityCase } from "./parity.js";
import { fusedCases, optimizerCases } from "./parity-fused-cases.js";
import { type BinaryName, binary, type UnaryName, unary } from "./scalar.js";

type Method = Exclude<keyof Backend, "name" | "float" | "read" | "readSync" | "memory">;

/** Numbers that break careless kernels: zeros of both signs, the ends of float32, infinities, NaN. */
const hurtful = [
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
      run: (b: Backend, t: Parameters<ParityCase["run"]>[1]) => [
        b.map(f, t.float([n], { range: 12, values: values(n), offset: n % 5 })),
      ],
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

const layouts = [
  { outer: 1, length: 1, inner: 1 },
  { outer: 1, length: 7, inner: 1 },
  { outer: 5, length: 1, inner: 3 },
  { outer: 3, length: 257, inner: 1 },
  { outer: 2, length: 300, inner: 5 },
  { outer: 1, length: 70_000, inner: 1 },
  { outer: 66_000, length: 3, inner: 1 },
  { outer: 1, length: 3, inner: 66_000 },
] as const;

const reduceCases = (["sum", "sumOfSquares", "max", "min", "argmax", "argmin"] as const).flatMap((f): ParityCase[] => [
  ...layouts.map(
    (layout): ParityCase => ({
      row: `reduce ${f}`,
      ulp: f === "sum" || f === "sumOfSquares" ? 16 : 0,
      scale: f === "sum" ? "magnitudes" : undefined,
      label: `[${Object.values(layout)}]`,
      run: (b, t) => [b.reduce(f, t.float(Object.values(layout), { offset: 4 }), layout)],
    }),
  ),
  {
    row: `reduce ${f}`,
    ulp: 1,
    label: "ties, infinities and NaN by column",
    run: (b, t) => {
      const values = [1, 2, Number.NaN, -1, 2, 5, 1, 2, 5, Number.NaN, 2, -1, 3, 1, Number.POSITIVE_INFINITY];
      return [b.reduce(f, t.float([5, 3], { values }), { outer: 1, length: 5, inner: 3 })];
    },
  },
  {
    row: `reduce ${f}`,
    ulp: 0,
    label: "int32 [40, 3]",
    run: (b, t) => [b.reduce(f, t.integers([40, 3], { below: 50 }), { outer: 1, length: 40, inner: 3 })],
  },
]);

/** All of the bits below are zero unless said otherwise. */
const product = (m: number, k: number, n: number, more: Partial<MatmulLayout> = {}): MatmulLayout => ({
  batch: 1,
  m,
  k,
  n,
  transposeA: false,
  transposeB: false,
  batchStrideA: m * k,
  batchStrideB: k * n,
  ...more,
});
const products: readonly MatmulLayout[] = [
  product(1, 1, 1),
  product(3, 0, 4),
  product(1, 129, 1),
  product(5, 7, 3),
  product(16, 64, 32),
  product(33, 65, 4, { transposeA: true }),
  product(33, 65, 7, { transposeB: true }),
  product(13, 6, 8, { transposeA: true, transposeB: true }),
  product(5, 4, 3, { batch: 6, transposeB: true }),
  product(5, 4, 8, { batch: 6, batchStrideB: 0 }),
  product(5, 4, 3, { batch: 6, batchStrideA: 0, transposeA: true }),
  product(66_000, 2, 1),
  product(2, 3, 2, {
    batch: 4,
    batchOffsets: { a: Int32Array.of(6, 0, 6, 18), b: Int32Array.of(12, 0, 6, 0) },
    transposeB: true,
  }),
];
const matrices = ({ batch, m, k, n }: MatmulLayout): [a: number[], b: number[]] => [
  [batch, m, k],
  [batch, k, n],
];
const matmulLabel = ({ batch, m, k, n, transposeA, transposeB }: MatmulLayout): string =>
  `${batch} × [${m}, ${k}]${transposeA ? "ᵀ" : ""} · [${k}, ${n}]${transposeB ? "ᵀ" : ""}`;

const matmulCases = products.map(
  (layout): ParityCase => ({
    ulp: 8,
    scale: "magnitudes",
    label: matmulLabel(layout),
    run: (b, t) => {
      const [a, c] = matrices(layout);
      return [b.matmul(t.float(a, { offset: 3 }), t.float(c, { offset: 2 }), layout)];
    },
  }),
);

const matmulIntoCases = products.map(
  (layout): ParityCase => ({
    ulp: 8,
    scale: "magnitudes",
    label: matmulLabel(layout),
    run: (b, t) => {
      const [a, c] = matrices(layout);
      const into = t.float([layout.batch, layout.m, layout.n], { offset: 5 });
      b.matmulInto(t.float(a), t.float(c), layout, into);
      return [into.storage];
    },
  }),
);

const linearCases = ([null, "vector", "matrix"] as const).flatMap((bias) =>
  [
    [1, 1, 1],
    [5, 33, 7],
    [17, 64, 12],
  ].map(
    ([rows, k, n]): ParityCase => ({
      ulp: 8,
      scale: "magnitudes",
      label: `[${rows}, ${k}] to ${n}, bias ${bias}`,
      run: (b, t) => {
        const x = t.float([rows, k], { offset: 1 });
        const w = t.float([n, k], { offset: 2 });
        const added = bias === null ? null : t.float(bias === "vector" ? [n] : [rows, n], { offset: 3 });
        return [b.linear(x, w, added, rows, k, n)];
      },
    }),
  ),
);

const copies = [
  { from: [6], shape: [6], strides: [1], start: 0 },
  { from: [], shape: [3, 4], strides: [0, 0], start: 0 },
  { from: [9], shape: [4], strides: [-2], start: 8 },
  { from: [4, 5], shape: [5, 4], strides: [1, 5], start: 0 },
  { from: [3, 4, 5], shape: [5, 4, 3], strides: [1, 5, 20], start: 0 },
  { from: [2, 3, 4, 5], shape: [2, 4, 3, 5], strides: [60, 5, 20, 1], start: 0 },
  { from: [2, 3, 2, 3, 2], shape: [2, 3, 2, 3, 2], strides: [1, 2, 6, 12, 36], start: 0 },
  { from: [2, 2, 2, 2, 2, 2, 2], shape: [2, 2, 2, 2, 2, 2, 2], strides: [1, 4, 2, 16, 8, 64, 32], start: 0 },
  { from: [3, 70_000], shape: [70_000, 2], strides: [1, 70_000], start: 70_000 },
];

const copyCases = copies.map(
  ({ from, ...layout }): ParityCase => ({
    ulp: 0,
    label: `[${from}] as [${layout.shape}] by [${layout.strides}]`,
    run: (b, t) => [b.copy(t.float(from, { offset: 2 }), layout)],
  }),
);

const concatCases = [[3], [2, 5], [1, 0, 4], [1, 2, 3, 4, 5, 6, 7], new Array(18).fill(2)].map(
  (sizes): ParityCase => ({
    ulp: 0,
    label: `middle axes ${sizes}`,
    run: (b, t) => [
      b.concat(
        sizes.map((n) => t.float([3, n, 5], { offset: n })),
        { outer: 3, lengths: sizes, inner: 5 },
      ),
    ],
  }),
);

const padCases = [
  { from: [3], shape: [7], before: [2], steps: [1] },
  { from: [3], shape: [9], before: [1], steps: [3] },
  { from: [2, 3], shape: [2, 3], before: [0, 0], steps: [1, 1] },
  { from: [2, 3, 4], shape: [5, 3, 11], before: [1, 0, 2], steps: [2, 1, 2] },
  { from: [0, 3], shape: [4, 3], before: [0, 0], steps: [1, 1] },
].map(
  ({ from, shape, before, steps }): ParityCase => ({
    ulp: 0,
    label: `[${from}] into [${shape}] steps [${steps}]`,
    run: (b, t) => [b.pad(t.float(from, { offset: 1 }), shape, before, steps, -1.5)],
  }),
);

const rows = [
  { outer: 1, length: 1, inner: 1, count: 1 },
  { outer: 1, length: 11, inner: 5, count: 40 },
  { outer: 3, length: 4, inner: 3, count: 9 },
  { outer: 2, length: 300, inner: 1, count: 5 },
  { outer: 1, length: 7, inner: 2, count: 0 },
];

const gatherCases = rows.map(
  ({ count, ...layout }): ParityCase => ({
    ulp: 0,
    label: `${count} of [${Object.values(layout)}]`,
    run: (b, t) => [
      b.gather(t.float(Object.values(layout), { offset: 2 }), t.integers([count], { below: layout.length }), layout),
    ],
  }),
);

/** Indices sent by the host, and indices that only the device knows. */
const scatterCases = rows.flatMap(({ count, ...layout }) =>
  [false, true].map(
    (computed): ParityCase => ({
      ulp: 4,
      scale: "magnitudes",
      label: `${count} into [${Object.values(layout)}]${computed ? ", indices made on the device" : ""}`,
      run: (b, t) => {
        const { outer, length, inner } = layout;
        const x = t.float([outer, count, inner], { offset: 2 });
        const sent = t.integers([count], { below: length });
        const indices = computed ? { ...sent, storage: b.mapConstant("add", sent, 0) } : sent;
        const into = t.float([outer, length, inner], { offset: 3 });
        b.scatterAddInto(x, indices, layout, into);
        return [b.scatterAdd(x, indices, layout), into.storage];
      },
    }),
  ),
);

/** Every method but the fused kernels and the optimisers, whose cases are in a file of their own. */
export const parityCases: Record<Method, readonly ParityCase[]> = {
  zeros: [
    { ulp: 0, label: "three dtypes", run: (b) => [b.zeros(3, b.float), b.zeros(65_537, "int32"), b.zeros(1, "bool")] },
  ],
  upload: [
    { ulp: 0, label: "hurtful values", run: (_, t) => [t.float([hurtful.length], { values: hurtful }).storage] },
    {
      ulp: 0,
      label: "nothing, integers, truths",
      run: (_, t) => [t.float([0]).storage, t.integers([9], { below: 99 }).storage, t.bools([9], {}).storage],
    },
  ],
  fill: [
    {
      ulp: 0,
      label: "a view, and a whole",
      run: (b, t) => {
        const [x, whole, flags] = [t.float([4], { offset: 3 }), t.float([65_537]), t.bools([5], {})];
        b.fill(x, -0.25);
        b.fill(whole, Number.POSITIVE_INFINITY);
        b.fill(flags, 5);
        return [x.storage, whole.storage, flags.storage];
      },
    },
  ],
  assign: [
    {
      ulp: 0,
      label: "a view from a view, and a whole",
      run: (b, t) => {
        const [x, whole] = [t.float([4], { offset: 3 }), t.float([9])];
        b.assign(x, t.float([4], { offset: 2 }));
        b.assign(whole, t.float([9]));
        return [x.storage, whole.storage];
      },
    },
  ],
  accumulate: [
    {
      ulp: 0.5,
      label: "a view with a view, twice, and a whole",
      run: (b, t) => {
        const [x, whole, counts] = [t.float([4], { offset: 3 }), t.float([9]), t.integers([3], { below: 9 })];
        b.accumulate(x, t.float([4], { offset: 2 }));
        b.accumulate(whole, t.float([9]));
        b.accumulate(counts, t.integers([3], { below: 9 }));
        return [x.storage, whole.storage, counts.storage];
      },
    },
  ],
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
  reduce: reduceCases,
  matmul: matmulCases,
  matmulInto: matmulIntoCases,
  linear: linearCases,
  copy: copyCases,
  concat: concatCases,
  pad: padCases,
  gather: gatherCases,
  scatterAdd: scatterCases,
  scatterAddInto: [],
  ...fusedCases,
  ...optimizerCases,
};

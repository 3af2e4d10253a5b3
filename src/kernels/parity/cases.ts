/**
 * The cases of the parity check: for every method of a back end, shapes and values chosen to hurt. A method without a
 * case does not compile.
 *
 * Bounds are in units in the last place of float32. Where a result is a difference of larger terms, the unit is taken of
 * those terms (`scale`): no summation in float32 can do better.
 */
import type { Backend, MatmulLayout } from "../backend.js";
import { elementwiseCases, hurtful } from "./elementwise-cases.js";
import { fusedCases, optimizerCases } from "./fused-cases.js";
import type { ParityCase } from "./parity.js";

type Method = Exclude<keyof Backend, "name" | "float" | "read" | "readSync" | "memory" | "sequences">;

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
      ulp: f === "sum" || f === "sumOfSquares" ? 4 : 0,
      scale: f === "sum" ? "magnitudes" : undefined,
      label: `[${Object.values(layout)}]`,
      run: (b, t) => [b.reduce(f, t.float(Object.values(layout), { offset: 4 }), layout)],
    }),
  ),
  {
    row: `reduce ${f}`,
    ulp: 0,
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

/** A single product of contiguous, untransposed matrices unless said otherwise. */
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
    ulp: 4,
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
    ulp: 4,
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

const addProductsCases: ParityCase[] = [
  {
    ulp: 4,
    scale: "magnitudes",
    label: "small and large, one of a single row, onto views",
    run: (b, t) => {
      const sizes = [
        [7, 5, 3],
        [300, 270, 130],
        [1, 4, 6],
        [40, 1, 9],
        [33, 8, 1],
      ];
      const products = sizes.map(([rows, m, n]) => ({
        a: t.float([rows, m], { offset: 2 }),
        b: t.float([rows, n], { offset: 3 }),
        into: t.float([m, n], { offset: 5 }),
      }));
      b.addProducts(products);
      return products.map(({ into }) => into.storage);
    },
  },
];

const linearCases = ([null, "vector", "matrix"] as const).flatMap((bias) =>
  [
    [1, 1, 1],
    [5, 33, 7],
    [17, 64, 12],
  ].map(
    ([rows, k, n]): ParityCase => ({
      ulp: 4,
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
  { from: [5], shape: [5], before: [4], steps: [-1] },
  { from: [2], shape: [7], before: [5], steps: [-2] },
  { from: [2, 3], shape: [4, 6], before: [3, 4], steps: [-1, -2] },
].map(
  ({ from, shape, before, steps }): ParityCase => ({
    ulp: 0.5,
    label: `[${from}] into [${shape}] steps [${steps}]`,
    run: (b, t) => {
      const [x, into] = [t.float(from, { offset: 1 }), t.float(shape, { offset: 2 })];
      b.padInto(x, before, steps, into);
      return [b.pad(x, shape, before, steps, -1.5), into.storage];
    },
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
      ulp: 2,
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

/** Every method of a back end. */
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
  ...elementwiseCases,
  reduce: reduceCases,
  matmul: matmulCases,
  matmulInto: matmulIntoCases,
  addProducts: addProductsCases,
  linear: linearCases,
  copy: copyCases,
  concat: concatCases,
  pad: padCases,
  // Run beside pad, in the same cases.
  padInto: [],
  gather: gatherCases,
  scatterAdd: scatterCases,
  // Run beside scatterAdd, in the same cases.
  scatterAddInto: [],
  ...fusedCases,
  ...optimizerCases,
};

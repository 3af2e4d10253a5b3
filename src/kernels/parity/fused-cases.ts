/** The cases of the parity check for softmax, the fused kernels and the optimisers. */
import type { AxisLayout, Backend, UpdateOptions } from "../backend.js";
import type { Operand, Storage } from "../storage.js";
import type { Inputs, ParityCase } from "./parity.js";

/** Rows that break a careless softmax: huge, equal, one −Infinity, all −Infinity, NaN, +Infinity. */
const hurtfulRows = [
  [1e4, -1e4, 9999, 0],
  [-1e4, -1e4, -1e4, -1e4],
  [1, Number.NEGATIVE_INFINITY, 2, 3],
  new Array(4).fill(Number.NEGATIVE_INFINITY),
  [1, Number.NaN, 2, 3],
  [1, Number.POSITIVE_INFINITY, 2, 3],
  [3e38, -3e38, 0, 1],
].flat();

const layouts: readonly AxisLayout[] = [
  { outer: 1, length: 1, inner: 1 },
  { outer: 5, length: 7, inner: 1 },
  { outer: 3, length: 33, inner: 4 },
  { outer: 2, length: 1000, inner: 1 },
  { outer: 66_000, length: 3, inner: 1 },
];
const shapeOf = ({ outer, length, inner }: AxisLayout): number[] => [outer, length, inner];

/**
 * Rows whose one large number stands 80 to 87 above the others: their results lie just above the smallest normal number,
 * and a device that takes denormal numbers for 0 must not meet one on the way there.
 */
const outlierLayouts: readonly AxisLayout[] = [
  { outer: 8, length: 12, inner: 1 },
  { outer: 96, length: 130, inner: 1 },
];
const outliers = (t: Inputs, layout: AxisLayout): Operand => {
  const { outer, length } = layout;
  const at = (row: number, i: number): number =>
    i === row % length ? 83.5 + 1.5 * Math.sin(row) : 2 * Math.sin(row * length + i);
  const values = Array.from({ length: outer * length }, (_, i) => at(Math.floor(i / length), i % length));
  return t.float(shapeOf(layout), { values });
};

const softmaxCases: ParityCase[] = [
  ...layouts.map(
    (layout): ParityCase => ({
      ulp: 5,
      label: `[${shapeOf(layout)}]`,
      run: (b, t) => [b.softmax(t.float(shapeOf(layout), { range: 8, offset: 1 }), layout, null, 1)],
    }),
  ),
  ...outlierLayouts.map(
    (layout): ParityCase => ({
      ulp: 5,
      label: `[${shapeOf(layout)}], one of each row 80 to 87 above the rest`,
      run: (b, t) => [b.softmax(outliers(t, layout), layout, null, 1)],
    }),
  ),
  {
    ulp: 4,
    label: "hurtful rows",
    run: (b, t) => [b.softmax(t.float([7, 4], { values: hurtfulRows }), { outer: 7, length: 4, inner: 1 }, null, 1)],
  },
  ...[20, 300].map(
    (length): ParityCase => ({
      ulp: 5,
      label: `masked rows of ${length}, one without a place left`,
      run: (b, t) => {
        const mask = t.bools([4, length], { values: [...new Array(length).fill(0), 1, 0, 1, 1, 0, 1, 1, 1, 0] });
        return [b.softmax(t.float([12, length], { range: 9 }), { outer: 12, length, inner: 1 }, mask, 3)];
      },
    }),
  ),
];

/** What the operation needs besides its layout, made alike for every back end. */
const twoOf = (t: Inputs, layout: AxisLayout): [Operand, Operand] => [
  t.float(shapeOf(layout), { range: 1, offset: 2 }),
  t.float(shapeOf(layout), { offset: 1 }),
];

const gradientCases = (
  run: (b: Backend, y: Operand, gy: Operand, layout: AxisLayout) => Storage,
  scale: (b: Backend, y: Operand, gy: Operand, layout: AxisLayout) => Storage,
): ParityCase[] =>
  layouts.map((layout) => ({
    ulp: 5,
    label: `[${shapeOf(layout)}]`,
    run: (b, t) => [run(b, ...twoOf(t, layout), layout)],
    scale: (b, t) => [scale(b, ...twoOf(t, layout), layout)],
  }));

const flat = (storage: Storage): Operand => ({ storage, offset: 0, shape: [storage.length] });

/** |y| (|ȳ| + Σ |y ȳ|): as large as the terms of softmax's gradient. */
function softmaxScale(b: Backend, y: Operand, gy: Operand, layout: AxisLayout): Storage {
  const shape = shapeOf(layout);
  const [size, gradient] = [b.map("abs", y), b.map("abs", gy)].map((storage) => ({ ...flat(storage), shape }));
  const dot = b.reduce("sum", { ...flat(b.zip("mul", size, gradient, shape)), shape }, layout);
  const row = { ...flat(dot), shape: [layout.outer, 1, layout.inner] };
  return b.zip("mul", size, { ...flat(b.zip("add", gradient, row, shape)), shape }, shape);
}

/** |ȳ| + eʸ Σ |ȳ| */
function logSoftmaxScale(b: Backend, y: Operand, gy: Operand, layout: AxisLayout): Storage {
  const shape = shapeOf(layout);
  const gradient = { ...flat(b.map("abs", gy)), shape };
  const total = { ...flat(b.reduce("sum", gradient, layout)), shape: [layout.outer, 1, layout.inner] };
  const product = b.zip("mul", { ...flat(b.map("exp", y)), shape }, total, shape);
  return b.zip("add", gradient, { ...flat(product), shape }, shape);
}

/** An array as long as `like`, `size` everywhere: what results near 1 are measured by. */
const constant = (b: Backend, like: Storage, size: number): Storage => {
  const storage = b.zeros(like.length, b.float);
  b.fill(flat(storage), size);
  return storage;
};

const sized =
  (run: ParityCase["run"], size: number): ParityCase["run"] =>
  (b, t) =>
    run(b, t).map((storage) => constant(b, storage, size));

const recurrentSizes = [
  [1, 1],
  [3, 5],
  [17, 33],
] as const;

type Masked = "no mask" | "a mask";
const maskOf = (t: Inputs, batch: number, masked: Masked): Operand | null =>
  masked === "a mask" ? t.bools([batch], { values: [1, 0, 1] }) : null;

const recurrent = (make: (batch: number, hidden: number, masked: Masked) => Pick<ParityCase, "run">): ParityCase[] =>
  recurrentSizes.flatMap(([batch, hidden]) =>
    (["no mask", "a mask"] as const).map((masked) => {
      const { run } = make(batch, hidden, masked);
      return { ulp: 5, label: `[${batch}, ${hidden}], ${masked}`, run, scale: sized(run, 2) };
    }),
  );

const gruInputs = (t: Inputs, batch: number, hidden: number): [gi: Operand, gh: Operand, h: Operand] => [
  t.float([batch, 3 * hidden], { range: 3, offset: 1 }),
  t.float([batch, 3 * hidden], { range: 3 }),
  t.float([batch, hidden], { range: 1, offset: 2 }),
];
const lstmInputs = (t: Inputs, batch: number, hidden: number): [gi: Operand, gh: Operand, state: Operand] => [
  t.float([batch, 4 * hidden], { range: 3, offset: 1 }),
  t.float([batch, 4 * hidden], { range: 3 }),
  t.float([2, batch, hidden], { range: 2, offset: 2 }),
];

const saturated: ParityCase = {
  ulp: 5,
  label: "gates at ±1e4",
  run: (b, t) => {
    const gi = t.float([2, 12], { values: [1e4, -1e4, 3, -1e4, 1e4] });
    const gh = t.float([2, 12], { values: [0, 1e4, -1e4] });
    return [
      b.gruGates(gi, gh, t.float([2, 4]), null),
      b.lstmGates({ ...gi, shape: [2, 12] }, gh, t.float([2, 2, 3]), null),
    ];
  },
};

const scoreSizes = [
  [1, 1, 1, 1],
  [2, 3, 5, 7],
  [3, 1, 31, 65],
] as const;
const scoreInputs = (t: Inputs, [batch, steps, places, width]: readonly number[]): [Operand, Operand, Operand] => [
  t.float([batch, steps, width], { range: 3, offset: 1 }),
  t.float([batch, places, width], { range: 3 }),
  t.float([width], { range: 1, offset: 3 }),
];

const lossSizes = [
  { rows: 1, classes: 1, range: 3 },
  { rows: 7, classes: 11, range: 30 },
  { rows: 5, classes: 700, range: 5 },
];
/** Targets of which every fourth is ignored. */
const targetsOf = (t: Inputs, rows: number, classes: number): Operand =>
  t.integers([rows], { values: Array.from({ length: rows }, (_, i) => (i % 4 === 3 ? -100 : (i * 5) % classes)) });

const lossCases = (backward: boolean): ParityCase[] =>
  lossSizes.flatMap(({ rows, classes, range }) =>
    [0, 0.1].map((smoothing) => {
      const run: ParityCase["run"] = (b, t) => {
        const logits = t.float([rows, classes], { range, offset: 2 });
        const targets = targetsOf(t, rows, classes);
        const loss = b.crossEntropy(logits, targets, -100, smoothing);
        if (!backward) return [loss];
        const gy = t.float([rows], { offset: 1 });
        const made = { storage: loss, offset: 0, shape: [rows] };
        return [b.crossEntropyBackward(logits, targets, -100, smoothing, gy, made)];
      };
      // A loss is a difference of logits; its gradient a difference of probabilities.
      return { ulp: 5, label: `[${rows}, ${classes}], ε ${smoothing}`, run, scale: sized(run, backward ? 2 : range) };
    }),
  );

const rowSizes = [
  [1, 1],
  [5, 7],
  [3, 1030],
  [300, 33],
  [70, 1000],
] as const;

const layerNormInputs = (t: Inputs, rows: number, n: number): [x: Operand, weight: Operand] => [
  t.float([rows, n], { range: 3, offset: 1 }),
  t.float([n], { range: 1, offset: 2 }),
];

/** As large as the terms of the gradients: a row of one differs from its mean by rounding alone, times 1 / √ε. */
const layerNormBackward = rowSizes.map(([rows, n]): ParityCase => {
  const run: ParityCase["run"] = (b, t) => [
    ...b.layerNormBackward(...layerNormInputs(t, rows, n), 1e-3, t.float([rows, n], { offset: 3 })),
  ];
  return { ulp: 5, label: `[${rows}, ${n}]`, run, scale: sized(run, 4 * Math.sqrt(rows)) };
});

/** Softmax, log-softmax and the fused kernels. */
export const fusedCases = {
  softmax: softmaxCases,
  softmaxBackward: gradientCases((b, y, gy, layout) => b.softmaxBackward(y, gy, layout), softmaxScale),
  logSoftmax: [
    ...layouts.map((layout): ParityCase => {
      const run: ParityCase["run"] = (b, t) => [
        b.logSoftmax(t.float(shapeOf(layout), { range: 8, offset: 1 }), layout),
      ];
      return { ulp: 3, label: `[${shapeOf(layout)}]`, run, scale: sized(run, 8) };
    }),
    {
      ulp: 3,
      label: "hurtful rows",
      run: (b, t) => [b.logSoftmax(t.float([7, 4], { values: hurtfulRows }), { outer: 7, length: 4, inner: 1 })],
    },
  ],
  logSoftmaxBackward: gradientCases((b, y, gy, layout) => b.logSoftmaxBackward(y, gy, layout), logSoftmaxScale),
  layerNorm: rowSizes.map(([rows, n]): ParityCase => {
    const run: ParityCase["run"] = (b, t) => [
      b.layerNorm(...layerNormInputs(t, rows, n), t.float([n], { range: 1 }), 1e-5),
    ];
    return { ulp: 5, label: `[${rows}, ${n}]`, run, scale: sized(run, 2) };
  }),
  layerNormBackward,
  gruGates: [
    ...recurrent((batch, hidden, masked) => ({
      run: (b, t) => [b.gruGates(...gruInputs(t, batch, hidden), maskOf(t, batch, masked))],
    })),
    saturated,
  ],
  gruGatesBackward: recurrent((batch, hidden, masked) => ({
    run: (b, t) => {
      const inputs = gruInputs(t, batch, hidden);
      const mask = maskOf(t, batch, masked);
      return b.gruGatesBackward(...inputs, mask, t.float([batch, hidden], { offset: 3 }));
    },
  })),
  lstmGates: recurrent((batch, hidden, masked) => ({
    run: (b, t) => [b.lstmGates(...lstmInputs(t, batch, hidden), maskOf(t, batch, masked))],
  })),
  lstmGatesBackward: recurrent((batch, hidden, masked) => ({
    run: (b, t) => {
      const inputs = lstmInputs(t, batch, hidden);
      const mask = maskOf(t, batch, masked);
      return b.lstmGatesBackward(...inputs, mask, t.float([2, batch, hidden], { offset: 3 }));
    },
  })),
  additiveScore: scoreSizes.map((sizes): ParityCase => {
    const run: ParityCase["run"] = (b, t) => [b.additiveScore(...scoreInputs(t, sizes))];
    return { ulp: 5, label: `[${sizes}]`, run, scale: sized(run, sizes[3] / 2) };
  }),
  additiveScoreBackward: scoreSizes.map((sizes): ParityCase => {
    const [batch, steps, places] = sizes;
    const run: ParityCase["run"] = (b, t) =>
      b.additiveScoreBackward(...scoreInputs(t, sizes), t.float([batch, steps, places], { offset: 1 }));
    return { ulp: 5, label: `[${sizes}]`, run, scale: sized(run, 1 + places / 4) };
  }),
  crossEntropy: [
    ...lossCases(false),
    {
      ulp: 2,
      label: "−Infinity beside the target, and logits of ±1e4",
      run: (b: Backend, t: Inputs) => [
        b.crossEntropy(
          t.float([2, 3], { values: [1, Number.NEGATIVE_INFINITY, 2, 1e4, -1e4, 0] }),
          t.integers([2], { values: [0, 1] }),
          -100,
          0,
        ),
      ],
    },
  ],
  crossEntropyBackward: lossCases(true),
} satisfies Partial<Record<keyof Backend, readonly ParityCase[]>>;

const updates = (
  run: (b: Backend, t: Inputs, size: number, options: UpdateOptions) => readonly Storage[],
): ParityCase[] =>
  [1, 65, 1000].flatMap((size) =>
    [0, 0.01].map((weightDecay): ParityCase => {
      const whole: ParityCase["run"] = (b, t) => {
        const scale = weightDecay > 0 ? t.float([1], { values: [0.3], offset: 2 }) : null;
        return run(b, t, size, { learningRate: 0.05, weightDecay, scale });
      };
      return { ulp: 4, label: `[${size}], weight decay ${weightDecay}`, run: whole, scale: sized(whole, 1) };
    }),
  );

/** A mean square is never negative. */
const squares = (b: Backend, x: Operand): Operand => ({ storage: b.map("abs", x), offset: 0, shape: x.shape });

export const optimizerCases = {
  sgd: [
    ...updates((b, t, size, options) => {
      const p = t.float([size], { offset: 2 });
      b.sgd(p, t.float([size]), null, 0, options);
      return [p.storage];
    }),
    ...updates((b, t, size, options) => {
      const [p, velocity] = [t.float([size]), t.float([size], { offset: 2 })];
      b.sgd(p, t.float([size], { offset: 3 }), velocity, 0.9, options);
      return [p.storage, velocity.storage];
    }),
  ],
  adam: [false, true].flatMap((decoupled) =>
    updates((b, t, size, options) => {
      const [p, m, v] = [t.float([size], { offset: 1 }), t.float([size]), squares(b, t.float([size]))];
      const hyper = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled };
      b.adam(p, t.float([size], { offset: 3 }), m, v, 3, hyper, options);
      return [p.storage, m.storage, v.storage];
    }),
  ),
  adadelta: updates((b, t, size, options) => {
    const [p, g, d] = [t.float([size], { offset: 1 }), squares(b, t.float([size])), squares(b, t.float([size]))];
    b.adadelta(p, t.float([size], { offset: 3 }), g, d, { rho: 0.95, epsilon: 1e-6 }, options);
    return [p.storage, g.storage, d.storage];
  }),
} satisfies Partial<Record<keyof Backend, readonly ParityCase[]>>;

import { LayerNorm, noGrad, scope, tensor } from "backflow";
import {
  type AxisLayout,
  type Backend,
  type Operand,
  oneProduct,
  type Storage,
  useWasmBackend,
} from "backflow/kernels";
import { type Input, Inputs } from "../problems/inputs.js";
import type { Job } from "../problems/problem.js";

/** One line of the table: a kernel on fixed inputs. */
export interface KernelRow {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly job: Job;
  /** Bytes in and out if every number crosses once. */
  readonly bytes: number;
  /**
   * Vector instructions that the units for floats cannot do without: multiply-adds, multiplications, divisions as one
   * each, and additions where there is nothing else. What runs beside them on other units is not counted.
   */
  readonly instructions: number;
  /** What the library computes, on one of its back ends. */
  compute(backend: Backend, inputs: readonly Operand[]): Storage;
}

const inputs = new Inputs(1);
const SIDE = 1024;
const MILLION = SIDE * SIDE;
const square = (): Input => inputs.normal([SIDE, SIDE]);
const rows: AxisLayout = { outer: SIDE, length: SIDE, inner: 1 };
const columns: AxisLayout = { outer: 1, length: SIDE, inner: SIDE };
const all: AxisLayout = { outer: 1, length: MILLION, inner: 1 };

/** Such instructions for four numbers, counted in assembly/functions.ts. */
const counts = { exp: 11, sigmoid: 14, tanh: 17 } as const;

const mapped = (f: keyof typeof counts): KernelRow => ({
  name: `${f}, ${SIDE}²`,
  inputs: [square()],
  job: { task: f },
  bytes: 8 * MILLION,
  instructions: (counts[f] * MILLION) / 4,
  compute: (backend, [x]) => backend.map(f, x),
});

const zipped = (f: "add" | "mul", second: Input, words: string): KernelRow => ({
  name: `${f} ${words}, ${SIDE}²`,
  inputs: [square(), second],
  job: { task: f },
  bytes: 8 * MILLION + 4 * second.data.length,
  instructions: MILLION / 4,
  compute: (backend, [x, y]) => backend.zip(f, x, y, [SIDE, SIDE]),
});

const summed = (words: string, shape: readonly number[], axis: number, layout: AxisLayout): KernelRow => ({
  name: `sum ${words}, ${SIDE}²`,
  inputs: [inputs.normal(shape)],
  job: { task: "sum", axis },
  bytes: 4 * MILLION,
  instructions: MILLION / 4,
  compute: (backend, [x]) => backend.reduce("sum", x, layout),
});

function product(form: "NN" | "NT" | "TN", m: number, k: number, n: number): KernelRow {
  const [transposeA, transposeB] = [form[0] === "T", form[1] === "T"];
  const layout = oneProduct(m, k, n, { transposeA, transposeB });
  const [a, b] = [inputs.normal(transposeA ? [k, m] : [m, k]), inputs.normal(transposeB ? [n, k] : [k, n])];
  return {
    name: `matmul ${form} ${m} · ${k} · ${n}`,
    inputs: [a, b],
    job: { task: "matmul", transposeA, transposeB },
    bytes: 4 * (m * k + k * n + m * n),
    instructions: (m * k * n) / 4,
    compute: (backend, [x, y]) => backend.matmul(x, y, layout),
  };
}

/** An exponential, and softmax's quotient. */
const softmaxInstructions = ((counts.exp + 1) * MILLION) / 4;

export const kernelRows: readonly KernelRow[] = [
  mapped("exp"),
  mapped("sigmoid"),
  mapped("tanh"),
  {
    name: `softmax of rows, ${SIDE}²`,
    inputs: [square()],
    job: { task: "softmax", axis: 1 },
    bytes: 8 * MILLION,
    instructions: softmaxInstructions,
    compute: (backend, [x]) => backend.softmax(x, rows, null, 1),
  },
  {
    name: `log-softmax of rows, ${SIDE}²`,
    inputs: [square()],
    job: { task: "logSoftmax", axis: 1 },
    bytes: 8 * MILLION,
    instructions: softmaxInstructions,
    compute: (backend, [x]) => backend.logSoftmax(x, rows),
  },
  zipped("add", square(), "of two arrays"),
  zipped("mul", square(), "of two arrays"),
  zipped("add", inputs.normal([SIDE]), "of a row to each"),
  summed("of all", [MILLION], 0, all),
  summed("of rows", [SIDE, SIDE], 1, rows),
  summed("of columns", [SIDE, SIDE], 0, columns),
  product("NN", 512, 512, 512),
  product("NT", 512, 512, 512),
  product("TN", 512, 512, 512),
  product("NN", 32, 64, 192),
  product("NN", 32, 256, 768),
  product("NT", 32, 256, 768),
  product("NN", 32, 1024, 3072),
  product("NN", 64, 256, 768),
  product("NT", 64, 256, 768),
  product("NN", 64, 512, 2000),
  product("TN", 768, 64, 200),
];

/** Layer normalisation is timed as a layer is called. */
export const layerNormRow = {
  name: `layer norm of rows, ${SIDE}²`,
  inputs: [square(), inputs.normal([SIDE]), inputs.normal([SIDE])],
  job: { task: "layerNorm" },
  bytes: 8 * MILLION,
  // (x − mean)² is added up; then comes the quotient, and weight and bias.
  instructions: (3 * MILLION) / 4,
} as const;

/** The layer in float32 on a back end that is made the CPU's, or in float64. */
export function layerNorm(backend: Backend | null) {
  const dtype = backend ? "float32" : "float64";
  const use = (): void => {
    if (backend) useWasmBackend(backend);
  };
  use();
  const [x, weight, bias] = layerNormRow.inputs.map(({ data, shape }) => tensor(data, { shape: [...shape], dtype }));
  const layer = new LayerNorm(SIDE, { dtype });
  layer.loadStateDict({ weight, bias });
  return {
    result: () => scope(() => noGrad(() => layer.forward(x)).dataSync()),
    run: (): void => {
      use();
      scope(() => void noGrad(() => layer.forward(x)));
    },
  };
}

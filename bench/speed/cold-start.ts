/**
 * A cold start: a whole process from its first instruction to the gradient of Σ tanh(W x) in float32 on the CPU.
 *
 *     npm run bench:cold-start -- [--runs 15] [--json | --markdown]
 *
 * Every candidate is a process of its own, started in turns; the time is the parent's, from the start to the end. Before
 * that, each prints its gradient once, and all must agree.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { python } from "../engines/torch.js";
import { numberFrom } from "../number-option.js";
import { root } from "../report/machine.js";
import { type Summary, summarize } from "../runner/statistics.js";
import { type Column, conditions, markdownTable, terminalTable } from "./plain-table.js";
import { type Printing, speedCommand } from "./speed-command.js";

/** W[4, 3] and x[3], so that the gradient (1 − tanh²(W x)) xᵀ is the same everywhere. */
const W = [0.1, -0.2, 0.3, 0.4, 0.5, -0.6, -0.7, 0.8, 0.9, 0.05, -0.15, 0.25];
const x = [0.5, -1, 2];
const show = (gradient: string): string => `if (process.argv.includes("show")) console.log(String(${gradient}));`;

const programs = {
  "node, nothing": [process.execPath, "--input-type=module", "-e", "0"],
  Backflow: node(`import { tensor } from "backflow";
    const W = tensor(${JSON.stringify(W)}, { shape: [4, 3], requiresGrad: true });
    const x = tensor(${JSON.stringify(x)}, { shape: [3, 1] });
    W.matmul(x).tanh().sum().backward();
    const gradient = W.grad.dataSync();
    ${show("gradient")}`),
  "python3, nothing": [python, "-c", "0"],
  PyTorch: [
    python,
    "-c",
    `import sys, torch
W = torch.tensor(${JSON.stringify(W)}).reshape(4, 3).requires_grad_()
x = torch.tensor(${JSON.stringify(x)}).reshape(3, 1)
torch.tanh(W @ x).sum().backward()
gradient = W.grad.flatten().tolist()
if "show" in sys.argv: print(",".join(map(str, gradient)))`,
  ],
  "tfjs cpu": tfjs(["@tensorflow/tfjs"], "cpu"),
  "tfjs wasm": tfjs(["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"], "wasm"),
} satisfies Record<string, string[]>;

function node(program: string): string[] {
  return [process.execPath, "--input-type=module", "-e", program, "--"];
}

function tfjs(packages: readonly string[], backend: string): string[] {
  const peers = join(root, "bench/peers/node_modules");
  return node(`import { createRequire } from "node:module";
    const require = createRequire(${JSON.stringify(`${peers}/`)});
    const [tf] = ${JSON.stringify(packages)}.map((name) => require(name));
    if (!(await tf.setBackend("${backend}"))) throw new Error("tfjs has no back end ${backend} here");
    const x = tf.tensor(${JSON.stringify(x)}, [3, 1]);
    const gradient = await tf.grad((W) => tf.sum(tf.tanh(tf.matMul(W, x))))(tf.tensor(${JSON.stringify(W)}, [4, 3])).data();
    ${show("gradient")}`);
}

const run = ([command, ...args]: readonly string[], ...more: string[]): string =>
  execFileSync(command as string, [...args, ...more], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

/** The gradient a program prints, or null for one that computes nothing. */
function gradientOf(name: string, program: readonly string[]): number[] | null {
  if (name.endsWith("nothing")) return null;
  const line = run(program, "show").trim().split("\n").at(-1) as string;
  return line.split(",").map(Number);
}

/** dW of Σ tanh(W x), in float64. */
const exact = W.map((_, i) => {
  const row = Math.floor(i / 3);
  const y = Math.tanh(x.reduce((sum, value, j) => sum + value * W[3 * row + j], 0));
  return (1 - y * y) * x[i % 3];
});

const { runs, ...values } = speedCommand("bench:cold-start", "How long a new process takes until its first gradient.")
  .option("--runs <n>", "starts of each process", numberFrom(3, true), 15)
  .parse()
  .opts<Printing & { runs: number }>();

const candidates: [name: string, program: string[], times: number[]][] = [];
for (const [name, program] of Object.entries(programs)) {
  try {
    const gradient = gradientOf(name, program);
    if (gradient?.some((value, i) => !(Math.abs(value - exact[i]) < 1e-6)))
      throw new Error(`wrong gradient ${gradient}`);
    candidates.push([name, program, []]);
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr || (error as Error).message)
      .trim()
      .split("\n");
    console.error(`${name}: not here: ${said.find((line) => line.includes("Error")) ?? said[0]}`);
  }
}
for (let i = 0; i < runs; i++) {
  for (const [, program, times] of candidates) {
    const start = performance.now();
    run(program);
    times.push(performance.now() - start);
  }
}

const results = candidates.map(([name, , times]) => ({ name, ...summarize([times]), least: Math.min(...times) }));
type Result = (typeof results)[number];
const alone = (name: string): number => results.find((result) => result.name === name)?.median ?? 0;
const columns: Column<Result>[] = [
  ["process", ({ name }) => name],
  ["ms, median", ({ median }) => median.toFixed(0)],
  ["quartiles", ({ q1, q3 }: Summary) => `${q1.toFixed(0)}–${q3.toFixed(0)}`],
  ["least", ({ least }) => least.toFixed(0)],
  [
    "beyond the bare language",
    ({ name, median }) =>
      name.endsWith("nothing")
        ? ""
        : (median - alone(name === "PyTorch" ? "python3, nothing" : "node, nothing")).toFixed(0),
  ],
];
if (values.json) console.log(JSON.stringify({ conditions: conditions(), results }, null, 1));
else console.log((values.markdown ? markdownTable : terminalTable)(results, columns, conditions()));

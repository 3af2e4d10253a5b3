/**
 * The worst error of the vector functions against float64, over every n-th of all 2³² float32 bit patterns: zeros,
 * denormals, infinities and NaN among them.
 *
 *     npm run bench:accuracy -- [--every 127] [--json | --markdown]
 *
 * 1 means all of them, many minutes. The default takes under a minute.
 */
import { type UnaryName, unary } from "../../src/kernels/scalar.js";
import { backendOver } from "../../src/kernels/wasm/backend.js";
import { Engine } from "../../src/kernels/wasm/engine.js";
import { numberFrom } from "../number-option.js";
import { commit } from "../report/machine.js";
import { type Column, markdownTable, terminalTable } from "./plain-table.js";
import { type Printing, speedCommand } from "./speed-command.js";

const names: readonly UnaryName[] = ["tanh", "sigmoid", "exp", "log", "softplus", "sqrt"];
const BLOCK = 2 ** 18;

interface Worst {
  /** In units in the last place. */
  readonly error: number;
  readonly at: number;
  readonly tried: number;
}

/** In units in the last place of the exact value. */
function ulpError(actual: number, exact: number): number {
  if (actual === exact || (Number.isNaN(exact) && Number.isNaN(actual))) return 0;
  const rounded = Math.fround(exact);
  if (!Number.isFinite(rounded)) return actual === rounded ? 0 : Infinity;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact) || 2 ** -126)));
  return Math.abs(actual - exact) / 2 ** (exponent - 23);
}

function worstOf(f: UnaryName, fused: boolean, step: number): Worst {
  const backend = backendOver(new Engine(1, fused));
  const { value } = unary[f];
  const patterns = new Uint32Array(BLOCK);
  const numbers = new Float32Array(patterns.buffer);
  let [error, at, tried] = [0, 0, 0];
  for (let pattern = 0; pattern < 2 ** 32; ) {
    let n = 0;
    for (; n < BLOCK && pattern < 2 ** 32; n++, pattern += step) patterns[n] = pattern;
    const x = backend.upload(numbers.subarray(0, n), "float32");
    const y = backend.map(f, { storage: x, offset: 0, shape: [n] });
    const results = backend.readSync({ storage: y, offset: 0, shape: [n] });
    for (let i = 0; i < n; i++) {
      const off = ulpError(results[i], value(numbers[i]));
      if (!(off <= error)) [error, at] = [off, numbers[i]];
    }
    tried += n;
    for (const storage of [x, y]) {
      storage.retain();
      storage.release();
    }
  }
  return { error, at, tried };
}

const { every, ...values } = speedCommand(
  "bench:accuracy",
  "How exact the vector functions are, in units in the last place.",
)
  .option("--every <n>", "of all float32 numbers, one in so many", numberFrom(1, true), 127)
  .parse()
  .opts<Printing & { every: number }>();
const results = names.map((f) => ({ f, fused: worstOf(f, true, every), plain: worstOf(f, false, every) }));
type Result = (typeof results)[number];
const columns: Column<Result>[] = [
  ["function", ({ f }) => f],
  ["worst, fused multiply-add", ({ fused }) => `${fused.error.toFixed(2)} ulp`],
  ["at x =", ({ fused }) => fused.at.toPrecision(6)],
  ["worst, multiply then add", ({ plain }) => `${plain.error.toFixed(2)} ulp`],
  ["at x =", ({ plain }) => plain.at.toPrecision(6)],
];
const tried = results[0]?.fused.tried.toLocaleString("en");
const below = `${tried} values each, against float64; commit ${commit()}`;
if (values.json) console.log(JSON.stringify({ every, results }, null, 1));
else console.log((values.markdown ? markdownTable : terminalTable)(results, columns, below));

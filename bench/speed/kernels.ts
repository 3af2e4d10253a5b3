/**
 * The float32 CPU kernels beside the machine's ceiling, measured in the same run, and beside other engines.
 *
 *     npm run bench:kernels -- [--only softmax] [--seconds 0.15] [--rounds 3] [--no-peers] [--json | --markdown]
 *
 * Every candidate's result is first held against float64; then all take turns. A kernel's ceiling is the larger of two
 * times on one thread: its bytes at the rate of a loop of loads and stores over as many, and its vector
 * instructions at the rate of multiply-adds in registers. Both, and the kernel's time for the share, are the best seen;
 * the times in the table are medians.
 */
import { threadCount } from "backflow";
import { type Backend, createWasmBackend, type Operand, referenceBackend } from "backflow/kernels";
import { openPeers } from "../engines/peers.js";
import { torchWords } from "../engines/torch.js";
import { numberFrom } from "../number-option.js";
import { median } from "../runner/statistics.js";
import { plainTimer } from "../runner/timer.js";
import { ceiling, streamRate } from "../runner/wasm-ceiling.js";
import { type KernelRow, kernelRows, layerNorm, layerNormRow } from "./kernel-rows.js";
import { type Column, conditions, markdownTable, terminalTable } from "./plain-table.js";
import { type Printing, speedCommand } from "./speed-command.js";

const { seconds, rounds, ...values } = speedCommand(
  "bench:kernels",
  "Each CPU kernel beside the machine's ceiling and other engines.",
)
  .option("--only <text>", "kernels whose name has this in it", "")
  .option("--seconds <s>", "how long one is timed in a round", numberFrom(0.001, false), 0.15)
  .option("--rounds <n>", "rounds in turns", numberFrom(1, true), 3)
  .option("--no-peers", "no other engines")
  .parse()
  .opts<Printing & { only: string; seconds: number; rounds: number; peers: boolean }>();

/** Something that computes a row: here, or in a peer's process. */
interface Candidate {
  readonly name: string;
  readonly results: ArrayLike<number>;
  sample(seconds: number): Promise<number[]>;
  close(): void;
}

const first = "Backflow ×1";
const threads = threadCount();
const single = createWasmBackend(1);
const backends: [name: string, backend: Backend][] = [[first, single]];
if (threads > 1) backends.push([`Backflow ×${threads}`, createWasmBackend(threads)]);
const { peers, missing } = values.peers
  ? openPeers(["PyTorch", "onnxruntime", "tfjs wasm", "jax-js"])
  : { peers: [], missing: [] };
for (const { name, reason } of missing) console.error(`${name}: not here: ${reason}`);

const timed = async (run: () => void, time: number): Promise<number[]> => {
  const [samples] = await plainTimer([{ name: "", run, waits: false, calls: 1 }], time);
  return samples as number[];
};

function uploaded(backend: Backend, { inputs }: KernelRow): Operand[] {
  return inputs.map(({ data, shape }) => {
    const storage = backend.upload(data, "float32");
    storage.retain();
    return { storage, offset: 0, shape: [...shape] };
  });
}

function outcome(backend: Backend, row: KernelRow, operands: readonly Operand[]): ArrayLike<number> {
  const storage = row.compute(backend, operands);
  storage.retain();
  const results = backend.readSync({ storage, offset: 0, shape: [storage.length] });
  storage.release();
  return results;
}

function ours(name: string, backend: Backend, row: KernelRow): Candidate {
  const operands = uploaded(backend, row);
  const run = (): void => {
    const storage = row.compute(backend, operands);
    storage.retain();
    storage.release();
  };
  return {
    name,
    results: outcome(backend, row, operands),
    sample: (time) => timed(run, time),
    close: () => {
      for (const { storage } of operands) storage.release();
    },
  };
}

function truth(row: KernelRow): ArrayLike<number> {
  const backend = referenceBackend();
  const operands = row.inputs.map(({ data, shape }) => ({
    storage: backend.upload(Float64Array.from(data), "float64"),
    offset: 0,
    shape: [...shape],
  }));
  return outcome(backend, row, operands);
}

/** The largest difference, relative to the largest number. */
function error(found: ArrayLike<number>, exact: ArrayLike<number>): number {
  let [most, scale] = [0, 0];
  for (let i = 0; i < exact.length; i++) {
    most = Math.max(most, Math.abs((found[i] as number) - (exact[i] as number)));
    scale = Math.max(scale, Math.abs(exact[i] as number));
  }
  return found.length === exact.length ? most / scale : Number.POSITIVE_INFINITY;
}

async function peerCandidates(row: Pick<KernelRow, "job" | "inputs">): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const peer of peers) {
    try {
      const { results } = await peer.start({ kind: row.job, inputs: row.inputs });
      const { name } = peer;
      candidates.push({ name, results: results[0] ?? [], sample: (time) => peer.sample(time), close: () => {} });
    } catch {
      // It has no such kernel: its cell stays empty.
    }
  }
  return candidates;
}

interface Result {
  readonly name: string;
  /** What bounds it: bytes, or arithmetic. */
  readonly bound: "bytes" | "arithmetic";
  /** The least time on one thread that the ceilings allow, in milliseconds. */
  readonly least: number;
  /** Our best time on one thread, in milliseconds. */
  readonly best: number;
  /** Medians in milliseconds by candidate. */
  readonly times: Record<string, number>;
  readonly gflops: number | null;
}

async function measure(
  row: Pick<KernelRow, "name" | "job" | "bytes" | "instructions">,
  candidates: readonly Candidate[],
  exact: ArrayLike<number>,
  peak: number,
): Promise<Result> {
  const right = candidates.filter(({ name, results }) => {
    const off = error(results, exact);
    if (!(off < 2e-5)) console.error(`${name} is wrong at ${row.name} by ${off.toExponential(1)}: not timed`);
    return off < 2e-5;
  });
  const samples = right.map((): number[] => []);
  for (const candidate of right) await candidate.sample(seconds);
  for (let round = 0; round < rounds; round++) {
    for (const [i, candidate] of right.entries()) samples[i]?.push(...(await candidate.sample(seconds)));
  }
  for (const candidate of candidates) candidate.close();
  const times = Object.fromEntries(right.map(({ name }, i) => [name, median(samples[i] as number[])]));
  // The peak counts two operations a lane, four lanes an instruction.
  const arithmetic = (8 * row.instructions) / (peak * 1e6);
  const copy = row.bytes / ((await streamRate(row.bytes)) * 1e6);
  const own = times[first];
  return {
    name: row.name,
    bound: arithmetic > copy ? "arithmetic" : "bytes",
    least: Math.max(arithmetic, copy),
    best: right[0]?.name === first ? Math.min(...(samples[0] as number[])) : Number.NaN,
    times,
    gflops: row.job.task === "matmul" && own !== undefined ? (8 * row.instructions) / own / 1e6 : null,
  };
}

const fusedPeak = await ceiling(true).catch(() => 0);
const peak = Math.max(await ceiling(false), fusedPeak);
const results: Result[] = [];
for (const row of kernelRows) {
  if (!row.name.includes(values.only)) continue;
  const candidates = [...backends.map(([name, backend]) => ours(name, backend, row)), ...(await peerCandidates(row))];
  results.push(await measure(row, candidates, truth(row), peak));
}
if (layerNormRow.name.includes(values.only)) {
  const here = backends.map(([name, backend]): Candidate => {
    const { result, run } = layerNorm(backend);
    return { name, results: result(), sample: (time) => timed(run, time), close: () => {} };
  });
  const exact = layerNorm(null).result();
  results.push(await measure(layerNormRow, [...here, ...(await peerCandidates(layerNormRow))], exact, peak));
}
for (const peer of peers) peer.close();

const ms = (value: number | undefined): string => (value === undefined ? "–" : String(Number(value.toPrecision(3))));
const columns: Column<Result>[] = [
  ["kernel, times in ms", ({ name }) => name],
  ["share of the ceiling, one thread", ({ least, best, bound }) => `${((100 * least) / best).toFixed(0)} % ${bound}`],
  ["GFLOP/s", ({ gflops }) => (gflops === null ? "" : gflops.toFixed(0))],
  ...[...backends.map(([name]) => name), ...peers.map(({ name }) => name)].map(
    (name): Column<Result> => [name, ({ times }) => ms(times[name])],
  ),
];
const mebi = 2 ** 20;
const [cached, far] = [await streamRate(12 * mebi), await streamRate(128 * mebi)].map((rate) => rate.toFixed(1));
const beside = values.peers ? `${torchWords()}; "×1" on one core. ` : "";
const below = `Ceiling of one thread in WebAssembly: ${peak.toFixed(1)} GFLOP/s, ${cached} GB/s over 12 MiB, ${far} GB/s over 128 MiB, read and written. ${beside}${conditions()}`;
if (values.json) console.log(JSON.stringify({ peak, results, torch: torchWords(), conditions: conditions() }, null, 1));
else console.log((values.markdown ? markdownTable : terminalTable)(results, columns, below));
process.exit(0);

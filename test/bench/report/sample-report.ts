import type { BenchReport, Result } from "../../../bench/report/report.js";
import { summarize } from "../../../bench/runner/statistics.js";

/** A result timed at exactly so many milliseconds, in two rounds of ten. */
export function timed({
  device,
  ms,
  problem = "NN 10·10·10",
  size = 10,
}: {
  device: string;
  ms: number;
  problem?: string;
  size?: number;
}): Result {
  const run = summarize([Array(10).fill(ms), Array(10).fill(ms)]);
  return {
    suite: "matmul",
    problem,
    family: "NN square",
    size,
    work: { flops: 2 * size ** 3, bytes: 12 * size ** 2 },
    device,
    variant: "default",
    status: "timed",
    reason: null,
    error: { ulp: 1, bound: 8 },
    phases: { build: 3, upload: null, run, readBack: null, total: summarize([[2 * ms], [2 * ms]]), wait: null },
  };
}

export const report = (results: readonly Result[]): BenchReport => ({
  format: "backflow-bench-1",
  created: "2024-01-01T00:00:00.000Z",
  commit: "0123456789ab",
  machine: { cpu: "a CPU", cores: 2 },
  versions: { node: "20.20.2" },
  options: {},
  devices: [...new Set(results.map(({ device }) => device))].map((name) => ({ name, adapter: "this CPU" })),
  missing: [{ name: "gpu webgl2", reason: "no WebGL2 context can be made" }],
  ceilings: [{ device: "wasm", gflops: 10, gigabytes: 4, cachedGigabytes: 40, how: "measured" }],
  results,
});

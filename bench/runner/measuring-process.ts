/** The process that measures for the command: it is told once what to measure, and tells what it finds. */
import { DataError, DeviceError, DTypeError } from "backflow";
import { openPeers, peerNames } from "../engines/peers.js";
import type { Options } from "../options.js";
import { chosenProblems } from "../problems/chosen.js";
import { commit, machine, versions } from "../report/machine.js";
import type { BenchReport, Result } from "../report/report.js";
import { bennyTimer } from "./benny-timer.js";
import { runSuites } from "./run-suites.js";

export type Order = { readonly names: readonly string[]; readonly options: Options } | "stop";
export type News =
  | { readonly progress: string }
  | { readonly ready: BenchReport }
  | { readonly results: readonly Result[] }
  | { readonly report: BenchReport }
  /** `known`: its message says all that has to be said. */
  | { readonly error: Error; readonly known: boolean };

const tell = (news: News): Promise<void> => new Promise((resolve) => process.send?.(news, () => resolve()));

const stopped = new AbortController();

async function measure(names: readonly string[], options: Options): Promise<BenchReport> {
  const { variant, rounds, seconds, limit, minutes, sizes = null, seed } = options;
  const problems = await chosenProblems(names, sizes, seed);
  const peers = openPeers(options.peers === true ? peerNames : (options.peers ?? []));
  const only = variant && ((name: string) => variant.includes(name));
  try {
    return await runSuites({
      problems,
      peers,
      devices: { kinds: options.device, modes: options.mode, threads: options.threads },
      run: {
        timer: bennyTimer,
        rounds,
        seconds,
        limit,
        only,
        signal: stopped.signal,
        onProgress: (progress) => void tell({ progress }),
      },
      minutes,
      sizesAsked: sizes !== null,
      facts: {
        created: new Date().toISOString(),
        commit: commit(),
        machine: machine(),
        versions: versions(),
        options: { suites: names, ...options },
      },
      onReady: (ready) => void tell({ ready }),
      onProblem: (_, results) => void tell({ results }),
    });
  } finally {
    for (const peer of peers.peers) peer.close();
  }
}

// The command has ended without a word.
process.on("disconnect", () => process.exit(1));
process.on("message", async (order: Order) => {
  if (order === "stop") {
    stopped.abort();
    return;
  }
  try {
    await tell({ report: await measure(order.names, order.options) });
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const known = [DataError, DeviceError, DTypeError].some((kind) => error instanceof kind);
    await tell({ error, known });
  }
  // WebGPU's adapter would keep it alive.
  process.exit(0);
});

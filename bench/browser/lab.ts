import { type GpuMode, gpuModes } from "backflow/kernels";
import { type BrowserPeerName, openBrowserPeers } from "../engines/browser-peers.js";
import { assertOwnKernel, ownProblems } from "../problems/own-kernel.js";
import type { Problem } from "../problems/problem.js";
import type { BenchReport } from "../report/report.js";
import { type DeviceKind, threadCounts } from "../runner/devices.js";
import { runSuites, type SuiteRun } from "../runner/run-suites.js";
import { plainTimer } from "../runner/timer.js";
import { type SuiteName, suites } from "../suites/index.js";

/** What to run in this page. */
export interface LabOptions {
  readonly suites: readonly SuiteName[];
  /** Kernels of one's own: modules with all they import in them, each with the name of its file. */
  readonly kernels?: readonly { readonly file: string; readonly code: string }[];
  readonly peers?: readonly BrowserPeerName[];
  readonly sizes: readonly number[] | null;
  readonly device: readonly DeviceKind[];
  readonly mode?: readonly GpuMode[];
  readonly threads?: readonly number[];
  readonly variant?: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly limit: number;
  readonly minutes?: number;
  readonly seed: number;
}

/** A compiled kernel: its function's text, and what gpu.js made of it. */
export interface Program {
  readonly device: string;
  readonly name: string;
  readonly source: string;
  readonly generated: string | null;
}

export interface LabRun {
  readonly report: BenchReport;
  readonly programs: readonly Program[];
}

/** Modes that only exist outside of browsers. */
const elsewhere: readonly GpuMode[] = ["headlessgl"];
export const browserModes: readonly GpuMode[] = gpuModes.filter((mode) => !elsewhere.includes(mode));

async function problemsOf({ suites: names, kernels = [], sizes, seed }: LabOptions): Promise<Problem[]> {
  const problems = names.flatMap((name) => suites[name](sizes, seed));
  for (const { file, code } of kernels) {
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const module: { default?: unknown } = await import(/* @vite-ignore */ url);
    URL.revokeObjectURL(url);
    assertOwnKernel(module.default, file);
    problems.push(...ownProblems(module.default, sizes, seed));
  }
  return problems;
}

/** What a run tells while it goes on. */
export type LabEvents = Pick<SuiteRun, "onReady" | "onProblem"> & { readonly onProgress?: (text: string) => void };

/** Runs suites here, on the machine and in the browser that show this page. */
export async function runLab(
  options: LabOptions,
  { onProgress, onReady, onProblem, signal }: LabEvents & { readonly signal?: AbortSignal } = {},
): Promise<LabRun> {
  const { kernels: _, ...facts } = options;
  const { variant, rounds, seconds, limit } = options;
  const programs: Program[] = [];
  const report = await runSuites({
    problems: await problemsOf(options),
    peers: await openBrowserPeers(options.peers ?? []),
    devices: {
      kinds: options.device,
      modes: options.mode ?? browserModes,
      threads: options.threads ?? threadCounts(navigator.hardwareConcurrency),
    },
    run: {
      timer: plainTimer,
      rounds,
      seconds,
      limit,
      only: variant && ((name) => variant.includes(name)),
      signal,
      onProgress,
    },
    minutes: options.minutes,
    sizesAsked: options.sizes !== null,
    facts: {
      created: new Date().toISOString(),
      commit: "of this page",
      machine: { cores: navigator.hardwareConcurrency },
      versions: { browser: navigator.userAgent },
      options: facts,
    },
    onReady,
    onProblem,
    onFinish: (devices) => {
      for (const { name, gpu } of devices) {
        programs.push(...(gpu?.runtime.context.programs() ?? []).map((program) => ({ device: name, ...program })));
      }
    },
  });
  return { report, programs };
}

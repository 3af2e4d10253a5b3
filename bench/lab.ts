import { type GpuMode, gpuModes } from "backflow/kernels";
import { type DeviceKind, threadCounts } from "./devices.js";
import type { BenchReport } from "./report.js";
import { runSuites } from "./run-suites.js";
import { type SuiteName, suites } from "./suites/index.js";
import { plainTimer } from "./timer.js";

/** What to run in this page. */
export interface LabOptions {
  readonly suites: readonly SuiteName[];
  readonly sizes: readonly number[] | null;
  readonly device: readonly DeviceKind[];
  readonly mode?: readonly GpuMode[];
  readonly threads?: readonly number[];
  readonly variant?: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly limit: number;
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

/** Runs suites here, on the machine and in the browser that show this page. */
export async function runLab(options: LabOptions, onProgress: (text: string) => void = () => {}): Promise<LabRun> {
  const { variant, rounds, seconds, limit, seed } = options;
  const programs: Program[] = [];
  const report = await runSuites({
    problems: options.suites.flatMap((name) => suites[name](options.sizes, seed)),
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
      onProgress,
    },
    facts: {
      created: new Date().toISOString(),
      commit: "of this page",
      machine: { cores: navigator.hardwareConcurrency },
      versions: { browser: navigator.userAgent },
      options: { ...options },
    },
    onFinish: (devices) => {
      for (const { name, gpu } of devices) {
        programs.push(...(gpu?.runtime.context.programs() ?? []).map((program) => ({ device: name, ...program })));
      }
    },
  });
  return { report, programs };
}

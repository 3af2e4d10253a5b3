import type { Work } from "../problems/problem.js";
import type { Ceiling } from "../runner/ceilings.js";
import type { MissingDevice } from "../runner/devices.js";
import type { Summary } from "../runner/statistics.js";

/** What a candidate's time is made of. Null where there is nothing of the kind. */
export interface Phases {
  /** Milliseconds that the first call took more than later ones: compilation. A kernel compiled before costs nothing again. */
  readonly build: number;
  /** The inputs to the device. */
  readonly upload: Summary | null;
  /** One call on inputs that are there. */
  readonly run: Summary;
  /** The results back. */
  readonly readBack: Summary | null;
  /** Upload, one call and read-back, as one. */
  readonly total: Summary | null;
  /** Waiting for a device that has nothing left to do; it is part of upload, read-back and total. */
  readonly wait: Summary | null;
}

/** One candidate at one problem. */
export interface Result {
  readonly suite: string;
  readonly problem: string;
  /** Problems that differ in size alone share it. */
  readonly family: string;
  readonly size: number;
  readonly work: Work;
  readonly device: string;
  readonly variant: string;
  /** `wrong`: its results are not the truth, so it was not timed. `slow`: a single call, over the limit. `failed`: with its error. `skipped`: foreseen to be far over the limit, or no time was left. */
  readonly status: "timed" | "wrong" | "slow" | "failed" | "skipped";
  /** Why it is not `timed`. */
  readonly reason: string | null;
  /** The largest error in units in the last place of float32 and what is allowed; null where nothing came out. */
  readonly error: { readonly ulp: number; readonly bound: number } | null;
  readonly phases: Phases | null;
  /** Milliseconds of a call where there are no phases: how long one has to wait for it, no measurement. */
  readonly call?: number;
}

/** A whole run. */
export interface BenchReport {
  readonly format: "backflow-bench-1";
  readonly created: string;
  /** Of the sources; "-dirty" where they were changed since. */
  readonly commit: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, unknown>>;
  /** The devices measured, with what runs them. */
  readonly devices: readonly { readonly name: string; readonly adapter: string }[];
  readonly missing: readonly MissingDevice[];
  readonly ceilings: readonly Ceiling[];
  readonly results: readonly Result[];
  /** What a reader has to know before he reads the numbers, in sentences. */
  readonly notes?: readonly string[];
  /** What is left out because somebody ended the run early, in words. */
  readonly interrupted?: string;
}

/** What identifies a result across runs. */
export const resultKey = ({ suite, problem, device, variant }: Result): string =>
  [suite, problem, device, variant].join(" | ");

/** GFLOP/s and GB/s of a timed result, with their share of the device's ceilings; null where there is no number. */
export interface Rates {
  readonly gflops: number | null;
  readonly flopShare: number | null;
  readonly gigabytes: number | null;
  readonly byteShare: number | null;
}

export function rates({ work, phases, device }: Result, ceilings: readonly Ceiling[]): Rates {
  const nothing = { gflops: null, flopShare: null, gigabytes: null, byteShare: null };
  if (!phases) return nothing;
  const ceiling = ceilings.find((one) => one.device === device);
  const rate = (amount: number): number | null => (amount > 0 ? amount / phases.run.median / 1e6 : null);
  const share = (value: number | null, of: number | undefined): number | null =>
    value === null || of === undefined ? null : value / of;
  const [gflops, gigabytes] = [rate(work.flops), rate(work.bytes)];
  return {
    gflops,
    flopShare: share(gflops, ceiling?.gflops),
    gigabytes,
    byteShare: share(gigabytes, ceiling?.gigabytes),
  };
}

import { DataError } from "backflow";
import type { Problem } from "../problems/problem.js";
import type { BenchReport, Result } from "../report/report.js";
import { measureCeilings } from "./ceilings.js";
import { type BenchDevice, type DeviceChoice, type MissingDevice, openDevices } from "./devices.js";
import type { RunOptions } from "./entrant.js";
import { forecastFrom } from "./forecast.js";
import { MORE_MINUTES, type PeerEngine, plannedSeconds, runProblem } from "./run-problem.js";
import { timeFor } from "./schedule.js";
import { isSoftware, SOFTWARE_SHARE, softwareNotes, sparing } from "./software.js";

export interface SuiteRun {
  readonly problems: readonly Problem[];
  readonly devices: DeviceChoice;
  readonly run: RunOptions;
  /** How long all of it may take: where that is short, rounds become shorter; then candidates are skipped. */
  readonly minutes?: number;
  /** Whether somebody chose the sizes: then nothing is kept from a device for its size. */
  readonly sizesAsked?: boolean;
  /** Other engines, and those that are not installed. */
  readonly peers?: { readonly peers: readonly PeerEngine[]; readonly missing: readonly MissingDevice[] };
  /** What the report says of where it was made. */
  readonly facts: Pick<BenchReport, "created" | "commit" | "machine" | "versions" | "options">;
  /** Called with the devices before they are closed. */
  readonly onFinish?: (devices: readonly BenchDevice[]) => void;
  /** Called with the report that grows while it is measured. */
  readonly onReady?: (report: BenchReport) => void;
  readonly onProblem?: (report: BenchReport, results: readonly Result[]) => void;
}

/** Whether there is anything to measure; a {@link DataError} says why not. */
function assertAnything(problems: readonly Problem[], devices: readonly BenchDevice[], { only }: RunOptions): void {
  if (problems.length === 0) throw new DataError("no suite that was chosen has a problem of these sizes");
  const variants = problems.flatMap((problem) =>
    devices.flatMap((device) => problem.candidates(device).map(({ variant }) => variant)),
  );
  if (variants.length === 0) throw new DataError("nothing that was chosen runs on the chosen devices");
  if (only && !variants.some(only)) {
    throw new DataError(`no kernel of that name: here there are ${[...new Set(variants)].join(", ")}`);
  }
}

/** What float64 took for a problem, in milliseconds. */
interface Truth {
  readonly suite: string;
  readonly flops: number;
  readonly ms: number;
}

/** Why a problem cannot be begun, by the slowest that float64 was in its suite; null where it can. */
function truthTooLate({ suite, work }: Problem, truths: readonly Truth[], latest: number): string | null {
  const rates = truths.filter((one) => one.suite === suite && one.flops > 0).map(({ ms, flops }) => ms / flops);
  const expected = Math.max(0, ...rates) * work.flops;
  const left = Math.max(0, latest - performance.now());
  if (expected <= left) return null;
  const [needed, here] = [expected, left].map((ms) => (ms / 1000).toFixed(0));
  return `float64 alone would take ${needed} s, and ${here} s are left for this problem: ${MORE_MINUTES}`;
}

/** Opens the devices, measures their ceilings, runs the problems one after the other, and closes the devices. */
export async function runSuites({
  problems,
  devices: choice,
  run,
  minutes = Number.POSITIVE_INFINITY,
  sizesAsked = false,
  peers,
  facts,
  onFinish,
  onReady,
  onProblem,
}: SuiteRun): Promise<BenchReport> {
  const begin = performance.now();
  const { devices: opened, missing } = await openDevices(choice);
  const software = new Set(opened.filter(isSoftware).map(({ name }) => name));
  const devices = opened.map((device) => (software.has(device.name) ? { ...device, share: SOFTWARE_SHARE } : device));
  if (devices.length === 0) {
    const reasons = missing.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
    throw new DataError(`none of the chosen devices is here: ${reasons}`);
  }
  try {
    assertAnything(problems, devices, run);
    run.onProgress?.("ceilings");
    const results: Result[] = [];
    const notes = softwareNotes(software, sizesAsked);
    const report: BenchReport = {
      format: "backflow-bench-1",
      ...facts,
      devices: devices.map(({ name, adapter }) => ({ name, adapter })),
      missing: [...missing, ...(peers?.missing ?? [])],
      ceilings: await measureCeilings(devices),
      results,
      notes,
    };
    onReady?.(report);
    const seen = forecastFrom(results, run.limit);
    const forecast = sizesAsked ? seen : sparing(software, seen);
    const truths: Truth[] = [];
    const plans = problems.map((problem) => 1000 * plannedSeconds(problem, devices, peers?.peers ?? [], run));
    let shortest = 1;
    const onShortened = (share: number): void => {
      shortest = Math.min(shortest, share);
    };
    for (const [i, problem] of problems.entries()) {
      const name = `${i + 1} of ${problems.length}, ${problem.suite} ${problem.name}`;
      const onProgress = (text: string): void => run.onProgress?.(`${name}: ${text}`);
      const now = performance.now();
      const later = plans.slice(i + 1).reduce((sum, plan) => sum + plan, 0);
      const time = timeFor(plans[i], later, now, begin + 60_000 * minutes);
      const options = { ...run, ...time, onProgress, onShortened };
      const late = truthTooLate(problem, truths, time.latest);
      if (late === null) {
        onProgress("float64");
        const start = performance.now();
        // What fails here fails again with each candidate, and is told there.
        await problem.expected().catch(() => {});
        truths.push({ suite: problem.suite, flops: problem.work.flops, ms: performance.now() - start });
      }
      const found = await runProblem(problem, devices, options, peers?.peers, late === null ? forecast : () => late);
      results.push(...found);
      if (found.length > 0) onProblem?.(report, found);
      if (!run.signal?.aborted) continue;
      const interrupted = `ended early, at problem ${i + 1} of ${problems.length}: ${problem.suite} ${problem.name}`;
      return { ...report, interrupted };
    }
    const took = (performance.now() - begin) / 1000;
    const time = took < 60 ? `${took.toFixed(1)} seconds` : `${(took / 60).toFixed(1)} minutes`;
    notes.push(`${problems.length} ${problems.length === 1 ? "problem" : "problems"} in ${time}`);
    if (shortest < 1) {
      notes.push(
        `to be done in ${minutes} minutes, some rounds were down to ${(100 * shortest).toFixed(0)} % of their time`,
      );
    }
    const late = results.filter(({ status, reason }) => status === "skipped" && reason?.endsWith(MORE_MINUTES)).length;
    if (late > 0) notes.push(`for ${late} of ${results.length} candidates no time was left: ${MORE_MINUTES}`);
    onFinish?.(devices);
    return report;
  } finally {
    for (const device of devices) await device.close();
  }
}

import { DataError } from "backflow";
import { measureCeilings } from "./ceilings.js";
import { type BenchDevice, type DeviceChoice, type MissingDevice, openDevices } from "./devices.js";
import type { Problem } from "./problem.js";
import type { BenchReport, Result } from "./report.js";
import { type PeerEngine, type RunOptions, runProblem } from "./run-problem.js";

export interface SuiteRun {
  readonly problems: readonly Problem[];
  readonly devices: DeviceChoice;
  readonly run: RunOptions;
  /** Other engines, and those that are not installed. */
  readonly peers?: { readonly peers: readonly PeerEngine[]; readonly missing: readonly MissingDevice[] };
  /** What the report says of where it was made. */
  readonly facts: Pick<BenchReport, "created" | "commit" | "machine" | "versions" | "options">;
  /** Called with the devices before they are closed. */
  readonly onFinish?: (devices: readonly BenchDevice[]) => void;
  readonly onReady?: (report: BenchReport) => void;
  readonly onProblem?: (report: BenchReport, results: readonly Result[]) => void;
}

/** Opens the devices, measures their ceilings, runs the problems one after the other, and closes the devices. */
export async function runSuites({
  problems,
  devices: choice,
  run,
  peers,
  facts,
  onFinish,
  onReady,
  onProblem,
}: SuiteRun): Promise<BenchReport> {
  const { devices, missing } = await openDevices(choice);
  if (devices.length === 0) {
    const reasons = missing.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
    throw new DataError(`none of the chosen devices is here: ${reasons}`);
  }
  try {
    run.onProgress?.("ceilings");
    const results: Result[] = [];
    const report: BenchReport = {
      format: "backflow-bench-1",
      ...facts,
      devices: devices.map(({ name, adapter }) => ({ name, adapter })),
      missing: [...missing, ...(peers?.missing ?? [])],
      ceilings: await measureCeilings(devices),
      results,
    };
    onReady?.(report);
    for (const problem of problems) {
      const name = `${problem.suite} ${problem.name}`;
      const onProgress = (text: string): void => run.onProgress?.(`${name}: ${text}`);
      const found = await runProblem(problem, devices, { ...run, onProgress }, peers?.peers);
      results.push(...found);
      onProblem?.(report, found);
    }
    onFinish?.(devices);
    return report;
  } finally {
    for (const device of devices) await device.close();
  }
}

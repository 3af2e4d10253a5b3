/**
 * Kernel benchmarks: verified against float64, then timed.
 *
 *     npm run bench -- [suites…] [--device wasm,gpu] [--mode webgpu] [--sizes 256,1024] …
 */
import { DataError, DeviceError, DTypeError } from "backflow";
import pc from "picocolors";
import { labOptions, measureInBrowser } from "./browser/measure-in-browser.js";
import { peersNamed } from "./engines/peers.js";
import { type Options, program } from "./options.js";
import { chosen } from "./problems/chosen.js";
import { loadOwnKernel } from "./problems/own-kernel-file.js";
import { comparison, comparisonLines } from "./report/comparison.js";
import { crossovers, crossoverTable } from "./report/crossover.js";
import { preamble } from "./report/formats.js";
import { checkOutputs, readReport, writeOutputs } from "./report/outputs.js";
import type { BenchReport } from "./report/report.js";
import { crossoverText, problemTable } from "./report/terminal-table.js";
import { measureHere } from "./runner/measure-here.js";
import { follow, type Measuring, type MeasuringEvents } from "./runner/measuring.js";
import { suiteNames } from "./suites/index.js";

const INTERRUPTED = 130;

const progressTo = process.stderr.isTTY ? process.stderr : null;
const onProgress = (text: string): void => {
  const width = progressTo?.columns ?? 80;
  progressTo?.write(`\r\x1b[2K${pc.dim(text.slice(0, width - 1))}`);
};
const print = (text: string): void => {
  progressTo?.write("\r\x1b[2K");
  console.log(text);
};

function compareFiles(files: readonly string[]): void {
  const [before, after, ...rest] = files;
  if (before === undefined || after === undefined || rest.length > 0) {
    throw new DataError(`--compare takes two JSON files, got ${files.length}`);
  }
  print(comparisonLines(comparison(readReport(before), readReport(after))).join("\n"));
}

/** Ctrl-C ends the measurement and keeps what there is; pressed again, it waits for nothing, and keeps it too. */
function interruptions(): { signal: AbortSignal; atOnce: AbortSignal } {
  const [first, second] = [new AbortController(), new AbortController()];
  process.on("SIGINT", () => {
    if (first.signal.aborted) {
      second.abort();
      return;
    }
    first.abort();
    progressTo?.write("\r\x1b[2K");
    console.error("ending: what was measured is kept (Ctrl-C again ends at once)");
  });
  return { signal: first.signal, atOnce: second.signal };
}

/** Refuses what cannot be measured, then says how to begin. */
async function prepared(names: readonly string[], options: Options): Promise<(events: MeasuringEvents) => Measuring> {
  if (options.browser) {
    const lab = await labOptions(names, options);
    return (events) => measureInBrowser(lab, options.softwareGpu === true, events);
  }
  for (const file of chosen(names).files) await loadOwnKernel(file);
  if (Array.isArray(options.peers)) peersNamed(options.peers);
  return (events) => measureHere(names, options, events);
}

async function measure(given: readonly string[], options: Options): Promise<void> {
  if (options.compare) {
    compareFiles(given);
    return;
  }
  if (options.softwareGpu && !options.browser) throw new DataError("--software-gpu is for --browser");
  if (options.mode && !options.device.includes("gpu")) throw new DataError("--mode is for --device gpu");
  checkOutputs(options);
  // Read first: a baseline that cannot be read should not cost a whole measurement.
  const baseline = options.baseline === undefined ? null : readReport(options.baseline);
  const start = await prepared(given.length > 0 ? given : suiteNames, options);
  const { signal, atOnce } = interruptions();
  let begun: BenchReport | null = null;
  const { report, error } = await follow(start, {
    minutes: options.minutes,
    signal,
    atOnce,
    onProgress,
    onReady: (ready) => {
      begun = ready;
      print(`${preamble(ready).join("\n")}\n`);
    },
    onProblem: (results) => {
      const [first] = results;
      if (first) print(problemTable(`${first.suite}: ${first.problem}`, results, begun?.ceilings ?? []));
    },
  });
  const crossings = crossoverTable(crossovers(report.results));
  if (crossings) print(crossoverText(crossings));
  if (report.interrupted !== undefined) print(report.interrupted);
  const shown = (begun as BenchReport | null)?.notes?.length ?? 0;
  for (const note of report.notes?.slice(shown) ?? []) print(note);
  await writeOutputs(report, options, print);
  if (baseline) print(comparisonLines(comparison(baseline, report)).join("\n"));
  if (error) throw error;
  if (signal.aborted) process.exit(INTERRUPTED);
}

program.action(measure);
try {
  await program.parseAsync();
} catch (error) {
  const known = [DataError, DeviceError, DTypeError].some((kind) => error instanceof kind);
  if (!known && !(error instanceof Error && "syscall" in error)) throw error;
  console.error(`bench: ${(error as Error).message}`);
  process.exit(1);
}
// A browser that hangs would keep the process alive.
process.exit(0);

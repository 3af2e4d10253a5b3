/**
 * Kernel benchmarks: verified against float64, then timed.
 *
 *     npm run bench -- [suites…] [--device wasm,gpu] [--mode webgpu] [--sizes 256,1024] …
 */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { DataError, DeviceError, DTypeError } from "backflow";
import { type GpuMode, gpuModes } from "backflow/kernels";
import { Command, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import { bennyTimer } from "./benny-timer.js";
import { runInChromium } from "./chromium.js";
import { comparison, comparisonLines } from "./comparison.js";
import { crossoverLines, crossovers } from "./crossover.js";
import { type DeviceKind, deviceKinds, threadCounts } from "./devices.js";
import { byProblem, csv, markdown, preamble } from "./formats.js";
import { commit, machine, versions } from "./machine.js";
import { ownProblems } from "./own-kernel.js";
import { isKernelFile, loadOwnKernel } from "./own-kernel-file.js";
import { openPeers, peerNames } from "./peers.js";
import type { Problem } from "./problem.js";
import type { BenchReport, Result } from "./report.js";
import { html, json, parseReport } from "./report-file.js";
import { runSuites } from "./run-suites.js";
import { type SuiteName, suiteNames, suites } from "./suites/index.js";
import { walkProblems } from "./suites/walk.js";
import { problemTable } from "./terminal-table.js";

interface Options {
  readonly device: DeviceKind[];
  readonly mode?: GpuMode[];
  readonly threads: number[];
  readonly sizes?: number[] | null;
  readonly variant?: string[];
  readonly peers?: string[] | true;
  readonly browser?: true;
  readonly softwareGpu?: true;
  readonly rounds: number;
  readonly seconds: number;
  readonly limit: number;
  readonly seed: number;
  readonly json?: string;
  readonly csv?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly compare?: true;
  readonly baseline?: string;
}

const listOf =
  <T extends string>(known: readonly T[]) =>
  (text: string): T[] =>
    text.split(",").map((name) => {
      const found = known.find((one) => one === name);
      if (found === undefined) throw new InvalidArgumentError(`"${name}" is none of ${known.join(", ")}.`);
      return found;
    });

const numberFrom =
  (least: number, whole: boolean) =>
  (text: string): number => {
    const value = Number(text);
    if (text === "" || !(value >= least) || (whole && !Number.isInteger(value))) {
      throw new InvalidArgumentError(`"${text}" is no ${whole ? "whole " : ""}number from ${least} on.`);
    }
    return value;
  };

const wholeNumbers = (text: string): number[] => text.split(",").map(numberFrom(1, true));

const program = new Command("bench")
  .description("Measures kernels: each is held against float64 on the very inputs it is timed on, then timed.")
  .argument(
    "[suites...]",
    `any of ${suiteNames.join(", ")}, "walk" (docs/kernels.md), or files with kernels of your own; all suites where none is given`,
  )
  .addOption(
    new Option("-d, --device <kinds>", `of ${deviceKinds.join(", ")}`)
      .argParser(listOf(deviceKinds))
      .default([...deviceKinds], "all"),
  )
  .option(
    "-m, --mode <modes>",
    `modes of gpu.js: ${gpuModes.join(", ")} (default: all that run here)`,
    listOf(gpuModes),
  )
  .option(
    "-t, --threads <counts>",
    "of WebAssembly, each a candidate of its own",
    wholeNumbers,
    threadCounts(availableParallelism()),
  )
  .option("-s, --sizes <sizes>", "sizes instead of each suite's own: 256,1024", wholeNumbers)
  .option("-v, --variant <names>", 'kernels by name; "default" is what the library runs', (text) => text.split(","))
  .option(
    "-p, --peers [names]",
    `other engines beside, all or those whose names begin so: ${peerNames.join(", ")}`,
    (text) => text.split(","),
  )
  .option("-b, --browser", "run in headless Chromium: webgl2 and webgpu as a page has them")
  .option("--software-gpu", "with --browser: SwiftShader in place of a GPU")
  .option("--rounds <n>", "how often all candidates take turns", numberFrom(1, true), 5)
  .option("--seconds <s>", "seconds a candidate runs in a round", numberFrom(0.001, false), 0.1)
  .option("--limit <s>", "a call longer than so many seconds is timed once", numberFrom(0.01, false), 2)
  .option("--seed <n>", "of the random inputs", numberFrom(0, true), 1)
  .option("--json <file>", "write everything, every sample included")
  .option("--csv <file>", "write a line a result")
  .option("--markdown <file>", "write tables")
  .option("--html <file>", "write a page with plots: roofline, times, sizes")
  .option("--compare", "no measurement: what became faster or slower from the first JSON file to the second")
  .option("--baseline <file>", "say at the end how this run compares with an earlier one; never fails on timing")
  .showHelpAfterError("(--help shows all options)");

const progressTo = process.stderr.isTTY ? process.stderr : null;
const onProgress = (text: string): void => void progressTo?.write(`\r\x1b[2K${pc.dim(text)}`);
const print = (text: string): void => {
  progressTo?.write("\r\x1b[2K");
  console.log(text);
};

function write(report: BenchReport, options: Options): void {
  const files = [
    [options.json, json],
    [options.csv, csv],
    [options.markdown, markdown],
    [options.html, html],
  ] as const;
  for (const [file, format] of files) {
    if (file === undefined) continue;
    writeFileSync(file, format(report));
    print(`wrote ${file}`);
  }
}

const reportFrom = (file: string): BenchReport => parseReport(readFileSync(file, "utf8"), file);

function compareFiles(files: readonly string[]): void {
  const [before, after, ...rest] = files;
  if (before === undefined || after === undefined || rest.length > 0) {
    throw new DataError(`--compare takes two JSON files, got ${files.length}`);
  }
  print(comparisonLines(comparison(reportFrom(before), reportFrom(after))).join("\n"));
}

/** The problems of suites by name, and of kernels in files. */
async function problemsOf(names: readonly string[], { sizes = null, seed }: Options): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const name of names) {
    if (isKernelFile(name)) problems.push(...ownProblems(await loadOwnKernel(name), sizes, seed));
    else if (name === "walk") problems.push(...walkProblems(sizes, seed));
    else problems.push(...suites[listOf<SuiteName>(suiteNames)(name)[0]](sizes, seed));
  }
  return problems;
}

const onReady = (report: BenchReport): void => print(`${preamble(report).join("\n")}\n`);
const onProblem = ({ ceilings }: BenchReport, results: readonly Result[]): void => {
  const [first] = results;
  if (first) print(problemTable(`${first.suite}: ${first.problem}`, results, ceilings));
};

/** Measures in this process, and in those of the peers. */
async function measureHere(names: readonly string[], options: Options): Promise<BenchReport> {
  const problems = await problemsOf(names, options);
  const peers = openPeers(options.peers === true ? peerNames : (options.peers ?? []));
  const { variant, rounds, seconds, limit } = options;
  const only = variant && ((name: string) => variant.includes(name));
  try {
    return await runSuites({
      problems,
      peers,
      devices: { kinds: options.device, modes: options.mode, threads: options.threads },
      run: { timer: bennyTimer, rounds, seconds, limit, only, onProgress },
      facts: {
        created: new Date().toISOString(),
        commit: commit(),
        machine: machine(),
        versions: versions(),
        options: { suites: names, ...options },
      },
      onReady,
      onProblem,
    });
  } finally {
    for (const peer of peers.peers) peer.close();
  }
}

/** Measures in a page, and shows all of it at the end. */
async function measureInBrowser(names: readonly string[], options: Options): Promise<BenchReport> {
  if (options.peers) throw new DataError("--peers run beside Node: leave --browser away");
  const lab = { ...options, suites: listOf<SuiteName>(suiteNames)(names.join(",")), sizes: options.sizes ?? null };
  const found = await runInChromium(lab, options.softwareGpu === true, onProgress);
  const report: BenchReport = {
    ...found,
    commit: commit(),
    machine: machine(),
    versions: { ...versions(), ...found.versions },
  };
  onReady(report);
  for (const [, results] of byProblem(report.results)) onProblem(report, results);
  return report;
}

async function measure(names: readonly string[], options: Options): Promise<void> {
  if (options.compare) {
    compareFiles(names);
    return;
  }
  // Read first: a baseline that cannot be read should not cost a whole measurement.
  const baseline = options.baseline === undefined ? null : reportFrom(options.baseline);
  const chosen = names.length > 0 ? names : suiteNames;
  const report = await (options.browser ? measureInBrowser : measureHere)(chosen, options);
  const crossings = crossoverLines(crossovers(report.results)).map((line) => `  ${line}`);
  if (crossings.length > 0) print([pc.bold("crossover"), ...crossings, ""].join("\n"));
  write(report, options);
  if (baseline) print(comparisonLines(comparison(baseline, report)).join("\n"));
}

program.action(measure);
try {
  await program.parseAsync();
} catch (error) {
  const known = [DataError, DeviceError, DTypeError, InvalidArgumentError].some((kind) => error instanceof kind);
  if (!known && !(error instanceof Error && "syscall" in error)) throw error;
  console.error(`bench: ${(error as Error).message}`);
  process.exit(1);
}
// WebGPU's adapter would keep the process alive.
process.exit(0);

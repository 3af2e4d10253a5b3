/**
 * Kernel benchmarks: verified against float64, then timed.
 *
 *     npm run bench -- [suites…] [--device wasm,gpu] [--mode webgpu] [--sizes 256,1024] …
 */
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DataError, DeviceError, DTypeError } from "backflow";
import pc from "picocolors";
import { runInChromium } from "./browser/chromium.js";
import type { LabOptions } from "./browser/lab.js";
import { type BrowserPeerName, browserPeerNames } from "./engines/browser-peers.js";
import { beginsWith, openPeers, peerNames } from "./engines/peers.js";
import { type Options, program } from "./options.js";
import { ownProblems } from "./problems/own-kernel.js";
import { isKernelFile, loadOwnKernel, ownKernelForPage } from "./problems/own-kernel-file.js";
import type { Problem } from "./problems/problem.js";
import { comparison, comparisonLines } from "./report/comparison.js";
import { crossovers, crossoverTable } from "./report/crossover.js";
import { byProblem, csv, markdown, preamble } from "./report/formats.js";
import { commit, machine, versions } from "./report/machine.js";
import { writePictures } from "./report/pictures.js";
import type { BenchReport, Result } from "./report/report.js";
import { html, json, parseReport } from "./report/report-file.js";
import { crossoverText, problemTable } from "./report/terminal-table.js";
import { bennyTimer } from "./runner/benny-timer.js";
import { runSuites } from "./runner/run-suites.js";
import { isSuite, type SuiteName, suiteNames, suites } from "./suites/index.js";
import { walkProblems } from "./suites/walk.js";

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

const outputs = ({ json: asJson, csv: asCsv, markdown: asMarkdown, html: asHtml }: Options) =>
  [
    [asJson, json],
    [asCsv, csv],
    [asMarkdown, markdown],
    [asHtml, html],
  ] as const;

/** Found out before a measurement, not after. */
function checkOutputs(options: Options): void {
  for (const file of [...outputs(options).map(([name]) => name), options.svg]) {
    if (file === undefined) continue;
    try {
      accessSync(dirname(file), constants.W_OK);
    } catch {
      throw new DataError(`${file}: ${dirname(file)} is no folder that can be written to`);
    }
  }
}

function write(report: BenchReport, options: Options): void {
  for (const [file, format] of outputs(options)) {
    if (file === undefined) continue;
    writeFileSync(file, format(report));
    print(`wrote ${file}`);
  }
}

async function draw(report: BenchReport, { svg }: Options): Promise<void> {
  if (svg === undefined) return;
  print(`wrote ${await writePictures(report, svg)} pictures into ${svg}`);
}

function reportFrom(file: string): BenchReport {
  if (!existsSync(file)) throw new DataError(`${file}: there is no such file`);
  return parseReport(readFileSync(file, "utf8"), file);
}

function compareFiles(files: readonly string[]): void {
  const [before, after, ...rest] = files;
  if (before === undefined || after === undefined || rest.length > 0) {
    throw new DataError(`--compare takes two JSON files, got ${files.length}`);
  }
  print(comparisonLines(comparison(reportFrom(before), reportFrom(after))).join("\n"));
}

/** Sorts the arguments; a name that is nothing is told before anything is measured. */
function chosen(names: readonly string[]): { suiteNames: SuiteName[]; walk: boolean; files: string[] } {
  const stranger = names.find((name) => name !== "walk" && !isKernelFile(name) && !isSuite(name));
  if (stranger !== undefined) {
    throw new DataError(
      `no suite "${stranger}": there are ${suiteNames.join(", ")}, walk; a kernel of your own is a .ts or .js file`,
    );
  }
  return { suiteNames: names.filter(isSuite), walk: names.includes("walk"), files: names.filter(isKernelFile) };
}

async function problemsOf(names: readonly string[], { sizes = null, seed }: Options): Promise<Problem[]> {
  const { suiteNames: known, walk, files } = chosen(names);
  const problems = known.flatMap((name) => suites[name](sizes, seed));
  if (walk) problems.push(...walkProblems(sizes, seed));
  for (const file of files) problems.push(...ownProblems(await loadOwnKernel(file), sizes, seed));
  return problems;
}

/** What is being measured, for who ends it at once; and how many of its notes were shown. */
const running: { report: BenchReport | null; notes: number } = { report: null, notes: 0 };
const onReady = (report: BenchReport): void => {
  running.report = report;
  running.notes = report.notes?.length ?? 0;
  print(`${preamble(report).join("\n")}\n`);
};
const onProblem = ({ ceilings }: BenchReport, results: readonly Result[]): void => {
  const [first] = results;
  if (first) print(problemTable(`${first.suite}: ${first.problem}`, results, ceilings));
};

/** Measures in this process, and in those of the peers. */
async function measureHere(names: readonly string[], options: Options, signal: AbortSignal): Promise<BenchReport> {
  const problems = await problemsOf(names, options);
  const peers = openPeers(options.peers === true ? peerNames : (options.peers ?? []));
  const { variant, rounds, seconds, limit, minutes } = options;
  const only = variant && ((name: string) => variant.includes(name));
  try {
    return await runSuites({
      problems,
      peers,
      devices: { kinds: options.device, modes: options.mode, threads: options.threads },
      run: { timer: bennyTimer, rounds, seconds, limit, only, signal, onProgress },
      minutes,
      sizesAsked: options.sizes !== undefined,
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

function browserPeers(asked: Options["peers"]): BrowserPeerName[] {
  if (asked === undefined) return [];
  if (asked === true) return [...browserPeerNames];
  const stranger = asked.find((one) => !browserPeerNames.some((name) => beginsWith(name, one)));
  if (stranger !== undefined) {
    throw new DataError(`no peer "${stranger}" in a browser: there are ${browserPeerNames.join(", ")}`);
  }
  return browserPeerNames.filter((name) => asked.some((one) => beginsWith(name, one)));
}

/** Measures in a page, and shows all of it at the end. */
async function measureInBrowser(names: readonly string[], options: Options, signal: AbortSignal): Promise<BenchReport> {
  const { suiteNames: known, walk, files } = chosen(names);
  if (walk) throw new DataError('"walk" compiles its steps in Node: leave --browser away');
  const kernels: NonNullable<LabOptions["kernels"]>[number][] = [];
  for (const file of files) {
    await loadOwnKernel(file);
    kernels.push({ file, code: await ownKernelForPage(file) });
  }
  const { sizes = null, peers } = options;
  const lab: LabOptions = { ...options, suites: known, kernels, sizes, peers: browserPeers(peers) };
  const found = await runInChromium(lab, { softwareGpu: options.softwareGpu === true, onProgress, signal });
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

/** Ctrl-C ends the measurement and keeps what there is; pressed again, it waits for nothing, and keeps it too. */
function interruptible(options: Options): AbortSignal {
  const controller = new AbortController();
  process.on("SIGINT", () => {
    if (controller.signal.aborted) {
      const { report } = running;
      if (report) write({ ...report, interrupted: `ended at once, after ${report.results.length} results` }, options);
      process.exit(INTERRUPTED);
    }
    controller.abort();
    progressTo?.write("\r\x1b[2K");
    console.error("ending: what was measured is kept (Ctrl-C again ends at once)");
  });
  return controller.signal;
}

async function measure(names: readonly string[], options: Options): Promise<void> {
  if (options.compare) {
    compareFiles(names);
    return;
  }
  checkOutputs(options);
  // Read first: a baseline that cannot be read should not cost a whole measurement.
  const baseline = options.baseline === undefined ? null : reportFrom(options.baseline);
  const signal = interruptible(options);
  const report = await (options.browser ? measureInBrowser : measureHere)(
    names.length > 0 ? names : suiteNames,
    options,
    signal,
  );
  const crossings = crossoverTable(crossovers(report.results));
  if (crossings) print(crossoverText(crossings));
  if (report.interrupted !== undefined) print(report.interrupted);
  for (const note of report.notes?.slice(running.notes) ?? []) print(note);
  write(report, options);
  await draw(report, options);
  if (baseline) print(comparisonLines(comparison(baseline, report)).join("\n"));
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
// WebGPU's adapter would keep the process alive.
process.exit(0);

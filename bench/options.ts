import { availableParallelism } from "node:os";
import { type GpuMode, gpuModes } from "backflow/kernels";
import { Command, InvalidArgumentError, Option } from "commander";
import { browserPeerNames } from "./engines/browser-peers.js";
import { peerNames } from "./engines/peers.js";
import { numberFrom } from "./number-option.js";
import { type DeviceKind, deviceKinds, threadCounts } from "./runner/devices.js";
import { suiteNames } from "./suites/index.js";

export interface Options {
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
  readonly minutes: number;
  readonly seed: number;
  readonly json?: string;
  readonly csv?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly svg?: string;
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

const wholeNumbers = (text: string): number[] => text.split(",").map(numberFrom(1, true));

/** More than a machine runs at once only stand in each other's way. */
const threadNumbers = (text: string): number[] => {
  const counts = wholeNumbers(text);
  const most = availableParallelism();
  const tooMany = counts.find((count) => count > most);
  if (tooMany !== undefined) throw new InvalidArgumentError(`this machine runs ${most} at once.`);
  return counts;
};

export const program = new Command("bench")
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
    "of WebAssembly, each a device of its own",
    threadNumbers,
    threadCounts(availableParallelism()),
  )
  .option("-s, --sizes <sizes>", "sizes instead of each suite's own: 256,1024", wholeNumbers)
  .option("-v, --variant <names>", 'kernels by name; "default" is what the library runs', (text) => text.split(","))
  .option(
    "-p, --peers [names]",
    `other engines beside, all or those whose names begin so: ${peerNames.join(", ")}; with --browser ${browserPeerNames.join(", ")}`,
    (text) => text.split(","),
  )
  .option("-b, --browser", "run in headless Chromium: webgl2 and webgpu as a page has them")
  .option("--software-gpu", "with --browser: SwiftShader in place of a GPU")
  .option("--rounds <n>", "how often all candidates take turns", numberFrom(1, true), 5)
  .option("--seconds <s>", "seconds a candidate runs in a round", numberFrom(0.001, false), 0.1)
  .option(
    "--limit <s>",
    "a call longer than so many seconds is timed once; one foreseen far longer is skipped",
    numberFrom(0.01, false),
    1,
  )
  .option(
    "--minutes <n>",
    "how long all of it may take: where that is short, rounds become shorter, then kernels are skipped",
    numberFrom(0.1, false),
    12,
  )
  .option("--seed <n>", "of the random inputs", numberFrom(0, true), 1)
  .option("--json <file>", "write everything, every sample included")
  .option("--csv <file>", "write a line a result")
  .option("--markdown <file>", "write tables")
  .option("--html <file>", "write a page with plots: roofline, times, sizes")
  .option("--svg <folder>", "write the page's plots as pictures, in light and in dark")
  .option("--compare", "no measurement: what became faster or slower from the first JSON file to the second")
  .option("--baseline <file>", "say at the end how this run compares with an earlier one; never fails on timing")
  .configureOutput({ outputError: (text, write) => write(`bench: ${text.replace(/^error: /, "")}`) });

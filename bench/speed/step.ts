/**
 * One RNNsearch training step: forward, backward, clip to norm 1, Adam, with fresh random tokens, at four sizes.
 * The model and the step are the library's own, as `backflow train` runs them.
 *
 *     npm run bench:step -- [--peers torch,tfjs,jax-js] [--config E32,E64] [--seconds 5] [--json] [--profile]
 *
 * Peers take the same step in turn with ours, three rounds; each has to give our gradients first, on a tiny case from
 * the same weights. PyTorch runs under three settings of its threads; the ratio is to the best of them.
 */
import { DataError, scope, threadCount } from "backflow";
import { useWasmBackend, wasmBackend } from "backflow/kernels";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Peer } from "../engines/peer-process.js";
import { openStepPeers } from "../engines/peers.js";
import { expectedOf } from "../problems/step-problem.js";
import { ms } from "../report/formats.js";
import { median } from "../runner/statistics.js";
import { verify } from "../runner/verify.js";
import { type StepSize, stepSizes, trainingStep } from "../suites/training-step.js";
import { KernelProfile } from "./kernel-profile.js";

interface Options {
  readonly config: StepSize[];
  readonly seconds: number;
  readonly limit: number;
  readonly peers?: string[];
  readonly torch?: true;
  readonly profile?: true;
  readonly json?: true;
}

const SEED = 1;
/** Before any timing, at least so many steps and so many seconds: compilers settle. */
const WARM_UP = { steps: 3, seconds: 1.5 };
const LEAST_STEPS = 8;
const tiny: StepSize = { embedding: 6, hidden: 5, batch: 3, source: 4, target: 4, vocabulary: 11 };

const nameOf = ({ embedding }: StepSize): string => `E${embedding}`;
const known = stepSizes.map(nameOf).join(", ");

/** Calls `step` for so many seconds, `least` times at least: milliseconds each. */
function times(step: () => void, seconds: number, least: number): number[] {
  const samples: number[] = [];
  const start = performance.now();
  while (performance.now() - start < seconds * 1000 || samples.length < least) {
    const before = performance.now();
    step();
    samples.push(performance.now() - before);
  }
  return samples;
}

function timeOurs(size: StepSize, seconds: number): number[] {
  const { step } = trainingStep(size, SEED).build({ device: "cpu", dtype: "float32" });
  const once = (): void => scope(() => void step());
  times(once, WARM_UP.seconds, WARM_UP.steps);
  return times(once, seconds, LEAST_STEPS);
}

/** Where the time of one of our steps goes, by kernel; what is left is JavaScript. */
function profile(size: StepSize, seconds: number): string[] {
  const before = wasmBackend();
  const kernels = new KernelProfile(before);
  useWasmBackend(kernels.backend);
  const { step } = trainingStep(size, SEED).build({ device: "cpu", dtype: "float32" });
  const once = (): void => scope(() => void step());
  times(once, WARM_UP.seconds, WARM_UP.steps);
  kernels.reset();
  const samples = times(once, seconds, LEAST_STEPS);
  useWasmBackend(before);
  const whole = samples.reduce((sum, one) => sum + one, 0);
  const row = (name: string, calls: number | null, time: number): string => {
    const often = calls === null ? "" : `${calls / samples.length} ×`;
    return `${`${((100 * time) / whole).toFixed(1)} %`.padStart(7)}  ${ms(time / samples.length).padStart(8)} ms  ${often.padStart(5)}  ${name}`;
  };
  const shown = kernels.rows.filter((one) => one.ms > whole / 200);
  const hidden = kernels.rows.slice(shown.length).reduce((sum, one) => sum + one.ms, 0);
  const inKernels = kernels.rows.reduce((sum, one) => sum + one.ms, 0);
  return [
    `${nameOf(size)}: ${samples.length} steps of ${ms(whole / samples.length)} ms on average, ${threadCount()} thread(s)`,
    ...shown.map(({ kernel, calls, ms: time }) => row(kernel, calls, time)),
    row("all other kernels", null, hidden),
    row("JavaScript around them", null, whole - inKernels),
  ];
}

/** A peer's steps; a single one where it takes longer than the limit. */
async function timePeer(peer: Peer, size: StepSize, { seconds, limit }: Options): Promise<number[]> {
  const problem = trainingStep(size, SEED);
  if (problem.job) await peer.start(problem.job());
  const collect = async (atLeast: number, forSeconds: number): Promise<number[]> => {
    const samples: number[] = [];
    while (samples.length < atLeast) samples.push(...(await peer.sample(samples.length === 0 ? forSeconds : 0)));
    return samples;
  };
  const [first] = await peer.sample(0);
  const [second] = first > 1000 * limit ? [first] : await peer.sample(0);
  if (second > 1000 * limit) return [second];
  await collect(WARM_UP.steps, WARM_UP.seconds);
  return collect(LEAST_STEPS, seconds);
}

/** Why a peer may not take part: its gradients of a tiny case are not ours. Null where they are. */
async function disagreement(peer: Peer): Promise<string | null> {
  const problem = trainingStep(tiny, SEED);
  if (!problem.job) return null;
  try {
    const { results } = await peer.start(problem.job());
    const { correct, where } = verify(results, await expectedOf(problem));
    return correct ? null : `wrong: ${where}`;
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

interface Line {
  readonly config: string;
  readonly round: number;
  readonly engine: string;
  readonly ms: number;
  readonly min: number;
  readonly max: number;
  readonly steps: number;
}

const asText = ({ config, engine, ms: middle, min, max, steps }: Line): string =>
  `${config.padEnd(5)} ${engine.padEnd(38)} ${ms(middle)} ms (${ms(min)} – ${ms(max)}, ${steps} step${steps === 1 ? "" : "s"})`;

/** Our time to the best setting of every engine: settings of one engine begin with the same word. */
function ratios(ours: Line, theirs: readonly Line[]): Record<string, number> {
  const best = new Map<string, number>();
  for (const { engine, ms: time } of theirs) {
    const [family] = engine.split(",");
    best.set(family, Math.min(time, best.get(family) ?? Number.POSITIVE_INFINITY));
  }
  return Object.fromEntries([...best].map(([family, time]) => [family, ours.ms / time]));
}

async function measure(options: Options): Promise<void> {
  if (options.profile) {
    for (const size of options.config) console.log(`${profile(size, options.seconds).join("\n")}\n`);
    return;
  }
  const wanted = [...(options.peers ?? []), ...(options.torch ? ["torch"] : [])];
  const { peers, missing } = openStepPeers(wanted);
  const say = (text: string): void => (options.json ? console.error(text) : console.log(text));
  try {
    for (const { name, reason } of missing) say(`${name}: not here: ${reason}`);
    const racing: Peer[] = [];
    for (const peer of peers) {
      const reason = await disagreement(peer);
      if (reason === null) racing.push(peer);
      say(reason === null ? `${peer.name}: the same gradients` : `${peer.name}: not timed, ${reason}`);
    }
    for (const size of options.config) {
      for (let round = 0; round < (racing.length > 0 ? 3 : 1); round++) {
        const line = (engine: string, samples: readonly number[]): Line => {
          const [min, max] = [Math.min(...samples), Math.max(...samples)];
          return { config: nameOf(size), round, engine, ms: median(samples), min, max, steps: samples.length };
        };
        const show = (one: Line): Line => {
          console.log(options.json ? JSON.stringify(one) : asText(one));
          return one;
        };
        const ours = show(line(`backflow, ${threadCount()} thread(s)`, timeOurs(size, options.seconds)));
        const theirs: Line[] = [];
        for (const peer of racing) theirs.push(show(line(peer.name, await timePeer(peer, size, options))));
        const found = ratios(ours, theirs);
        if (theirs.length === 0) continue;
        if (options.json) console.log(JSON.stringify({ config: nameOf(size), round, ratios: found }));
        else {
          const each = Object.entries(found).map(([family, ratio]) => `${ratio.toPrecision(2)} of ${family}`);
          console.log(`${nameOf(size).padEnd(5)} our time is ${each.join(", ")}\n`);
        }
      }
    }
  } finally {
    for (const peer of peers) peer.close();
  }
}

const positive = (text: string): number => {
  const value = Number(text);
  if (text === "" || !(value > 0)) throw new InvalidArgumentError(`"${text}" is no positive number.`);
  return value;
};
const configs = (text: string): StepSize[] =>
  text.split(",").map((name) => {
    const found = stepSizes.find((size) => nameOf(size) === name);
    if (!found) throw new InvalidArgumentError(`"${name}" is none of ${known}.`);
    return found;
  });

const program = new Command("bench:step")
  .description("Times one RNNsearch training step: forward, backward, clip to norm 1, Adam, on fresh random tokens.")
  .addOption(new Option("-c, --config <names>", `of ${known}`).argParser(configs).default([...stepSizes], "all"))
  .option("-p, --peers <names>", "other engines beside: torch, tfjs, jax-js", (text) => text.split(","))
  .option("--torch", "the same as --peers torch")
  .option("--seconds <s>", "seconds an engine steps in a round", positive, 5)
  .option("--profile", "where our own step's time goes, kernel by kernel, instead")
  .option("--limit <s>", "a peer's step longer than so many seconds is taken once", positive, 10)
  .option("--json", "a line of JSON a measurement")
  .configureOutput({ outputError: (text, write) => write(`bench:step: ${text.replace(/^error: /, "")}`) })
  .action(measure);
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof DataError)) throw error;
  console.error(`bench:step: ${error.message}`);
  process.exit(1);
}

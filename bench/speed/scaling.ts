/**
 * How the time of an RNNsearch training step grows with batch, hidden size, source length and vocabulary, each doubled
 * four times, beside how the arithmetic grows.
 *
 *     npm run bench:scaling -- [--rounds 3] [--processor-time] [--json | --markdown] [--svg docs/images/scaling.svg]
 *
 * On a busy machine, BACKFLOW_THREADS=1 and --processor-time: what others take is not in it then.
 */
import { writeFileSync } from "node:fs";
import { scope, threadCount } from "backflow";
import { numberFrom } from "../number-option.js";
import { median } from "../runner/statistics.js";
import { type StepSize, trainingStep } from "../suites/training-step.js";
import { type Column, conditions, markdownTable, terminalTable } from "./plain-table.js";
import { exponent } from "./power-law.js";
import { scalingPlot } from "./scaling-plot.js";
import { type Printing, speedCommand } from "./speed-command.js";
import { stepFlops } from "./step-flops.js";

const base: StepSize = { embedding: 64, hidden: 64, batch: 32, source: 12, target: 12, vocabulary: 1000 };
const factors = [1, 2, 4, 8, 16];
const dimensions = {
  batch: "batch",
  hidden: "hidden size",
  source: "source length",
  vocabulary: "vocabulary",
} as const;
type Dimension = keyof typeof dimensions;

/** One size on the way, with the times of all its steps. */
interface Point {
  readonly dimension: Dimension;
  readonly name: string;
  readonly value: number;
  readonly flops: number;
  readonly times: number[];
}

const sizeOf = ({ dimension, value }: Point): StepSize => ({ ...base, [dimension]: value });

const { rounds, processorTime, svg, ...values } = speedCommand(
  "bench:scaling",
  "Whether a training step grows faster than its arithmetic.",
)
  .option("--rounds <n>", "rounds in turns", numberFrom(1, true), 3)
  .option("--processor-time", "the processor's time instead of the clock's")
  .option("--svg <file>", "draws the curves")
  .parse()
  .opts<Printing & { rounds: number; processorTime?: true; svg?: string }>();

/** Milliseconds: of the processor, all threads together, or of the wall. */
const now = (): number => {
  if (!processorTime) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** A training step in float32 on the CPU, as `backflow train` does it, on new random tokens at every call. */
function stepOf(size: StepSize): () => void {
  const { step } = trainingStep(size, 0).build({ device: "cpu", dtype: "float32" });
  return () => scope(() => void step());
}

/** At least 0.4 s of steps and three of them, after half as many that are not counted. */
const measure = (point: Point): void =>
  scope(() => {
    const step = stepOf(sizeOf(point));
    const run = (seconds: number, least: number): number[] => {
      const times: number[] = [];
      const end = performance.now() + 1000 * seconds;
      while (times.length < least || performance.now() < end) {
        const start = now();
        step();
        times.push(now() - start);
      }
      return times;
    };
    run(0.2, 2);
    point.times.push(...run(0.4, 3));
  });

const points: Point[] = (Object.keys(dimensions) as Dimension[]).flatMap((dimension) =>
  factors.map((factor) => {
    const value = base[dimension] * factor;
    const flops = stepFlops({ ...base, [dimension]: value });
    return { dimension, name: dimensions[dimension], value, flops, times: [] };
  }),
);
// The base stands in every line and is measured with each; a first round only warms up.
const warm = stepOf(base);
for (const end = performance.now() + 1500; performance.now() < end; ) warm();
for (let round = 0; round < rounds; round++) for (const point of points) measure(point);

const results = (Object.keys(dimensions) as Dimension[]).map((dimension) => {
  const line = points.filter((point) => point.dimension === dimension);
  const time = line.map(({ value, times }) => [value, median(times)] as const);
  const flops = line.map((point) => [point.value, point.flops] as const);
  return {
    dimension: dimensions[dimension],
    values: line.map(({ value }) => value),
    milliseconds: time.map(([, ms]) => ms),
    flops: flops.map(([, count]) => count),
    time: exponent(time),
    arithmetic: exponent(flops),
    lastTime: exponent(time.slice(-3)),
    lastArithmetic: exponent(flops.slice(-3)),
  };
});
type Result = (typeof results)[number];

const ms = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const columns: Column<Result>[] = [
  ["doubled four times", ({ dimension, values: [first, , , , last] }) => `${dimension}, ${first} to ${last}`],
  [processorTime ? "ms of the processor a step" : "ms a step", ({ milliseconds }) => milliseconds.map(ms).join(", ")],
  ["time ∝ xᵖ, p", ({ time }) => time.toFixed(2)],
  ["arithmetic, p", ({ arithmetic }) => arithmetic.toFixed(2)],
  ["last two doublings: time", ({ lastTime }) => lastTime.toFixed(2)],
  ["arithmetic", ({ lastArithmetic }) => lastArithmetic.toFixed(2)],
];
const { embedding, hidden, batch, source, target, vocabulary } = base;
const below = `From embedding ${embedding}, hidden ${hidden}, batch ${batch}, ${source} source and ${target} target words, vocabulary ${vocabulary}; ${threadCount()} thread(s); ${conditions()}`;
if (values.json)
  console.log(JSON.stringify({ base, threads: threadCount(), conditions: conditions(), results }, null, 1));
else console.log((values.markdown ? markdownTable : terminalTable)(results, columns, below));
if (svg !== undefined) writeFileSync(svg, scalingPlot(results));

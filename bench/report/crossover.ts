import type { Phases, Result } from "./report.js";

/** What is compared: a call on data that is there, or with the way to the device and back. */
export type Span = "run" | "total";

/** From which size on one device is faster than another, for problems that differ in size alone. */
export interface Crossover {
  readonly suite: string;
  readonly family: string;
  readonly span: Span;
  readonly gpu: string;
  readonly cpu: string;
  /** The sizes measured on both. */
  readonly sizes: readonly number[];
  /**
   * The size where the two lines through the measured times (both axes logarithmic) meet for the last time; the GPU is
   * faster above it. `always` and `never` within the measured sizes.
   */
  readonly at: number | "always" | "never";
}

interface Point {
  readonly size: number;
  readonly gpu: number;
  readonly cpu: number;
}

const timeOf = (phases: Phases, span: Span): number | null => phases[span]?.median ?? null;

/** The library's own kernel of each device, timed. */
const series = (results: readonly Result[], suite: string, family: string, device: string, span: Span) =>
  new Map(
    results.flatMap((result) => {
      const here = result.suite === suite && result.family === family && result.device === device;
      if (!here || result.variant !== "default" || !result.phases) return [];
      const time = timeOf(result.phases, span);
      return time === null ? [] : [[result.size, time] as const];
    }),
  );

/** Where log(gpu / cpu), linear in log(size) between two points, is 0. */
function meeting(a: Point, b: Point): number {
  const [from, to] = [a, b].map(({ gpu, cpu }) => Math.log(gpu / cpu));
  const share = from / (from - to);
  return Math.exp(Math.log(a.size) + share * (Math.log(b.size) - Math.log(a.size)));
}

function crossing(points: readonly Point[]): Crossover["at"] {
  const gpuWins = points.map(({ gpu, cpu }) => gpu < cpu);
  const lastLoss = gpuWins.lastIndexOf(false);
  if (lastLoss === -1) return "always";
  if (lastLoss === points.length - 1) return "never";
  return meeting(points[lastLoss], points[lastLoss + 1]);
}

const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];

/** Where each GPU mode overtakes the fastest CPU device, for every family measured at two sizes or more. */
export function crossovers(results: readonly Result[]): Crossover[] {
  const devices = unique(results.map(({ device }) => device));
  const gpus = devices.filter((device) => device.startsWith("gpu "));
  const cpus = devices.filter((device) => device.startsWith("wasm"));
  const families = unique(results.map(({ suite, family }) => `${suite}\n${family}`)).map((key) => key.split("\n"));
  return families.flatMap(([suite, family]) =>
    (["run", "total"] as const).flatMap((span) =>
      gpus.flatMap((gpu): Crossover[] => {
        const times = series(results, suite, family, gpu, span);
        const cpuTimes = cpus.map((cpu) => series(results, suite, family, cpu, span));
        const points = [...times].flatMap(([size, time]): Point[] => {
          const found = cpuTimes.flatMap((one) => one.get(size) ?? []);
          return found.length > 0 ? [{ size, gpu: time, cpu: Math.min(...found) }] : [];
        });
        if (points.length < 2) return [];
        points.sort((a, b) => a.size - b.size);
        const sizes = points.map(({ size }) => size);
        return [{ suite, family, span, gpu, cpu: cpus.join(" and "), sizes, at: crossing(points) }];
      }),
    ),
  );
}

const spans = { run: "data resident", total: "with upload and read-back" } as const;

/** Up to which size the GPU was slower, or from which on it was faster. */
function crossoverWords({ at, sizes }: Crossover): string {
  if (at === "never") return `not up to ${sizes.at(-1)}`;
  if (at === "always") return `from ${sizes[0]} on, the smallest`;
  return `from about ${Number(at.toPrecision(2))} on`;
}

export interface CrossoverTable {
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A row a kernel and span, a column a mode of the GPU; null where nothing was measured at two sizes on both. */
export function crossoverTable(found: readonly Crossover[]): CrossoverTable | null {
  if (found.length === 0) return null;
  const gpus = unique(found.map(({ gpu }) => gpu));
  const kernels = unique(found.map(({ suite, family, span }) => [suite, family, span].join("\n")));
  const rows = kernels.map((key) => {
    const own = found.filter(({ suite, family, span }) => [suite, family, span].join("\n") === key);
    const [{ suite, family, span }] = own;
    const words = gpus.map((gpu) => own.filter((one) => one.gpu === gpu).map(crossoverWords)[0] ?? "not measured");
    return [`${suite}: ${family}`, spans[span], ...words];
  });
  return {
    heading: `From which size on the GPU is faster than ${found[0].cpu}`,
    columns: ["kernel", "time", ...gpus],
    rows,
  };
}

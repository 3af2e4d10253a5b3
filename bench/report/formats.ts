import { compare, type Summary } from "../runner/statistics.js";
import { crossovers, crossoverTable } from "./crossover.js";
import { type BenchReport, type Rates, type Result, rates } from "./report.js";

/** Milliseconds with three digits. */
export const ms = (value: number): string => {
  if (value >= 1000) return value.toFixed(0);
  return value === 0 || value >= 0.001 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
};

const percent = (share: number | null): string => (share === null ? "" : ` (${(100 * share).toFixed(0)} %)`);
const rate = (value: number | null, share: number | null): string =>
  value === null ? "" : `${Number(value.toPrecision(3))}${percent(share)}`;
const spread = ({ median, q1, q3 }: Summary): string => `${ms(median)} [${ms(q1)}–${ms(q3)}]`;
const one = (summary: Summary | null): string => (summary ? ms(summary.median) : "");

/** How a result stands to the fastest of its problem: "1", "2.3×", or "same" where the noise is larger than the difference. */
function standing(result: Result, others: readonly Result[]): string {
  if (result.status !== "timed" || !result.phases) return "";
  const fastest = others.reduce((best, other) =>
    other.status === "timed" &&
    (other.phases as NonNullable<Result["phases"]>).run.median < (best.phases?.run.median ?? Number.POSITIVE_INFINITY)
      ? other
      : best,
  );
  if (fastest === result || !fastest.phases) return "fastest";
  const { ratio, verdict } = compare(fastest.phases.run.rounds, result.phases.run.rounds);
  return verdict === "same" ? "same" : `${Number(ratio.toPrecision(3))}×`;
}

export const columns = [
  "device",
  "variant",
  "run ms [IQR]",
  "n",
  "vs fastest",
  "GFLOP/s (of peak)",
  "GB/s (of copy)",
  "build",
  "upload",
  "read",
  "total",
  "error ulp",
] as const;

/** The cells of a result, under {@link columns}. A result that was not timed says why instead of a time. */
export function cells(
  result: Result,
  others: readonly Result[],
  { gflops, flopShare, gigabytes, byteShare }: Rates,
): string[] {
  const { device, variant, status, reason, phases, error } = result;
  const ulp = error
    ? `${Number.isFinite(error.ulp) ? Number(error.ulp.toPrecision(2)) : "∞"} of ${Number(error.bound.toPrecision(3))}`
    : "";
  if (!phases) return [device, variant, `${status.toUpperCase()}: ${reason}`, ...columns.slice(4).map(() => ""), ulp];
  return [
    device,
    variant,
    status === "slow" ? `${ms(phases.run.median)} (slow)` : spread(phases.run),
    String(phases.run.samples),
    standing(result, others),
    rate(gflops, flopShare),
    rate(gigabytes, byteShare),
    ms(phases.build),
    one(phases.upload),
    one(phases.readBack),
    one(phases.total),
    ulp,
  ];
}

/** Results by problem, in the order they came. */
export function byProblem(results: readonly Result[]): [heading: string, results: Result[]][] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const heading = `${result.suite}: ${result.problem}`;
    groups.set(heading, [...(groups.get(heading) ?? []), result]);
  }
  return [...groups];
}

const facts = (record: Readonly<Record<string, unknown>>): string =>
  Object.entries(record)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");

/** The lines above the tables: where and with what. */
export function preamble(report: BenchReport): string[] {
  const { created, commit, machine, versions, devices, missing, ceilings, notes = [], interrupted } = report;
  return [
    `${created}, commit ${commit}`,
    facts(machine),
    facts(versions),
    ...devices.map(({ name, adapter }) => {
      const ceiling = ceilings.find(({ device }) => device === name);
      if (!ceiling) return `${name}: ${adapter}`;
      const cached = ceiling.cachedGigabytes === null ? "" : `, ${ceiling.cachedGigabytes.toFixed(0)} in cache`;
      return `${name}: ${adapter}; ceiling ${ceiling.gflops.toFixed(1)} GFLOP/s, ${ceiling.gigabytes.toFixed(1)} GB/s${cached}`;
    }),
    ...missing.map(({ name, reason }) => `${name}: not here: ${reason}`),
    ...notes,
    ...(interrupted === undefined ? [] : [interrupted]),
  ];
}

export function markdown(report: BenchReport): string {
  const row = (values: readonly string[]): string =>
    `| ${values.map((value) => value.replaceAll("|", "\\|")).join(" | ")} |`;
  const ruler = (names: readonly string[], left: number): string =>
    row(names.map((_, i) => (i < left ? "---" : "---:")));
  const crossings = crossoverTable(crossovers(report.results));
  const crossover = crossings
    ? [
        "",
        `### ${crossings.heading}`,
        "",
        row(crossings.columns),
        ruler(crossings.columns, 2),
        ...crossings.rows.map(row),
        "",
      ]
    : [];
  const tables = byProblem(report.results).map(([heading, results]) =>
    [
      `### ${heading}`,
      "",
      row(columns),
      ruler(columns, 2),
      ...results.map((result) => row(cells(result, results, rates(result, report.ceilings)))),
    ].join("\n"),
  );
  const head = preamble(report).map((line) => `- ${line}`);
  return `# Kernel benchmark\n\n${head.join("\n")}\n\nTimes in milliseconds: median [first–third quartile], n samples. "same": within noise of the fastest (95 % bootstrap interval).\n\n${tables.join("\n\n")}\n${crossover.join("\n")}`;
}

const csvColumns: readonly [name: string, of: (result: Result, rates: Rates) => string | number | null | undefined][] =
  [
    ["suite", ({ suite }) => suite],
    ["problem", ({ problem }) => problem],
    ["size", ({ size }) => size],
    ["device", ({ device }) => device],
    ["variant", ({ variant }) => variant],
    ["status", ({ status }) => status],
    ["reason", ({ reason }) => reason],
    ["error_ulp", ({ error }) => error?.ulp],
    ["bound_ulp", ({ error }) => error?.bound],
    ["flops", ({ work }) => work.flops],
    ["bytes", ({ work }) => work.bytes],
    ["run_ms", ({ phases }) => phases?.run.median],
    ["run_q1_ms", ({ phases }) => phases?.run.q1],
    ["run_q3_ms", ({ phases }) => phases?.run.q3],
    ["samples", ({ phases }) => phases?.run.samples],
    ["build_ms", ({ phases }) => phases?.build],
    ["upload_ms", ({ phases }) => phases?.upload?.median],
    ["read_ms", ({ phases }) => phases?.readBack?.median],
    ["total_ms", ({ phases }) => phases?.total?.median],
    ["wait_ms", ({ phases }) => phases?.wait?.median],
    ["gflops", (_, { gflops }) => gflops],
    ["share_of_peak", (_, { flopShare }) => flopShare],
    ["gb_per_s", (_, { gigabytes }) => gigabytes],
    ["share_of_copy", (_, { byteShare }) => byteShare],
  ];

/** One line a result, comma-separated as RFC 4180 says. */
export function csv({ results, ceilings }: BenchReport): string {
  const quoted = (value: string | number | null | undefined): string => {
    const text = String(value ?? "");
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = results.map((result) =>
    csvColumns.map(([, of]) => quoted(of(result, rates(result, ceilings)))).join(","),
  );
  return `${[csvColumns.map(([name]) => name).join(","), ...lines].join("\n")}\n`;
}

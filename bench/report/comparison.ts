import { type Comparison, compare } from "../runner/statistics.js";
import { ms } from "./formats.js";
import { type BenchReport, type Result, resultKey } from "./report.js";

/** One result in two runs. */
export interface Change {
  readonly before: Result;
  readonly after: Result;
  /** Null where one of the two was not timed. */
  readonly comparison: Comparison | null;
}

/** Two runs side by side. */
export interface RunComparison {
  readonly changes: readonly Change[];
  /** How many results only one of them has. */
  readonly onlyBefore: number;
  readonly onlyAfter: number;
  /** What makes the two hard to compare, in words: another machine, another clock. */
  readonly caveats: readonly string[];
}

/** A ceiling that moved by more than this says that the machine itself was faster or slower. */
const ceilingDrift = 0.05;

function caveatsOf(before: BenchReport, after: BenchReport): string[] {
  const caveats: string[] = [];
  const differing = (kind: "machine" | "versions"): void => {
    for (const [name, value] of Object.entries(before[kind])) {
      const now = after[kind][name];
      if (now !== value) caveats.push(`${name} was ${value}, is ${now}`);
    }
  };
  differing("machine");
  differing("versions");
  for (const { device, gflops } of before.ceilings) {
    const now = after.ceilings.find((ceiling) => ceiling.device === device)?.gflops;
    if (now === undefined || Math.abs(now / gflops - 1) <= ceilingDrift) continue;
    caveats.push(
      `${device}: the measured peak itself was ${gflops.toFixed(1)} GFLOP/s, is ${now.toFixed(1)}: take times of it with care`,
    );
  }
  return caveats;
}

/** Compares the timed calls of two runs, result by result. */
export function comparison(before: BenchReport, after: BenchReport): RunComparison {
  const later = new Map(after.results.map((result) => [resultKey(result), result]));
  const earlier = new Set(before.results.map(resultKey));
  const changes = before.results.flatMap((result): Change[] => {
    const now = later.get(resultKey(result));
    if (!now) return [];
    const timed = result.phases && now.phases;
    return [
      {
        before: result,
        after: now,
        comparison: timed ? compare(result.phases.run.rounds, now.phases.run.rounds) : null,
      },
    ];
  });
  return {
    changes,
    onlyBefore: [...earlier].filter((key) => !later.has(key)).length,
    onlyAfter: [...later.keys()].filter((key) => !earlier.has(key)).length,
    caveats: caveatsOf(before, after),
  };
}

const percent = (ratio: number): string => `${ratio >= 1 ? "+" : "−"}${Math.abs(100 * (ratio - 1)).toFixed(0)} %`;

function line({ before, after, comparison: found }: Change): string {
  const key = resultKey(after);
  if (!found) {
    const was = before.status === after.status ? `still ${after.status}` : `was ${before.status}, is ${after.status}`;
    return `  ${key}: ${was}${after.reason ? `: ${after.reason}` : ""}`;
  }
  const [from, to] = [before, after].map(({ phases }) => ms(phases?.run.median ?? 0));
  return `  ${key}: ${from} → ${to} ms, ${percent(found.ratio)} (95 % from ${percent(found.low)} to ${percent(found.high)})`;
}

const counted = (results: number): string => `${results} ${results === 1 ? "result" : "results"}`;

/** The comparison in lines: slower first, then faster, what could not be timed, and how many have no partner or are the same. */
export function comparisonLines({ changes, onlyBefore, onlyAfter, caveats }: RunComparison): string[] {
  const ratio = ({ comparison: found }: Change): number => found?.ratio ?? 1;
  const having = (verdict: Comparison["verdict"]): Change[] =>
    changes.filter(({ comparison: found }) => found?.verdict === verdict);
  const untimed = changes.filter(({ comparison: found }) => found === null);
  const section = (title: string, lines: readonly string[]): string[] => (lines.length > 0 ? [title, ...lines] : []);
  const indented = (text: string): string => `  ${text}`;
  return [
    ...section("take care:", caveats.map(indented)),
    ...section(
      "slower:",
      having("slower")
        .sort((a, b) => ratio(b) - ratio(a))
        .map(line),
    ),
    ...section(
      "faster:",
      having("faster")
        .sort((a, b) => ratio(a) - ratio(b))
        .map(line),
    ),
    ...section("not timed:", untimed.map(line)),
    ...(onlyBefore > 0 ? [`${counted(onlyBefore)} of the first not run in the second`] : []),
    ...(onlyAfter > 0 ? [`${counted(onlyAfter)} of the second not run in the first`] : []),
    `${having("same").length} of ${changes.length} the same within noise, ${having("faster").length} faster, ${having("slower").length} slower`,
  ];
}

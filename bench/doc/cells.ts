import { ms } from "../report/formats.js";
import type { Result } from "../report/report.js";
import type { Found } from "./found.js";

/** Makes a table of Markdown in lines; null where the reports have nothing of it. */
export type MakeTable = (found: Found) => string[] | null;

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(head),
  row(head.map((_, i) => (i === 0 ? "---" : "---:"))),
  ...rows.map(row),
];

export const timeOf = (result: Result | null): number | null => result?.phases?.run.median ?? null;
export const percent = (share: number | null): string => (share === null ? "" : `${(100 * share).toFixed(0)} %`);
export const times = (ratio: number): string => `${Number(ratio.toPrecision(2))}×`;

/** A time, or why there is none. */
export function cell(result: Result | null, { quartiles = false } = {}): string {
  if (!result) return "–";
  if (!result.phases) return result.status;
  const { median, q1, q3 } = result.phases.run;
  if (result.status === "slow") return `${ms(median)}, one call`;
  return quartiles ? `${ms(median)} [${ms(q1)}–${ms(q3)}]` : ms(median);
}

import { loadavg } from "node:os";
import Table from "cli-table3";
import { commit, machine, versions } from "../report/machine.js";

/** A column's heading, and its cell for a result. */
export type Column<Result> = readonly [heading: string, cell: (result: Result) => string];

/** Where a table was measured, with how many others wanted the machine meanwhile. */
export function conditions(): string {
  const { cpu, cores } = machine();
  const { node } = versions();
  const load = loadavg().map((value) => value.toFixed(1));
  return `${cpu}, ${cores} cores; Node ${node}; commit ${commit()}; load over 1, 5 and 15 minutes ${load.join(", ")}`;
}

const cellsOf = <Result>(results: readonly Result[], columns: readonly Column<Result>[]): string[][] =>
  results.map((result) => columns.map(([, cell]) => cell(result)));

/** The first column is of names, the others of numbers. */
export function markdownTable<Result>(
  results: readonly Result[],
  columns: readonly Column<Result>[],
  below: string,
): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = columns.map((_, i) => (i === 0 ? "---" : "---:"));
  return [
    row(columns.map(([heading]) => heading)),
    row(rule),
    ...cellsOf(results, columns).map(row),
    "",
    `${below}.`,
  ].join("\n");
}

export function terminalTable<Result>(
  results: readonly Result[],
  columns: readonly Column<Result>[],
  below: string,
): string {
  const table = new Table({
    head: columns.map(([heading]) => heading),
    colAligns: columns.map((_, i) => (i === 0 ? "left" : "right")),
    style: { head: [], border: [], compact: true },
  });
  table.push(...cellsOf(results, columns));
  return `${table}\n${below}`;
}

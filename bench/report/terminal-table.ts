import Table from "cli-table3";
import pc from "picocolors";
import type { CrossoverTable } from "./crossover.js";
import { cells, columns } from "./formats.js";
import { type BenchReport, type Result, rates } from "./report.js";

const columnNames: readonly string[] = columns;

function painted(result: Result, values: string[]): string[] {
  if (result.status === "wrong" || result.status === "failed") return values.map((value) => value && pc.red(value));
  return values.map((value, i) => (columnNames[i] === "vs fastest" && value === "fastest" ? pc.green(value) : value));
}

/** Columns held in line by spaces alone; the first two hold words. */
const plainTable = (head: readonly string[]): Table.Table =>
  new Table({
    head: head.map((name) => pc.bold(name)),
    colAligns: head.map((_, i) => (i < 2 ? "left" : "right")),
    style: { head: [], border: [], compact: true },
    chars: {
      left: "",
      right: "",
      top: "",
      "top-left": "",
      "top-right": "",
      "top-mid": "",
      middle: "  ",
      mid: "",
      "left-mid": "",
      "mid-mid": "",
      "right-mid": "",
      bottom: "",
      "bottom-left": "",
      "bottom-right": "",
      "bottom-mid": "",
    },
  });

/** From which size on a GPU mode is faster than the CPU. */
export function crossoverText({ heading, columns: head, rows }: CrossoverTable): string {
  const table = plainTable(head);
  for (const values of rows) table.push([...values]);
  return [pc.bold(heading), table.toString(), ""].join("\n");
}

/** "gpu webgpu naive, unrolled; gpu cpu naive". */
function named(results: readonly Result[]): string {
  const variants = new Map<string, string[]>();
  for (const { device, variant } of results) variants.set(device, [...(variants.get(device) ?? []), variant]);
  return [...variants].map(([device, names]) => `${device} ${names.join(", ")}`).join("; ");
}

/** What has no times, and why: those of one reason together. */
function untimedNotes(results: readonly Result[]): string[] {
  const reasons = new Map<string, Result[]>();
  for (const result of results) {
    if (result.phases) continue;
    const why = `${result.status}: ${result.reason}`;
    reasons.set(why, [...(reasons.get(why) ?? []), result]);
  }
  return [...reasons].map(([why, those]) => {
    const note = `  ${named(those)}: ${why}`;
    return those[0].status === "skipped" ? pc.dim(note) : pc.red(note);
  });
}

/** The results of one problem as a table for a terminal; why a candidate was not timed stands under it. */
export function problemTable(heading: string, results: readonly Result[], ceilings: BenchReport["ceilings"]): string {
  const table = plainTable(columnNames);
  for (const result of results) {
    if (result.status === "skipped") continue;
    const values = cells(result, results, rates(result, ceilings));
    if (!result.phases) values[2] = result.status.toUpperCase();
    table.push(painted(result, values));
  }
  return [pc.bold(heading), table.toString(), ...untimedNotes(results), ""].join("\n");
}

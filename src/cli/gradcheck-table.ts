import Table from "cli-table3";
import pc from "picocolors";
import type { UlpError } from "../autograd/gradcheck/agreement.js";
import { plotSweep } from "../autograd/gradcheck/sweep-plot.js";
import type { TableRow } from "../autograd/gradcheck/table.js";
import type { Device } from "../tensor/devices.js";
import type { FileRow } from "./gradcheck-file.js";

const small = (value: number): string => (value === 0 ? "0" : value.toExponential(1));

/** Ulp of the tensor's largest element. */
export const ulps = ({ scaled }: UlpError): string => (Number.isFinite(scaled) ? scaled.toFixed(1) : "∞");

const verdict = (passed: boolean): string => (passed ? pc.green("right") : pc.red("wrong"));

const table = (head: readonly string[]): Table.Table =>
  new Table({
    head: [...head],
    style: { head: pc.isColorSupported ? ["bold"] : [], border: pc.isColorSupported ? ["gray"] : [], compact: true },
    colAligns: head.map((_, column) => (column === 0 ? "left" : "right")),
  });

/** The whole table: float64 against differences, then every float32 device against float64. */
export function operationTable(rows: readonly TableRow[], devices: readonly Device[]): string {
  const heads = devices.flatMap((device) => [`${device} float32\nforward, ulp`, `\nbackward, ulp`]);
  const printed = table(["operation", "cases", "worst error\nrelative", ...heads, "gradient"]);
  for (const { operation, cases, worstRelativeError, devices: compared, passed } of rows) {
    const cells = compared.flatMap(({ forward, backward, error }) =>
      error ? [pc.red("failed"), ""] : [ulps(forward), ulps(backward)],
    );
    printed.push([operation, String(cases), small(worstRelativeError), ...cells, verdict(passed)]);
  }
  const count = rows.reduce((sum, { cases }) => sum + cases, 0);
  const wrong = rows.filter(({ passed }) => !passed);
  const total = `${rows.length} operations, ${count} cases: ${wrong.length === 0 ? "every gradient is right" : `${wrong.length} wrong`}`;
  return [printed.toString(), total, ...wrong.flatMap(problems)].join("\n");
}

function problems({ operation, failures, devices }: TableRow): string[] {
  const failed = failures.map(({ title, report }) => `\n${pc.bold(`${operation}: ${title}`)}\n${report}`);
  const broken = devices.flatMap(({ device, error }) =>
    error ? [`\n${pc.bold(operation)} on ${device}: ${error}`] : [],
  );
  return [...failed, ...broken];
}

/** A user's exports, each with its report, and the sweep where the gradient is wrong. */
export function fileTable(rows: readonly FileRow[]): string {
  const printed = table(["export", "worst error\nabsolute", "relative", "gradient"]);
  for (const { name, maxAbsoluteError, maxRelativeError, passed } of rows) {
    printed.push([name, small(maxAbsoluteError), small(maxRelativeError), verdict(passed)]);
  }
  const details = rows
    .filter(({ passed }) => !passed)
    .map(({ name, report, sweep }) => `\n${pc.bold(name)}\n${report}${sweep ? `\n\n${plotSweep(sweep)}` : ""}`);
  return [printed.toString(), ...details].join("\n");
}

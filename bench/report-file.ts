import { DataError } from "backflow";
import type { BenchReport } from "./report.js";

/** JSON has no Infinity: an error without bound is written as a string. */
export const json = (report: BenchReport): string =>
  `${JSON.stringify(report, (_, value) => (value === Number.POSITIVE_INFINITY ? "Infinity" : value), 1)}\n`;

/** Reads what {@link json} wrote; a DataError names what is wrong with the text. */
export function parseReport(text: string, from: string): BenchReport {
  let parsed: Partial<BenchReport>;
  try {
    parsed = JSON.parse(text, (key, value) =>
      key === "ulp" && value === "Infinity" ? Number.POSITIVE_INFINITY : value,
    );
  } catch (cause) {
    throw new DataError(`${from} is no JSON`, { cause });
  }
  if (parsed.format !== "backflow-bench-1" || !Array.isArray(parsed.results)) {
    throw new DataError(`${from} is no result of \`npm run bench -- --json\``);
  }
  return parsed as BenchReport;
}

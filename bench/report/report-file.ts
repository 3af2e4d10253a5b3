import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "backflow";
import { parseJson, writeJson } from "./json.js";
import { root } from "./machine.js";
import type { BenchReport } from "./report.js";

export const json = (report: BenchReport): string => `${writeJson(report, 1)}\n`;

/** Reads what {@link json} wrote; a DataError names what is wrong with the text. */
export function parseReport(text: string, from: string): BenchReport {
  let parsed: Partial<BenchReport>;
  try {
    parsed = parseJson(text);
  } catch (cause) {
    throw new DataError(`${from} is no JSON`, { cause });
  }
  if (parsed.format !== "backflow-bench-1" || !Array.isArray(parsed.results)) {
    throw new DataError(`${from} is no result of \`npm run bench -- --json\``);
  }
  return parsed as BenchReport;
}

/** Where the page's template, built by scripts/build-web.js, holds its data. */
const placeholder = '"__REPORT_DATA__"';

/** The built page's template with a report in it: one file that needs nothing else. */
export function fillPage(template: string, report: BenchReport): string {
  const parts = readFileSync(template, "utf8").split(placeholder);
  if (parts.length !== 2) throw new DataError(`${template} is not the page's template: build it: npm run build:web`);
  // Inside a script element only "<" can end it; JSON may write it as an escape.
  return parts.join(json(report).replaceAll("<", "\\u003c"));
}

export const html = (report: BenchReport): string => fillPage(join(root, "dist/web/bench.html"), report);

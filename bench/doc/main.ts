/**
 * Renews the tables of docs/kernels.md and its roofline from what was measured, the first file's machine first:
 *
 *     npm run bench:doc -- here.json [page.json …]
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "backflow";
import { root } from "../report/machine.js";
import { readReport, writeWhole } from "../report/outputs.js";
import { pictures } from "../report/pictures.js";
import { renewed } from "./renewed.js";

const document = join(root, "docs/kernels.md");
const ROOFLINE_OF = "wasm ×1";

/** The roofline of one WebAssembly thread, in light and in dark, from the first report that has one. */
async function drawRoofline(reports: readonly ReturnType<typeof readReport>[]): Promise<boolean> {
  const report = reports.find(({ devices }) => devices.some(({ name }) => name === ROOFLINE_OF));
  if (!report) return false;
  const drawn = await pictures({ ...report, devices: report.devices.filter(({ name }) => name === ROOFLINE_OF) });
  for (const scheme of ["light", "dark"]) {
    const svg = drawn[`roofline-of-wasm-1-${scheme}.svg`];
    if (svg === undefined) return false;
    writeWhole(join(root, `docs/images/roofline-${scheme}.svg`), svg);
  }
  return true;
}

try {
  const files = process.argv.slice(2);
  const option = files.find((file) => file.startsWith("-"));
  if (files.length === 0 || option) {
    throw new DataError(
      `${option ? `unknown option ${option}` : "no report"}: npm run bench:doc -- here.json page.json`,
    );
  }
  const reports = files.map(readReport);
  const { text, names } = renewed(readFileSync(document, "utf8"), reports);
  const drawn = await drawRoofline(reports);
  writeWhole(document, text);
  console.log(`docs/kernels.md: renewed ${names.join(", ")}${drawn ? ", roofline" : ""}`);
} catch (error) {
  if (!(error instanceof DataError)) throw error;
  console.error(`bench:doc: ${error.message}`);
  process.exit(1);
}

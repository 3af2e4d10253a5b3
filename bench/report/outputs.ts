import { accessSync, constants, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DataError } from "backflow";
import { csv, markdown } from "./formats.js";
import { writePictures } from "./pictures.js";
import type { BenchReport } from "./report.js";
import { html, json, parseReport } from "./report-file.js";

/** Where a report goes, by the names of the command's options. */
export interface OutputFiles {
  readonly json?: string;
  readonly csv?: string;
  readonly markdown?: string;
  readonly html?: string;
  /** A folder. */
  readonly svg?: string;
}

const formats = { json, csv, markdown, html } as const;
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Refuses what could not be written; asked before a measurement, not after. */
export function checkOutputs(files: OutputFiles): void {
  const named = (Object.keys(formats) as (keyof typeof formats)[]).flatMap((name) => files[name] ?? []);
  for (const file of [...named, ...(files.svg === undefined ? [] : [files.svg])]) {
    try {
      accessSync(dirname(file), constants.W_OK);
    } catch {
      throw new DataError(`${file}: ${dirname(file)} is no folder that can be written to`);
    }
  }
  const folder = named.find(isFolder);
  if (folder !== undefined) throw new DataError(`${folder} is a folder, where a file is to be written`);
  const { svg } = files;
  if (svg !== undefined && existsSync(svg) && !isFolder(svg))
    throw new DataError(`${svg} is a file, --svg takes a folder`);
}

/** A file is there whole, or as it was. */
export function writeWhole(file: string, text: string): void {
  const part = `${file}.part`;
  try {
    writeFileSync(part, text);
    renameSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
}

/** Writes a report in every format that was asked for, and says which. */
export async function writeOutputs(
  report: BenchReport,
  files: OutputFiles,
  say: (text: string) => void,
): Promise<void> {
  for (const [name, format] of Object.entries(formats)) {
    const file = files[name as keyof typeof formats];
    if (file === undefined) continue;
    writeWhole(file, format(report));
    say(`wrote ${file}`);
  }
  const { svg } = files;
  if (svg !== undefined) say(`wrote ${await writePictures(report, svg)} pictures into ${svg}`);
}

/** Reads a report that an earlier run has written; a {@link DataError} says what is wrong with the file. */
export function readReport(file: string): BenchReport {
  if (!existsSync(file)) throw new DataError(`${file}: there is no such file`);
  if (isFolder(file)) throw new DataError(`${file} is a folder, not a JSON file`);
  return parseReport(readFileSync(file, "utf8"), file);
}

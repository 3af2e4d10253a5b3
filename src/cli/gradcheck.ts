import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import pc from "picocolors";
import { checkOperation, operationNames, type TableRow } from "../autograd/gradcheck/table.js";
import type { OperationName } from "../autograd/operations/index.js";
import { DataError } from "../errors.js";
import type { Device } from "../tensor/devices.js";
import { loadDevice } from "../tensor/load-device.js";
import { checkFile, type FileRow } from "./gradcheck-file.js";
import { gradcheckPage, type SweepRow } from "./gradcheck-page.js";
import { sweepsOf } from "./gradcheck-sweeps.js";
import { fileTable, operationTable } from "./gradcheck-table.js";

/** What `backflow gradcheck` was asked. */
export interface GradcheckCommandOptions {
  /** The user's module, whose exports are checked instead of the table. */
  readonly file?: string;
  /** Only these operations. */
  readonly operation?: readonly string[];
  readonly device?: "cpu" | "gpu" | "all";
  readonly json?: boolean;
  /** Where to write the report as a web page. */
  readonly html?: string;
}

export function gradcheckCommand(): Command {
  return new Command("gradcheck")
    .description("is every gradient right, and how close does float32 come? the whole table, or your own file")
    .argument("[file]", "a module (.js or .ts) whose exported functions and checks to check")
    .option("--operation <names...>", "only these operations of the table")
    .option("--device <device>", "the float32 device held to float64: cpu, gpu or all that are here", "all")
    .option("--json", "print JSON")
    .option("--html <file>", "write a web page with a sortable table and the eps sweeps")
    .addHelpText(
      "after",
      "\nExamples:\n  $ backflow gradcheck --operation tanh softmax\n  $ backflow gradcheck ./my-op.ts",
    )
    .action(async (file: string | undefined, options: GradcheckCommandOptions) => {
      const passed = await runGradcheck({ ...options, file });
      if (!passed) process.exitCode = 1;
    });
}

/** Runs the check and prints it. True if everything passed. */
export async function runGradcheck(options: GradcheckCommandOptions): Promise<boolean> {
  if (options.file !== undefined) return runFile(options.file, options);
  const names = chosen(options.operation);
  const devices = await openDevices(options.device ?? "all");
  const rows: TableRow[] = [];
  const showProgress = process.stderr.isTTY && !options.json;
  for (const [i, name] of names.entries()) {
    if (showProgress) process.stderr.write(`\r\x1b[K${i + 1}/${names.length} ${name}`);
    rows.push(await checkOperation(name, devices));
  }
  if (showProgress) process.stderr.write("\r\x1b[K");
  console.log(options.json ? JSON.stringify(rows, null, 2) : operationTable(rows, devices));
  if (options.html !== undefined)
    await writePage(options.html, { operations: rows, file: [], sweeps: sweepsOf(names) });
  return rows.every(({ passed }) => passed);
}

async function runFile(file: string, options: GradcheckCommandOptions): Promise<boolean> {
  const rows = await checkFile(file);
  const data = rows.map(({ sweep: _, ...row }) => row);
  console.log(options.json ? JSON.stringify(data, null, 2) : fileTable(rows));
  const sweeps = rows.flatMap(({ name, sweep }): SweepRow[] => (sweep ? [{ title: name, sweep }] : []));
  if (options.html !== undefined) await writePage(options.html, { operations: [], file: rows, sweeps });
  return rows.every(({ passed }) => passed);
}

async function writePage(
  path: string,
  data: { operations: readonly TableRow[]; file: readonly FileRow[]; sweeps: readonly SweepRow[] },
): Promise<void> {
  try {
    await writeFile(path, gradcheckPage(data));
  } catch (error) {
    throw new DataError(`gradcheck: cannot write ${path}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
  console.error(`wrote ${path}`);
}

function chosen(names: readonly string[] | undefined): readonly OperationName[] {
  if (!names) return operationNames;
  const unknown = names.filter((name) => !operationNames.some((known) => known === name));
  if (unknown.length > 0) {
    throw new DataError(`gradcheck: no operation ${unknown.join(", ")}: there are ${operationNames.join(" ")}`);
  }
  return operationNames.filter((name) => names.includes(name));
}

async function openDevices(wanted: string): Promise<Device[]> {
  if (wanted === "cpu") return ["cpu"];
  if (wanted !== "gpu" && wanted !== "all") {
    throw new DataError(`gradcheck: no device "${wanted}": give cpu, gpu or all`);
  }
  try {
    const { adapter } = await loadDevice("gpu");
    console.error(pc.dim(`gpu: ${adapter}`));
    return wanted === "gpu" ? ["gpu"] : ["cpu", "gpu"];
  } catch (error) {
    if (wanted === "gpu") throw error;
    console.error(pc.dim(`without the gpu: ${error instanceof Error ? error.message.split("\n", 1)[0] : error}`));
    return ["cpu"];
  }
}

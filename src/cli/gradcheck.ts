import { writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import pc from "picocolors";
import { checkOperation, operationNames, type TableRow } from "../autograd/gradcheck/table.js";
import type { OperationName } from "../autograd/operations/index.js";
import { DataError } from "../errors.js";
import { wantedMode } from "../kernels/gpu/backend.js";
import { type GpuMode, gpuModes } from "../kernels/gpu/context.js";
import type { Device } from "../tensor/devices.js";
import { loadDevice } from "../tensor/load-device.js";
import { checkFile } from "./gradcheck-file.js";
import { type KernelParity, kernelParity, kernelsHold, kernelTable } from "./gradcheck-kernels.js";
import { type GradcheckPageData, gradcheckPage, type SweepRow } from "./gradcheck-page.js";
import { sweepsOf } from "./gradcheck-sweeps.js";
import { fileTable, operationTable } from "./gradcheck-table.js";
import { notEmpty } from "./option-values.js";

/** What `backflow gradcheck` was asked. */
export interface GradcheckCommandOptions {
  /** The user's module, whose exports are checked instead of the table. */
  readonly file?: string;
  /** Only these operations. */
  readonly operation?: readonly string[];
  readonly device?: "cpu" | "gpu" | "all";
  /** How the GPU's kernels run: one mode, or every one that this machine can run. */
  readonly mode?: GpuMode | "all";
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
    .addOption(
      new Option(
        "--mode <mode>",
        "with --device gpu: how its kernels run; BACKFLOW_GPU where left out, else every mode that runs here",
      ).choices([...gpuModes, "all"]),
    )
    .option("--json", "print JSON")
    .option("--html <file>", "write a web page with a sortable table and the eps sweeps", notEmpty)
    .addHelpText(
      "after",
      `
With --device gpu every kernel is held to float64 too, forward and backward, in units in the last place (ulp).

Examples:
  $ backflow gradcheck --operation tanh softmax
  $ backflow gradcheck --device gpu
  $ backflow gradcheck ./my-op.ts`,
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
  const mode = options.mode ?? modeOfEnvironment();
  const devices = await openDevices(options.device ?? "all", mode);
  const progress = progressLine(process.stderr.isTTY && !options.json);
  const rows: TableRow[] = [];
  for (const [i, name] of names.entries()) {
    progress(`${i + 1}/${names.length} ${name}`);
    rows.push(await checkOperation(name, devices));
  }
  const kernels =
    options.device === "gpu"
      ? await kernelParity(mode, options.operation, (ran, { operation }) => progress(`${ran}: ${operation}`))
      : null;
  progress("");
  console.log(options.json ? JSON.stringify({ operations: rows, kernels }, null, 2) : tables(rows, devices, kernels));
  if (options.html !== undefined)
    await writePage(options.html, { operations: rows, kernels, file: [], sweeps: sweepsOf(names) });
  return rows.every(({ passed }) => passed) && (kernels === null || kernelsHold(kernels));
}

/** The mode that the environment asks for; all where it leaves the choice. */
function modeOfEnvironment(): GpuMode | "all" {
  const mode = wantedMode();
  return mode === "auto" ? "all" : mode;
}

const tables = (rows: readonly TableRow[], devices: readonly Device[], kernels: KernelParity | null): string =>
  [operationTable(rows, devices), ...(kernels === null ? [] : [kernelTable(kernels)])].join("\n\n");

/** One line that is written over and over; an empty text takes it away. */
const progressLine =
  (shown: boolean) =>
  (text: string): void => {
    if (shown) process.stderr.write(`\r\x1b[K${text}`);
  };

async function runFile(file: string, options: GradcheckCommandOptions): Promise<boolean> {
  const rows = await checkFile(file);
  const data = rows.map(({ sweep: _, ...row }) => row);
  console.log(options.json ? JSON.stringify(data, null, 2) : fileTable(rows));
  const sweeps = rows.flatMap(({ name, sweep }): SweepRow[] => (sweep ? [{ title: name, sweep }] : []));
  if (options.html !== undefined) await writePage(options.html, { operations: [], kernels: null, file: rows, sweeps });
  return rows.every(({ passed }) => passed);
}

async function writePage(path: string, data: GradcheckPageData): Promise<void> {
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

async function openDevices(wanted: string, mode: GpuMode | "all"): Promise<Device[]> {
  if (wanted === "cpu") return ["cpu"];
  if (wanted !== "gpu" && wanted !== "all") {
    throw new DataError(`gradcheck: no device "${wanted}": give cpu, gpu or all`);
  }
  try {
    const gpu = await loadDevice("gpu", { mode: mode === "all" ? "auto" : mode });
    console.error(pc.dim(`gpu: mode ${gpu.mode}, on ${gpu.adapter}`));
    return wanted === "gpu" ? ["gpu"] : ["cpu", "gpu"];
  } catch (error) {
    if (wanted === "gpu") throw error;
    console.error(pc.dim(`without the gpu: ${error instanceof Error ? error.message.split("\n", 1)[0] : error}`));
    return ["cpu"];
  }
}

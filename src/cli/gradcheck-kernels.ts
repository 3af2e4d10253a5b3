import Table from "cli-table3";
import pc from "picocolors";
import { availableGpuModes, gpuBackend } from "../kernels/gpu/backend.js";
import { type GpuMode, gpuModes } from "../kernels/gpu/context.js";
import { type ParityRow, parity } from "../kernels/parity/parity.js";
import { referenceBackend } from "../kernels/reference/backend.js";

/** The kernels of one mode of the GPU beside float64. */
export interface ModeParity {
  readonly mode: GpuMode;
  readonly adapter: string;
  readonly rows: readonly ParityRow[];
}

/** The kernels of every mode that ran, and the modes that did not, with the reason. */
export interface KernelParity {
  readonly modes: readonly ModeParity[];
  readonly skipped: readonly { readonly mode: GpuMode; readonly reason: string }[];
}

/** A kernel belongs to an operation that its name names: "map tanh", "softmaxBackward". */
const belongsTo = (kernel: string, operation: string): boolean =>
  kernel.split(" ").some((word) => new RegExp(`^${operation}($|[A-Z])`).test(word));

/**
 * Holds the GPU's kernels to float64: in the mode that is wanted, or in every mode that runs here.
 * @param operations only the kernels of these; all where left out
 */
export async function kernelParity(
  wanted: GpuMode | "all",
  operations: readonly string[] | undefined,
  onRow: (mode: GpuMode, row: ParityRow) => void,
): Promise<KernelParity> {
  const reasons = await availableGpuModes();
  const only = (kernel: string): boolean => operations?.some((name) => belongsTo(kernel, name)) ?? true;
  const modes: ModeParity[] = [];
  const skipped: { mode: GpuMode; reason: string }[] = [];
  for (const mode of gpuModes) {
    const reason = wanted === "all" || wanted === mode ? reasons[mode] : `${wanted} is asked for`;
    // A mode that is asked for is an error where it cannot be had.
    if (reason !== null && wanted !== mode) skipped.push({ mode, reason });
    else {
      const gpu = await gpuBackend({ mode });
      const rows = await parity(gpu, referenceBackend(), { only, onRow: (row) => onRow(gpu.mode, row) });
      modes.push({ mode: gpu.mode, adapter: gpu.adapter, rows });
      await gpu.close();
    }
  }
  return { modes, skipped };
}

/** True where no kernel is further from float64 than its bound. */
export const kernelsHold = ({ modes }: KernelParity): boolean =>
  modes.every(({ rows }) => rows.every(({ failures }) => failures.length === 0));

export const ulpsOff = (ulp: number): string => (Number.isFinite(ulp) ? ulp.toFixed(2) : "∞");

/** What each mode ran on, and why the others did not. */
export const modeLines = ({ modes, skipped }: KernelParity): string[] => [
  ...modes.map(({ mode, adapter }) => `${mode} ran on ${adapter}`),
  ...skipped.map(({ mode, reason }) => `${mode} skipped: ${reason}`),
];

/** One row a kernel, one column a mode. */
export function kernelTable(found: KernelParity): string {
  const { modes } = found;
  const printed = new Table({
    head: ["kernel", "cases", "ulp\nallowed", ...modes.map(({ mode }) => `\n${mode}`)],
    style: { head: pc.isColorSupported ? ["bold"] : [], border: pc.isColorSupported ? ["gray"] : [], compact: true },
    colAligns: ["left", "right", "right", ...modes.map(() => "right" as const)],
  });
  for (const [i, { operation, cases, bound }] of (modes[0]?.rows ?? []).entries()) {
    const cells = modes.map(({ rows }) => {
      const { ulp, failures } = rows[i] as ParityRow;
      return failures.length > 0 ? pc.red(`${ulpsOff(ulp)} !`) : ulpsOff(ulp);
    });
    printed.push([operation, String(cases), String(bound), ...cells]);
  }
  const failures = modes.flatMap(({ mode, rows }) =>
    rows.flatMap((row) => row.failures.map((failure) => `${pc.bold(`${row.operation} in mode ${mode}`)}: ${failure}`)),
  );
  const count = modes[0]?.rows.length ?? 0;
  const total = `${count} kernels held to float64: ${failures.length === 0 ? "all within their bounds" : `${failures.length} cases out of bounds`}`;
  return [printed.toString(), ...modeLines(found), total, ...failures].join("\n");
}

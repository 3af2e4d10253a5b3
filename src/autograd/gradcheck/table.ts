import type { Device } from "../../tensor/devices.js";
import type { OperationName } from "../operations/index.js";
import { agreement, noError, type UlpError, worseOf } from "./agreement.js";
import { cases, Draw, operationNames } from "./cases/index.js";
import { gradgradcheck } from "./gradcheck.js";
import { showReport } from "./report.js";

/** How close a float32 device comes to float64 over all cases of an operation. */
export interface DeviceRow {
  readonly device: Device;
  readonly forward: UlpError;
  readonly backward: UlpError;
  /** What the device could not do or did wrong, in one line; null where all is right. */
  readonly error: string | null;
}

/** One operation in the table. */
export interface TableRow {
  readonly operation: OperationName;
  readonly cases: number;
  /** Over all cases, inputs and elements of the first and second gradient, in float64. */
  readonly worstRelativeError: number;
  readonly worstAbsoluteError: number;
  /** One report for each case that fails. */
  readonly failures: readonly { readonly title: string; readonly report: string }[];
  readonly devices: readonly DeviceRow[];
  readonly passed: boolean;
}

/**
 * A float32 result further than this from float64 (ulp of the tensor's largest element) is no rounding: a device is
 * wrong there. Cancellation in the table's cases costs up to a hundred.
 */
const ROUNDING = 1024;

function tooFar(forward: UlpError, backward: UlpError): string | null {
  if (forward.scaled <= ROUNDING && backward.scaled <= ROUNDING) return null;
  return `float32 lies ${forward.scaled.toFixed(1)} ulp forward and ${backward.scaled.toFixed(1)} ulp backward from float64: more than rounding`;
}

async function compareDevice(operation: OperationName, device: Device): Promise<DeviceRow> {
  let [forward, backward]: UlpError[] = [noError, noError];
  try {
    for (const [seed, checked] of cases[operation].entries()) {
      const found = await agreement(checked, device, seed);
      forward = worseOf(forward, found.forward);
      backward = worseOf(backward, found.backward);
    }
    return { device, forward, backward, error: tooFar(forward, backward) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { device, forward, backward, error: message.split("\n", 1)[0] as string };
  }
}

/** Checks one operation: gradient and second gradient in float64, forward mode too, then float32 on each device. */
export async function checkOperation(operation: OperationName, devices: readonly Device[]): Promise<TableRow> {
  const reports = cases[operation].map(({ title, inputs, fn }, seed) => ({
    title,
    report: gradgradcheck(fn, inputs(new Draw("float64", "cpu", seed))),
  }));
  const inputs = reports.flatMap(({ report }) => report.inputs);
  const rows: DeviceRow[] = [];
  for (const device of devices) rows.push(await compareDevice(operation, device));
  const failures = reports.flatMap(({ title, report }) =>
    report.passed ? [] : [{ title, report: showReport(report) }],
  );
  return {
    operation,
    cases: reports.length,
    worstRelativeError: Math.max(0, ...inputs.map((input) => input.maxRelativeError)),
    worstAbsoluteError: Math.max(0, ...inputs.map((input) => input.maxAbsoluteError)),
    failures,
    devices: rows,
    passed: failures.length === 0 && rows.every(({ error }) => error === null),
  };
}

export { operationNames };

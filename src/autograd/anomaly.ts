import { DeviceError, GraphError } from "../errors.js";
import { isFloat } from "../tensor/devices.js";
import type { Tensor } from "../tensor/tensor.js";

/** The first number that is NaN or infinite, or null. */
function firstNonFinite(x: Tensor): number | null {
  if (!isFloat(x.dtype)) return null;
  if (x.device !== "cpu") {
    throw new DeviceError("detectAnomaly runs on the CPU only: it has to look at every value as it is made");
  }
  for (const value of x.dataSync()) if (!Number.isFinite(value)) return value;
  return null;
}

/** Raises if `output` holds a NaN or infinity although every input is finite: it was born in this operation. */
export function assertBorn(operation: string, inputs: readonly Tensor[], output: Tensor, place: string): void {
  const value = firstNonFinite(output);
  if (value === null || inputs.some((input) => firstNonFinite(input) !== null)) return;
  const from = inputs.map((input) => input.describe()).join(", ");
  const where = place ? `, at ${place}` : "";
  throw new GraphError(`detectAnomaly: ${value} was born in ${operation}(${from}) → ${output.describe()}${where}`);
}

import { tensor } from "../tensor/create.js";
import type { Device } from "../tensor/devices.js";
import type { Tensor } from "../tensor/tensor.js";
import type { TensorData } from "./safetensors.js";

/** Copies of the numbers of named tensors, from whatever device. */
export async function readTensors(tensors: Readonly<Record<string, Tensor>>): Promise<Record<string, TensorData>> {
  const read: Record<string, TensorData> = {};
  for (const [name, x] of Object.entries(tensors))
    read[name] = { dtype: x.dtype, shape: x.shape, data: await x.data() };
  return read;
}

/** The reverse: new tensors on a device. */
export const tensorsFrom = (named: Readonly<Record<string, TensorData>>, device: Device): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(named).map(([name, { data, shape, dtype }]) => [name, tensor(data, { shape, dtype, device })]),
  );

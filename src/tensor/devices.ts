import { DeviceError, DTypeError } from "../errors.js";
import type { Backend } from "../kernels/backend.js";
import { referenceBackend } from "../kernels/reference/backend.js";
import type { DType } from "../kernels/storage.js";
import { wasmBackend } from "../kernels/wasm/backend.js";

/** Where a tensor's numbers live. */
export type Device = "cpu" | "gpu";

export const isFloat = (dtype: DType): boolean => dtype === "float32" || dtype === "float64";

const loaded = new Map<Device, Backend>();

let defaultDevice: Device = "cpu";
let defaultDType: DType = "float32";

/** Which device and dtype creation functions use where none is given: `cpu` and `float32` at first. */
export const defaults = (): { device: Device; dtype: DType } => ({ device: defaultDevice, dtype: defaultDType });

/** Changes what {@link defaults} gives. */
export function setDefaults(values: { device?: Device; dtype?: DType }): void {
  if (values.device !== undefined) {
    backendOf(values.device, "float32");
    defaultDevice = values.device;
  }
  if (values.dtype !== undefined) {
    if (!isFloat(values.dtype)) throw new DTypeError(`the default dtype must be a float, not ${values.dtype}`);
    defaultDType = values.dtype;
  }
}

/** Makes a back end run a device's operations. The CPU needs none: its two are built in. */
export function registerDevice(device: "gpu", backend: Backend): void {
  loaded.set(device, backend);
}

/** Takes a device's back end away again. */
export function unregisterDevice(device: "gpu"): void {
  loaded.delete(device);
}

/** True once a device can be used. */
export const deviceReady = (device: Device): boolean => device === "cpu" || loaded.has(device);

/**
 * The back end that computes a dtype on a device: float32 on the CPU in WebAssembly, everything else there in plain
 * float64 code.
 */
export function backendOf(device: Device, dtype: DType): Backend {
  if (device === "cpu") return dtype === "float32" ? wasmBackend() : referenceBackend();
  const backend = loaded.get(device);
  if (device !== "gpu") throw new DeviceError(`no device "${device}": there are "cpu" and "gpu"`);
  if (!backend) throw new DeviceError('device "gpu" is not loaded: call `await loadDevice("gpu")` first');
  if (dtype === "float64") throw new DTypeError("float64 runs on the CPU only: use float32 on the GPU");
  return backend;
}

/** Bytes and number of live storages by device; the CPU's two back ends apart. On the GPU, the mode that really runs too. */
export interface MemoryReport {
  readonly bytes: number;
  readonly storages: number;
  readonly backends: Readonly<Record<string, { bytes: number; storages: number; mode?: string }>>;
}

/** What all tensors hold now. */
export function memory(): MemoryReport {
  const backends: Record<string, { bytes: number; storages: number; mode?: string }> = {};
  for (const backend of [referenceBackend(), wasmBackend(), ...loaded.values()]) {
    backends[backend.name] = backend.memory();
  }
  const all = Object.values(backends);
  return {
    bytes: all.reduce((sum, m) => sum + m.bytes, 0),
    storages: all.reduce((sum, m) => sum + m.storages, 0),
    backends,
  };
}

import type { GpuBackend } from "../kernels/gpu/backend.js";
import type { GpuMode } from "../kernels/gpu/context.js";
import { type Device, registerDevice, setDefaults, unregisterDevice } from "./devices.js";

/** A device that is open: how its kernels run, and how to give it back. */
export interface LoadedDevice {
  readonly device: Device;
  /** gpu.js's mode on the GPU: `webgpu`, `webgl2`, `headlessgl`, or `webasm` and `cpu`, which run on the CPU. */
  readonly mode: GpuMode | "wasm";
  /** What runs the kernels, as it calls itself. */
  readonly adapter: string;
  /** Gives the device back. Its tensors cannot be used any more. */
  close(): Promise<void>;
}

let gpu: GpuBackend | null = null;

/**
 * Makes a device ready: until then, its tensors raise {@link DeviceError}. The CPU always is. Asked twice, the GPU that
 * is open is given.
 * @param options.mode one of gpu.js's modes, or `auto` for the best; where left out, `BACKFLOW_GPU` decides
 */
export async function loadDevice(device: Device, options: { mode?: GpuMode | "auto" } = {}): Promise<LoadedDevice> {
  if (device === "cpu") return { device, mode: "wasm", adapter: "this CPU", close: async () => {} };
  // Loaded on demand: gpu.js is larger than all the rest.
  const { gpuBackend } = await import("../kernels/gpu/backend.js");
  gpu ??= await gpuBackend(options);
  const open = gpu;
  registerDevice("gpu", open);
  const close = async (): Promise<void> => {
    if (gpu !== open) return;
    gpu = null;
    setDefaults({ device: "cpu" });
    unregisterDevice("gpu");
    await open.close();
  };
  return { device, mode: open.mode, adapter: open.adapter, close };
}

import { type Device, type DType, registerDevice } from "backflow";
import {
  availableGpuModes,
  type Backend,
  type GpuBackend,
  type GpuMode,
  gpuBackend,
  gpuModes,
  referenceBackend,
  wasmBackend,
} from "backflow/kernels";

export const deviceKinds = ["reference", "wasm", "gpu"] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** A back end that is open, and what stands for it in a report. */
export interface BenchDevice {
  /** Unique: "reference", "wasm", "gpu webgpu". */
  readonly name: string;
  readonly kind: DeviceKind;
  /** gpu.js's mode, where it runs the kernels. */
  readonly mode: GpuMode | null;
  readonly threads: number;
  /** What runs the kernels, as it calls itself. */
  readonly adapter: string;
  readonly backend: Backend;
  readonly gpu: GpuBackend | null;
  /** How tensors are made that this back end computes. */
  readonly tensors: { readonly device: Device; readonly dtype: DType };
  /** Makes this the back end of those tensors: several modes of the GPU can be open, one is the tensors'. */
  activate(): void;
  close(): Promise<void>;
}

/** What was asked for and cannot be had here, with the reason. */
export interface MissingDevice {
  readonly name: string;
  readonly reason: string;
}

export interface DeviceChoice {
  readonly kinds: readonly DeviceKind[];
  /** Modes of gpu.js; all that run here where left out. */
  readonly modes?: readonly GpuMode[];
}

const cpu = (kind: "reference" | "wasm", backend: Backend): BenchDevice => ({
  name: kind,
  kind,
  mode: null,
  threads: 1,
  adapter: "this CPU",
  backend,
  gpu: null,
  tensors: { device: "cpu", dtype: backend.float },
  activate: () => {},
  close: async () => {},
});

async function openGpu(mode: GpuMode): Promise<BenchDevice> {
  const gpu = await gpuBackend({ mode });
  return {
    name: `gpu ${mode}`,
    kind: "gpu",
    mode,
    threads: 1,
    adapter: gpu.adapter,
    backend: gpu,
    gpu,
    tensors: { device: "gpu", dtype: "float32" },
    activate: () => registerDevice("gpu", gpu),
    close: () => gpu.close(),
  };
}

/** Opens the devices that were chosen, and lists those that this machine has not. */
export async function openDevices(choice: DeviceChoice): Promise<{ devices: BenchDevice[]; missing: MissingDevice[] }> {
  const devices: BenchDevice[] = [];
  const missing: MissingDevice[] = [];
  if (choice.kinds.includes("reference")) devices.push(cpu("reference", referenceBackend()));
  if (choice.kinds.includes("wasm")) devices.push(cpu("wasm", wasmBackend()));
  if (!choice.kinds.includes("gpu")) return { devices, missing };
  const reasons = await availableGpuModes();
  for (const mode of choice.modes ?? gpuModes) {
    const reason = reasons[mode];
    if (reason !== null) missing.push({ name: `gpu ${mode}`, reason });
    else devices.push(await openGpu(mode));
  }
  return { devices, missing };
}

import { type Device, type DType, registerDevice } from "backflow";
import {
  availableGpuModes,
  type Backend,
  createWasmBackend,
  type GpuBackend,
  type GpuMode,
  gpuBackend,
  gpuModes,
  referenceBackend,
  useWasmBackend,
} from "backflow/kernels";

export const deviceKinds = ["reference", "wasm", "gpu"] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** A back end that is open, and what stands for it in a report. */
export interface BenchDevice {
  /** Unique: "reference", "wasm ×2" on two threads, "gpu webgpu". */
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
  /** For WebAssembly, each a device of its own. */
  readonly threads: readonly number[];
  /** Modes of gpu.js; all that run here where left out. */
  readonly modes?: readonly GpuMode[];
}

/** 1, 2, 4 … and as many as the machine runs at once. */
export function threadCounts(cores: number): number[] {
  const powers = Array.from({ length: Math.floor(Math.log2(cores)) + 1 }, (_, i) => 2 ** i);
  return [...new Set([...powers, cores])];
}

/** Threads need shared memory: without it the back end runs on one, whatever was asked for. */
const canShare = (): boolean =>
  typeof SharedArrayBuffer !== "undefined" && (typeof document === "undefined" || globalThis.crossOriginIsolated);

const openReference = (): BenchDevice => ({
  name: "reference",
  kind: "reference",
  mode: null,
  threads: 1,
  adapter: "this CPU",
  backend: referenceBackend(),
  gpu: null,
  tensors: { device: "cpu", dtype: "float64" },
  activate: () => {},
  close: async () => {},
});

function openWasm(threads: number): BenchDevice {
  const backend = createWasmBackend(threads);
  return {
    name: `wasm ×${threads}`,
    kind: "wasm",
    mode: null,
    threads,
    adapter: `this CPU, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    backend,
    gpu: null,
    tensors: { device: "cpu", dtype: "float32" },
    activate: () => useWasmBackend(backend),
    close: async () => {},
  };
}

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
  if (choice.kinds.includes("reference")) devices.push(openReference());
  if (choice.kinds.includes("wasm")) {
    for (const threads of choice.threads) {
      if (threads === 1 || canShare()) devices.push(openWasm(threads));
      else missing.push({ name: `wasm ×${threads}`, reason: "no memory can be shared with workers here" });
    }
  }
  if (!choice.kinds.includes("gpu")) return { devices, missing };
  const reasons = await availableGpuModes();
  for (const mode of choice.modes ?? gpuModes) {
    const reason = reasons[mode];
    if (reason !== null) missing.push({ name: `gpu ${mode}`, reason });
    else devices.push(await openGpu(mode));
  }
  return { devices, missing };
}

import { cpus } from "node:os";
import Table from "cli-table3";
import { Command } from "commander";
import { availableGpuModes, gpuBackend, wantedMode } from "../kernels/gpu/backend.js";
import { type GpuMode, gpuModes } from "../kernels/gpu/context.js";
import { supportsRelaxedSimd, supportsSimd } from "../kernels/wasm/features.js";
import { isSoftware } from "./open-device.js";

export function devicesCommand(): Command {
  return new Command("devices")
    .description("what can compute here")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  $ backflow devices --json")
    .action(async ({ json }: { json?: boolean }) => {
      const devices = await listDevices();
      console.log(json ? JSON.stringify(devices, null, 2) : deviceTable(devices));
      if (!json) console.log([takenLine(devices), ...softwareLines(devices)].join("\n"));
    });
}

interface DeviceFacts {
  readonly device: "cpu" | "gpu";
  readonly kernels: string;
  readonly dtype: "float32" | "float64";
  readonly ready: boolean;
  /** Whether it is what the device and dtype run on here. */
  readonly taken: boolean;
  /** Whether it stands for a GPU and is none. */
  readonly software: boolean;
  /** What runs it, or why it cannot run. */
  readonly note: string;
}

async function listDevices(): Promise<DeviceFacts[]> {
  const processor = `${cpus()[0]?.model.trim() ?? "CPU"}, ${cpus().length} cores`;
  const simd = supportsSimd();
  const kind = supportsRelaxedSimd() ? "SIMD, relaxed" : "SIMD";
  return [
    {
      device: "cpu",
      kernels: "reference",
      dtype: "float64",
      ready: true,
      taken: true,
      software: false,
      note: processor,
    },
    {
      device: "cpu",
      kernels: "wasm",
      dtype: "float32",
      ready: simd,
      taken: simd,
      software: false,
      note: simd ? kind : "this Node has no WebAssembly SIMD",
    },
    ...(await listModes()),
  ];
}

/** The modes of the GPU. A mode is ready when a kernel has run in it, not when it should be able to. */
async function listModes(): Promise<DeviceFacts[]> {
  const reasons = await availableGpuModes();
  const wanted = wantedMode();
  const facts: DeviceFacts[] = [];
  for (const mode of gpuModes) {
    const { adapter, reason } = await tried(mode, reasons[mode]);
    const ready = reason === null;
    const first = ready && !facts.some(({ taken }) => taken);
    const taken = wanted === "auto" ? first : ready && wanted === mode;
    const software = ready && isSoftware({ device: "gpu", mode, adapter });
    const kernels = `gpu.js ${mode}`;
    facts.push({ device: "gpu", kernels, dtype: "float32", ready, taken, software, note: reason ?? adapter });
  }
  return facts;
}

async function tried(mode: GpuMode, missing: string | null): Promise<{ adapter: string; reason: string | null }> {
  if (missing !== null) return { adapter: "", reason: missing };
  try {
    const gpu = await gpuBackend({ mode });
    await gpu.close();
    return { adapter: gpu.adapter, reason: null };
  } catch (error) {
    return { adapter: "", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What `device: "gpu"` comes to on this machine. */
function takenLine(devices: readonly DeviceFacts[]): string {
  const mode = devices.find(({ device, taken }) => device === "gpu" && taken);
  const wanted = wantedMode();
  const asked = wanted === "auto" ? "" : ` (BACKFLOW_GPU=${wanted})`;
  if (mode) return `device "gpu" runs on ${mode.kernels}: ${mode.note}${asked}`;
  return `device "gpu" cannot be had${asked}: the modes are ${gpuModes.join(", ")}`;
}

/** Where there is no GPU: the order of the modes is for GPUs, and the fastest software is not the first in it. */
function softwareLines(devices: readonly DeviceFacts[]): string[] {
  if (!devices.some(({ device, taken, software }) => device === "gpu" && taken && software)) return [];
  return [
    "This is software on the CPU. Of the modes, cpu trains fastest there, about twice as fast as webasm and five times as",
    'fast as a software adapter of webgpu: BACKFLOW_GPU=cpu chooses it. Device "cpu" is ten times faster still.',
    "The numbers: docs/gpu.md, What software costs.",
  ];
}

function deviceTable(devices: readonly DeviceFacts[]): string {
  const table = new Table({ head: ["device", "kernels", "dtype", "ready", ""], style: { head: [], border: [] } });
  for (const { device, kernels, dtype, ready, note } of devices) {
    table.push([device, kernels, dtype, ready ? "yes" : "no", note]);
  }
  return table.toString();
}

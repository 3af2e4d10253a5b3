import { cpus } from "node:os";
import Table from "cli-table3";
import { Command } from "commander";
import { availableGpuModes } from "../kernels/gpu/backend.js";
import { supportsRelaxedSimd, supportsSimd } from "../kernels/wasm/features.js";

export function devicesCommand(): Command {
  return new Command("devices")
    .description("what can compute here")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  $ backflow devices --json")
    .action(async ({ json }: { json?: boolean }) => {
      const devices = await listDevices();
      console.log(json ? JSON.stringify(devices, null, 2) : deviceTable(devices));
    });
}

interface DeviceFacts {
  readonly device: "cpu" | "gpu";
  readonly kernels: string;
  readonly dtype: "float32" | "float64";
  readonly ready: boolean;
  /** What runs it, or why it cannot run. */
  readonly note: string;
}

async function listDevices(): Promise<DeviceFacts[]> {
  const processor = `${cpus()[0]?.model.trim() ?? "CPU"}, ${cpus().length} cores`;
  const simd = supportsSimd();
  const kind = supportsRelaxedSimd() ? "SIMD, relaxed" : "SIMD";
  const modes = Object.entries(await availableGpuModes());
  return [
    { device: "cpu", kernels: "reference", dtype: "float64", ready: true, note: processor },
    {
      device: "cpu",
      kernels: "wasm",
      dtype: "float32",
      ready: simd,
      note: simd ? kind : "this Node has no WebAssembly SIMD",
    },
    ...modes.map(
      ([mode, reason]): DeviceFacts => ({
        device: "gpu",
        kernels: `gpu.js ${mode}`,
        dtype: "float32",
        ready: reason === null,
        note: reason ?? (mode === "webasm" || mode === "cpu" ? "runs on the CPU" : ""),
      }),
    ),
  ];
}

function deviceTable(devices: readonly DeviceFacts[]): string {
  const table = new Table({ head: ["device", "kernels", "dtype", "ready", ""], style: { head: [], border: [] } });
  for (const { device, kernels, dtype, ready, note } of devices) {
    table.push([device, kernels, dtype, ready ? "yes" : "no", note]);
  }
  return table.toString();
}

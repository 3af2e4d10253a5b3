import pc from "picocolors";
import type { Device } from "../tensor/devices.js";
import { type LoadedDevice, loadDevice } from "../tensor/load-device.js";

/** Drivers that draw on the CPU. */
const softwareAdapters = /swiftshader|llvmpipe|softpipe|lavapipe|basic render/i;

/** True where a GPU is one by name only: all its work is done by this CPU. */
export const isSoftware = ({ device, mode, adapter }: Pick<LoadedDevice, "device" | "mode" | "adapter">): boolean =>
  device === "gpu" && (mode === "webasm" || mode === "cpu" || softwareAdapters.test(adapter));

/** Loads what a run computes on and says in a plain word what a GPU comes to here. */
export async function openDevice(device: Device): Promise<{ software: boolean }> {
  const loaded = await loadDevice(device);
  const software = isSoftware(loaded);
  if (device === "gpu") {
    const warning = ": no GPU but software on this CPU, ten times slower than --device cpu or more";
    console.error(pc.dim(`gpu: mode ${loaded.mode}, on ${loaded.adapter}${software ? warning : ""}`));
  }
  return { software };
}

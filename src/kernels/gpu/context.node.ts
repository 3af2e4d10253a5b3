import { DeviceError } from "../../errors.js";

/**
 * Puts Dawn, the WebGPU of the `webgpu` package, where gpu.js looks for it: `navigator.gpu`. Returns how to take it
 * away again: as long as it is there, the process does not end by itself.
 *
 * Without a GPU a software adapter does: SwiftShader, which comes with Chromium; see {@link softwareAdapter}.
 */
export async function openAdapter(): Promise<() => void> {
  const { create, globals } = await import("webgpu").catch((cause: unknown) => {
    throw new DeviceError("gpu: the package webgpu does not load here", { cause });
  });
  Object.assign(globalThis, globals);
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { gpu: create([]) }, configurable: true, writable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(globalThis, "navigator");
    else Object.defineProperty(globalThis, "navigator", before);
  };
}

import { DeviceError } from "../../errors.js";

let adapters: Promise<unknown> | null = null;

/**
 * Puts Dawn, the WebGPU of the `webgpu` package, where gpu.js looks for it: `navigator.gpu`. It stays there for the
 * life of the process: to take Dawn down while a device of it is still about ends the process in its mutexes.
 *
 * Without a GPU a software adapter does, such as the SwiftShader that comes with Chromium: name its
 * `vk_swiftshader_icd.json` in `VK_DRIVER_FILES`, and have a `libvulkan.so.1` where the loader looks.
 */
export async function openAdapter(): Promise<void> {
  adapters ??= createAdapters();
  const gpu = await adapters;
  Object.defineProperty(globalThis, "navigator", {
    value: Object.assign(Object.create(globalThis.navigator ?? null), { gpu }),
    configurable: true,
    writable: true,
  });
}

async function createAdapters(): Promise<unknown> {
  // Not a literal, so that a bundler for the browser does not follow it.
  const name = "webgpu";
  const { create, globals }: typeof import("webgpu") = await import(/* @vite-ignore */ name).catch((cause: unknown) => {
    throw new DeviceError("gpu: the package webgpu does not load here", { cause });
  });
  Object.assign(globalThis, globals);
  return create([]);
}

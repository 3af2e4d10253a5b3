import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { DataError } from "backflow";
import { root } from "./machine.js";
import { assertOwnKernel, type OwnKernel } from "./own-kernel.js";

/** Whether an argument of the command means a file rather than a suite. */
export const isKernelFile = (name: string): boolean => /\.[cm]?[jt]s$/.test(name);

/**
 * Loads a kernel from a TypeScript or JavaScript file. Vite strips the types and joins what it imports; nothing is
 * minified, because gpu.js reads the kernel's text.
 */
export async function loadOwnKernel(file: string): Promise<OwnKernel> {
  const path = resolve(file);
  if (!existsSync(path)) throw new DataError(`${file}: there is no such file`);
  // Heavy: loaded only when there is something to build.
  const { build } = await import("vite");
  // Inside the package, so that the built file finds "backflow" as any of its own does.
  const parent = join(root, "dist/own-kernels");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "kernel-"));
  try {
    await build({
      root: folder,
      configFile: false,
      logLevel: "silent",
      build: {
        ssr: path,
        outDir: folder,
        minify: false,
        target: "node20",
        rolldownOptions: { external: /^backflow(\/|$)/, output: { entryFileNames: "kernel.mjs" } },
      },
    }).catch((cause: unknown) => {
      throw new DataError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    });
    const module: { default?: unknown } = await import(pathToFileURL(join(folder, "kernel.mjs")).href);
    assertOwnKernel(module.default, file);
    return module.default;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

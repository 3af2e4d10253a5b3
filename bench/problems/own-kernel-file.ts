import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { DataError } from "backflow";
import { root } from "../report/machine.js";
import { assertOwnKernel, type OwnKernel } from "./own-kernel.js";

/** Whether an argument of the command means a file rather than a suite. */
export const isKernelFile = (name: string): boolean => /\.[cm]?[jt]s$/.test(name);

/** The bundler's message without its colours, its heading and the picture of the source below it. */
function oneLine(cause: unknown): string {
  const lines = stripVTControlCharacters(cause instanceof Error ? cause.message : String(cause)).split("\n");
  const [told = "", place = ""] = lines.filter((line) => line.trim() !== "" && !line.startsWith("Build failed"));
  const at = /:(\d+):(\d+)/.exec(place);
  return `${told.replace(/^\[[\w:-]+\] */, "").trim()}${at ? ` at line ${at[1]}, column ${at[2]}` : ""}`;
}

/**
 * Builds a TypeScript or JavaScript file into one module and gives its path to `use`. Vite strips the types and joins
 * what it imports; nothing is minified, because gpu.js reads the kernel's text.
 * @param page for a browser, which cannot find "backflow": it is joined too
 */
async function built<T>(file: string, page: boolean, use: (module: string) => T | Promise<T>): Promise<T> {
  const path = resolve(file);
  if (!existsSync(path)) throw new DataError(`${file}: there is no such file`);
  // Heavy: loaded only when there is something to build.
  const { build } = await import("vite");
  // Inside the package, so that the built file finds "backflow" as any of its own does.
  const parent = join(root, "dist/own-kernels");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "kernel-"));
  const output = { entryFileNames: "kernel.mjs", codeSplitting: false };
  try {
    await build({
      root: folder,
      configFile: false,
      logLevel: "silent",
      resolve: {
        alias: page
          ? [
              { find: /^backflow$/, replacement: join(root, "dist/index.js") },
              { find: /^backflow\/kernels$/, replacement: join(root, "dist/kernels/index.js") },
            ]
          : [],
      },
      build: {
        ...(page ? { lib: { entry: path, formats: ["es"] as const } } : { ssr: path }),
        outDir: folder,
        minify: false,
        target: page ? "es2022" : "node20",
        rolldownOptions: page ? { output } : { external: /^backflow(\/|$)/, output },
      },
    }).catch((cause: unknown) => {
      throw new DataError(`${file}: it cannot be built: ${oneLine(cause)}`, { cause });
    });
    return await use(join(folder, "kernel.mjs"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Loads a kernel from a file. */
export const loadOwnKernel = (file: string): Promise<OwnKernel> =>
  built(file, false, async (path) => {
    const module: { default?: unknown } = await import(pathToFileURL(path).href).catch((cause: unknown) => {
      throw new DataError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    });
    assertOwnKernel(module.default, file);
    return module.default;
  });

/** The text of a module with the kernel and all it imports, for a page. */
export const ownKernelForPage = (file: string): Promise<string> =>
  built(file, true, (path) => readFileSync(path, "utf8"));

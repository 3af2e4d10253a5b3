import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
// @ts-expect-error A script without types.
import { kernelText } from "../../../scripts/kernel-text.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * A production build by Vite, minified, of a module or a page of this repository; gives the folder. For Node, the packages
 * stay outside and the folder lies where they are found.
 */
export async function bundle(entry: string, platform: "browser" | "node"): Promise<string> {
  const outDir = mkdtempSync(join(platform === "node" ? join(root, "node_modules") : tmpdir(), ".backflow-gpu-"));
  const page = entry.endsWith(".html");
  await build({
    configFile: false,
    root: page ? join(root, entry, "..") : root,
    logLevel: "error",
    base: "./",
    publicDir: false,
    plugins: [kernelText()],
    build: {
      outDir,
      emptyOutDir: true,
      minify: true,
      target: "es2022",
      ssr: platform === "node",
      rolldownOptions: {
        input: join(root, entry),
        preserveEntrySignatures: "strict",
        output: page ? {} : { entryFileNames: "suite.mjs" },
      },
    },
  });
  return outDir;
}

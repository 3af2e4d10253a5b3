/**
 * Bundles the library and the command into dist: one file for each of their entries, and in dist/chunks what they share.
 * Node takes longer to find two hundred modules than to compile them. The types are written by tsc beside the entries.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { kernelText } from "./kernel-text.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const entries = ["index", "kernels/index", "node", "vitest", "cli/main"];

await build({
  root,
  configFile: false,
  publicDir: false,
  logLevel: "error",
  plugins: [kernelText()],
  build: {
    // "ssr" leaves packages, Node's modules and import.meta.url as they are.
    ssr: true,
    outDir: "dist",
    emptyOutDir: false,
    target: "es2022",
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      input: Object.fromEntries(entries.map((name) => [name, join(root, `src/${name}.ts`)])),
      output: {
        format: "es",
        entryFileNames: "[name].js",
        // One level down, as the entries of the command are: what a file finds beside itself stays where it is.
        chunkFileNames: "chunks/[name].js",
        // The declarations have the documentation; "pure" marks stay for other bundlers.
        comments: { jsdoc: false, legal: true, annotation: true },
      },
    },
  },
});

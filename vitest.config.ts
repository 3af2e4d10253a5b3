import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url));

export default defineConfig({
  // The package by its own names, as benchmarks and examples call it, is its sources here: nothing needs to be built.
  resolve: {
    alias: [
      { find: /^backflow$/, replacement: source("index.ts") },
      { find: /^backflow\/kernels$/, replacement: source("kernels/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
  },
});

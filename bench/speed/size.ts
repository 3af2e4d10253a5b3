/**
 * What a page has to load: the built library, bundled for a browser and minified by Vite, with gzip. gpu.js and the GPU
 * kernels are loaded only by `loadDevice("gpu")` and are not in it.
 *
 *     npm run bench:size -- [--json | --markdown]
 */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { commit, root } from "../report/machine.js";
import { type Column, markdownTable, terminalTable } from "./plain-table.js";
import { type Printing, speedCommand } from "./speed-command.js";

/** What a program takes from the library. */
const programs: Record<string, string> = {
  "everything: `import * as backflow`": `import * as backflow from "backflow"; globalThis.backflow = backflow;`,
  "tensors, autograd, the CPU": `import { tensor } from "backflow"; globalThis.gradient = (W, x) => {
    const w = tensor(W, { requiresGrad: true }); w.matmul(tensor(x)).tanh().sum().backward(); return w.grad.data(); };`,
  "the same with GRU, attention, cross-entropy, Adam": `
    import { AdditiveAttention, Adam, crossEntropy, GRU, tensor } from "backflow";
    Object.assign(globalThis, { AdditiveAttention, Adam, crossEntropy, GRU, tensor });`,
  "whole translators: RNNsearch, training, decoding": `
    import { createTranslator, decode, makeTrainingRun, train } from "backflow";
    Object.assign(globalThis, { createTranslator, decode, makeTrainingRun, train });`,
};

/** The kernels as the library carries them: one build in hexadecimal, and how the other one differs. */
const binaries = /(?<=["'`])[0-9a-f+,]{1000,}/g;

/** The code that comes with the program itself, in the order it is loaded; what is only imported on demand is left out. */
async function bundle(program: string): Promise<string[]> {
  const result = await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: "error",
    plugins: [
      {
        name: "program",
        resolveId: (id) => {
          if (id === "program") return "\0program";
          return id === "backflow" ? join(root, "dist/index.js") : null;
        },
        load: (id) => (id === "\0program" ? program : null),
      },
    ],
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: "program", external: ["gpu.js"] },
    },
  });
  const chunks = (result as Rolldown.RolldownOutput).output.filter((file) => file.type === "chunk");
  const loaded = new Set(chunks.filter(({ isEntry }) => isEntry));
  for (const { imports } of loaded) {
    for (const chunk of chunks) if (imports.includes(chunk.fileName)) loaded.add(chunk);
  }
  return [...loaded].map(({ code }) => code);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const zipped = (code: readonly string[]): number => sum(code.map((text) => gzipSync(text, { level: 9 }).length));
const plain = (code: readonly string[]): number => sum(code.map((text) => Buffer.byteLength(text)));

const values = speedCommand("bench:size", "What a page has to load.").parse().opts<Printing>();

const sizes = [];
for (const [name, program] of Object.entries(programs)) {
  const code = await bundle(program);
  const without = code.map((text) => text.replace(binaries, ""));
  sizes.push({
    name,
    minified: plain(code),
    gzip: zipped(code),
    gzipWithoutKernels: zipped(without),
  });
}
const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);
const columns: Column<(typeof sizes)[number]>[] = [
  ["kB of what a program imports", ({ name }) => name],
  ["minified", ({ minified }) => kilobytes(minified)],
  ["gzip", ({ gzip }) => kilobytes(gzip)],
  ["of it JavaScript", ({ gzipWithoutKernels }) => kilobytes(gzipWithoutKernels)],
  ["of it WebAssembly", ({ gzip, gzipWithoutKernels }) => kilobytes(gzip - gzipWithoutKernels)],
];
const below = `Commit ${commit()}; a kB is 1000 bytes`;
if (values.json) console.log(JSON.stringify({ commit: commit(), sizes }, null, 1));
else console.log((values.markdown ? markdownTable : terminalTable)(sizes, columns, below));

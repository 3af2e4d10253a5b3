import { DataError } from "backflow";
import type { BenchReport } from "../report/report.js";
import type { MakeTable } from "./cells.js";
import { engines, oneThread } from "./cpu-tables.js";
import { Found } from "./found.js";
import { tanh, variants } from "./gpu-tables.js";
import { walk } from "./walk.js";

/** Where and when it was measured. */
const machine: MakeTable = ({ reports }) =>
  reports.map(({ created, commit, machine: { cpu, cores }, versions: { node, browser = "" }, ceilings, devices }) => {
    const peak = ceilings.find(({ device }) => device === "wasm ×1");
    const adapters = new Set(
      devices.flatMap(({ name, adapter }) =>
        name === "gpu webgpu" || name === "gpu webgl2" ? [`${name}: ${adapter}`] : [],
      ),
    );
    const [, chromium] = /Chrome\/(\d+)/.exec(browser) ?? [];
    const facts = [
      `${created.slice(0, 10)}, commit ${commit}`,
      `${cpu}, ${cores} cores`,
      chromium === undefined ? `Node ${node}` : `Chromium ${chromium}`,
      ...(peak ? [`peak of one WebAssembly thread ${peak.gflops.toFixed(1)} GFLOP/s`] : []),
      ...adapters,
    ];
    return `- ${facts.join("; ")}`;
  });

/** The tables of docs/kernels.md; there each stands between `<!-- measured: name -->` and `<!-- end -->`. */
const tables: Readonly<Record<string, MakeTable>> = {
  machine,
  walk,
  matmul: variants(
    "matmul",
    { "NN 256·256·256": "256³" },
    {
      naive: "naive: one thread, one output",
      unrolled: "unrolled: four running sums",
      fourColumns: "fourColumns: four outputs a thread",
    },
  ),
  softmax: variants(
    "softmax",
    { "forward [768, 12] axis 1": "768 rows of 12", "forward [256, 256] axis 1": "256 rows of 256" },
    {
      plain: "plain: one launch, every output walks its row",
      twoPass: "twoPass: maximum, sum, outputs",
      online: "online: maximum and sum in one walk",
    },
  ),
  tanh,
  "one thread": oneThread,
  engines,
};

/**
 * Puts what the reports have in the place of the document's tables. A table of which they have nothing stays as it is.
 * @returns the document, and the names of the tables that are new in it
 */
export function renewed(document: string, reports: readonly BenchReport[]): { text: string; names: string[] } {
  const found = new Found(reports);
  const names: string[] = [];
  const text = document.replace(
    /(<!-- measured: ([\w ]+) -->\n)[\s\S]*?(\n<!-- end -->)/g,
    (whole, head: string, name: string, end: string) => {
      const make = tables[name];
      if (!make) throw new DataError(`there is no table "${name}": there are ${Object.keys(tables).join(", ")}`);
      const lines = make(found);
      if (lines === null) return whole;
      names.push(name);
      return `${head}${lines.join("\n")}${end}`;
    },
  );
  return { text, names };
}

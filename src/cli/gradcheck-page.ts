import type { EpsSweep } from "../autograd/gradcheck/sweep.js";
import { sweepSvg } from "../autograd/gradcheck/sweep-plot.js";
import type { TableRow } from "../autograd/gradcheck/table.js";
import type { FileRow } from "./gradcheck-file.js";
import { type KernelParity, modeLines, ulpsOff } from "./gradcheck-kernels.js";
import { ulps } from "./gradcheck-table.js";

export interface SweepRow {
  readonly title: string;
  readonly sweep: EpsSweep;
}

export interface GradcheckPageData {
  readonly operations: readonly TableRow[];
  /** The GPU's kernels beside float64, where they were asked for. */
  readonly kernels: KernelParity | null;
  readonly file: readonly FileRow[];
  readonly sweeps: readonly SweepRow[];
}

const escapeText = (words: string): string =>
  words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A cell, with the number to sort by where the text is not it. */
interface Cell {
  readonly text: string;
  readonly order?: number;
}

const numberCell = (value: number): Cell => ({ text: value === 0 ? "0" : value.toExponential(2), order: value });

function htmlTable(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const head = heads.map((name) => `<th><button type="button">${escapeText(name)}</button></th>`).join("");
  const body = rows.map(
    (cells) =>
      `<tr>${cells
        .map(({ text, order }) => `<td${order === undefined ? "" : ` data-order="${order}"`}>${escapeText(text)}</td>`)
        .join("")}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body.join("\n")}\n</tbody></table>`;
}

function operationsTable(rows: readonly TableRow[]): string {
  const devices = rows[0]?.devices.map(({ device }) => device) ?? [];
  const heads = devices.flatMap((device) => [`${device} forward, ulp`, `${device} backward, ulp`]);
  return htmlTable(
    ["operation", "cases", "worst relative error", ...heads, "gradient"],
    rows.map((row) => [
      { text: row.operation },
      { text: String(row.cases), order: row.cases },
      numberCell(row.worstRelativeError),
      ...row.devices.flatMap(({ forward, backward, error }): Cell[] =>
        error
          ? [{ text: error }, { text: "" }]
          : [
              { text: ulps(forward), order: forward.scaled },
              { text: ulps(backward), order: backward.scaled },
            ],
      ),
      { text: row.passed ? "right" : "wrong" },
    ]),
  );
}

function fileTable(rows: readonly FileRow[]): string {
  return htmlTable(
    ["export", "worst absolute error", "worst relative error", "gradient"],
    rows.map(({ name, maxAbsoluteError, maxRelativeError, passed }) => [
      { text: name },
      numberCell(maxAbsoluteError),
      numberCell(maxRelativeError),
      { text: passed ? "right" : "wrong" },
    ]),
  );
}

function kernelsSection(kernels: KernelParity): string {
  const { modes } = kernels;
  const heads = ["kernel", "cases", "ulp allowed", ...modes.map(({ mode }) => mode)];
  const first = modes[0]?.rows ?? [];
  const rows = first.map(({ operation, cases, bound }, i): Cell[] => [
    { text: operation },
    { text: String(cases), order: cases },
    { text: String(bound), order: bound },
    ...modes.map(({ rows: ran }): Cell => ({ text: ulpsOff(ran[i]?.ulp ?? 0), order: ran[i]?.ulp ?? 0 })),
  ]);
  return `<h2>Kernels of the GPU against float64</h2>
${htmlTable(heads, rows)}
<p>${modeLines(kernels).map(escapeText).join("; ")}.</p>`;
}

const style = `
body{font:15px/1.5 system-ui,sans-serif;color:#222;max-width:68rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .8rem;border-bottom:1px solid #ddd;text-align:right}
th:first-child,td:first-child{text-align:left}
th button{font:inherit;font-weight:600;background:none;border:0;padding:0;cursor:pointer;color:inherit}
th[aria-sort=ascending] button::after{content:" ↑"}th[aria-sort=descending] button::after{content:" ↓"}
pre{background:#f6f6f4;padding:.8rem 1rem;overflow-x:auto}
.sweeps{display:flex;flex-wrap:wrap;gap:1rem}.sweeps svg{border:1px solid #e4e4e4}`;

const script = `
for (const table of document.querySelectorAll("table")) {
  const heads = [...table.querySelectorAll("th")];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const falling = head.getAttribute("aria-sort") === "ascending";
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const key = (row) => row.cells[column].dataset.order ?? row.cells[column].textContent;
    const body = table.tBodies[0];
    const compare = (a, b) => { const [x, y] = [key(a), key(b)]; return isNaN(x) || isNaN(y) ? x.localeCompare(y) : x - y; };
    body.append(...[...body.rows].sort((a, b) => (falling ? -1 : 1) * compare(a, b)));
  }));
}`;

/** The check as one self-contained web page: sortable table, what failed, and the sweeps' V-curves. */
export function gradcheckPage({ operations, kernels, file, sweeps }: GradcheckPageData): string {
  const failed = [
    ...operations.flatMap(({ operation, failures }) =>
      failures.map(({ title, report }) => ({ title: `${operation}: ${title}`, report })),
    ),
    ...(kernels?.modes ?? []).flatMap(({ mode, rows }) =>
      rows.flatMap((row) => row.failures.map((report) => ({ title: `${row.operation} in mode ${mode}`, report }))),
    ),
    ...file.flatMap(({ name, passed, report }) => (passed ? [] : [{ title: name, report }])),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gradient check</title><style>${style}</style></head><body>
<h1>Gradient check</h1>
<p>Gradients, second gradients and forward mode in float64 against central differences (step 1e-6, |error| ≤ 1e-8 + 1e-6·|slope|);
float32 against float64 in units in the last place of each tensor's largest element.</p>
${operations.length > 0 ? operationsTable(operations) : fileTable(file)}
${kernels === null ? "" : kernelsSection(kernels)}
${failed.map(({ title, report }) => `<h2>${escapeText(title)}</h2><pre>${escapeText(report)}</pre>`).join("\n")}
<h2>Error against step</h2>
<p>A right formula gives a V: truncation on the right arm, rounding on the left. A wrong one gives a floor.</p>
<div class="sweeps">
${sweeps.map(({ title, sweep }) => sweepSvg(sweep, title)).join("\n")}
</div>
<script>${script}</script></body></html>
`;
}

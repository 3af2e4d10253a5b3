import type { Arm, EpsSweep } from "./sweep.js";

const log = Math.log10;

/** The decades that hold every error. */
function errorDecades({ points }: EpsSweep): { low: number; high: number } {
  const logs = points.map(({ error }) => log(Math.max(error, 1e-17)));
  const low = Math.floor(Math.min(...logs));
  return { low, high: Math.max(low + 2, Math.ceil(Math.max(...logs))) };
}

const armWords = (name: string, arm: Arm | null): string =>
  arm ? `${name} ∝ eps^${arm.power.toFixed(2)}` : `no ${name} arm`;

const judgement = ({ verdict }: EpsSweep): string =>
  verdict === "rounding" ? "formula right, rounding is what is left" : "wrong formula";

/** The verdict and the two slopes in one line. */
export function describeSweep(sweep: EpsSweep): string {
  const { best, truncation, rounding } = sweep;
  return `${judgement(sweep)}; best ${best.error.toExponential(1)} at eps ${best.eps.toExponential(0)}; ${armWords("truncation", truncation)}, ${armWords("rounding", rounding)}`;
}

/** The V for a terminal: one column a step, one row half a decade of error, large steps on the left. */
export function plotSweep(sweep: EpsSweep): string {
  const { low, high } = errorDecades(sweep);
  const rows = 2 * (high - low) + 1;
  const grid = Array.from({ length: rows }, () => sweep.points.map(() => " "));
  for (const [column, { error }] of sweep.points.entries()) {
    const row = Math.round(2 * (high - log(Math.max(error, 1e-17))));
    (grid[row] as string[])[column] = "●";
  }
  const lines = grid.map((cells, row) => {
    const label = row % 2 === 0 ? `1e${high - row / 2}`.padStart(6) : "      ";
    return `${label} ┤${cells.map((cell) => ` ${cell}`).join("")}`;
  });
  const first = (sweep.points[0] as { eps: number }).eps.toExponential(0);
  const last = (sweep.points[sweep.points.length - 1] as { eps: number }).eps.toExponential(0);
  const width = 2 * sweep.points.length;
  const axis = `       └${"─".repeat(width)}`;
  const scale = `        ${first}${"eps".padStart(width / 2 - first.length + 1)}${last.padStart(width / 2 - 1)}`;
  return [...lines, axis, scale, describeSweep(sweep)].join("\n");
}

const size = { width: 480, height: 300, left: 56, right: 16, top: 34, bottom: 42 };

/** The V as a stand-alone SVG: log–log, with the two fitted arms. */
export function sweepSvg(sweep: EpsSweep, title: string): string {
  const { width, height, left, right, top, bottom } = size;
  const { low, high } = errorDecades(sweep);
  const x = (eps: number): number => left + ((log(eps) + 12) / 11) * (width - left - right);
  const y = (error: number): number => top + ((high - log(error)) / (high - low)) * (height - top - bottom);
  const text = (at: string, content: string): string => `<text ${at}>${escapeText(content)}</text>`;
  const gridX = Array.from({ length: 12 }, (_, i) => -12 + i).map(
    (e) =>
      `<line x1="${x(10 ** e)}" x2="${x(10 ** e)}" y1="${top}" y2="${height - bottom}" class="grid"/>` +
      (e % 2 === 0 ? text(`x="${x(10 ** e)}" y="${height - bottom + 16}" text-anchor="middle"`, `1e${e}`) : ""),
  );
  const gridY = Array.from({ length: high - low + 1 }, (_, i) => low + i).map(
    (e) =>
      `<line x1="${left}" x2="${width - right}" y1="${y(10 ** e)}" y2="${y(10 ** e)}" class="grid"/>` +
      (e % 2 === 0 ? text(`x="${left - 6}" y="${y(10 ** e) + 4}" text-anchor="end"`, `1e${e}`) : ""),
  );
  const arms = [sweep.truncation, sweep.rounding].map((arm) => (arm ? armLine(arm, { low, high }, x, y) : ""));
  const dots = sweep.points.map(
    ({ eps, error }) => `<circle cx="${x(eps).toFixed(1)}" cy="${y(Math.max(error, 10 ** low)).toFixed(1)}" r="3"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    "<style>text{font:11px system-ui,sans-serif;fill:#444}.title{font-size:13px;font-weight:600;fill:#222}.grid{stroke:#e4e4e4}",
    "circle{fill:#2563a8}.arm{stroke:#c2571a;stroke-width:1.5;stroke-dasharray:5 4}rect{fill:#fff}</style>",
    `<rect width="${width}" height="${height}"/>`,
    text(`x="${left}" y="20" class="title"`, title),
    text(
      `x="${width - right}" y="20" text-anchor="end"`,
      sweep.verdict === "rounding" ? "formula right" : "wrong formula",
    ),
    ...gridX,
    ...gridY,
    ...arms,
    ...dots,
    text(`x="${(left + width - right) / 2}" y="${height - 8}" text-anchor="middle"`, describeArms(sweep)),
    "</svg>",
  ].join("\n");
}

const describeArms = ({ truncation, rounding }: EpsSweep): string =>
  `step eps · ${armWords("truncation", truncation)} · ${armWords("rounding", rounding)}`;

/** A fitted arm, drawn where it is inside the picture. */
function armLine(
  { power, factor }: Arm,
  { low, high }: { low: number; high: number },
  x: (eps: number) => number,
  y: (error: number) => number,
): string {
  const at = (eps: number): number => factor * eps ** power;
  const inside = Array.from({ length: 111 }, (_, i) => 10 ** (-12 + i / 10)).filter(
    (eps) => log(at(eps)) >= low && log(at(eps)) <= high,
  );
  const [first, last] = [inside[0], inside[inside.length - 1]];
  if (first === undefined || last === undefined) return "";
  return `<line x1="${x(first)}" y1="${y(at(first))}" x2="${x(last)}" y2="${y(at(last))}" class="arm"/>`;
}

const escapeText = (words: string): string => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

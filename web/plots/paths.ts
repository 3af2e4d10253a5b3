import * as Plot from "@observablehq/plot";
import type { GateSplit, PathName, SentenceStudy } from "../../src/index.js";
import { plot } from "./plot.js";
import { exact, pathColors, pathNames } from "./theme.js";

interface PathPoint {
  readonly j: number;
  readonly path: PathName;
  readonly share: number;
  readonly norm: number;
}

type Split = Pick<SentenceStudy, "source" | "paths">;

const points = ({ source, paths }: Split): PathPoint[] =>
  source.flatMap((_, j) => pathNames.map((path) => ({ j, path, share: paths[path][j], norm: paths.norms[path][j] })));

const wordAxis = (source: readonly string[]): Plot.ScaleOptions => ({
  type: "band",
  domain: source.map((_, j) => j),
  label: null,
  tickFormat: (j: number) => source[j],
  tickRotate: -45,
  tickSize: 0,
});

const frame = (source: readonly string[], width: number) => ({
  width: Math.max(Math.min(width, 60 + source.length * 84), 60 + source.length * 22),
  marginLeft: 48,
  marginBottom: 74,
  x: wordAxis(source),
});

/** What share of h̄_j came by which path: signed stacked bars that sum to 1, above the source words. */
export function pathShares(study: Split, width: number): Element {
  return plot({
    ...frame(study.source, width),
    height: 330,
    y: { label: "share of the gradient", grid: true, nice: true },
    color: { ...pathColors, legend: true },
    marks: [
      Plot.barY(points(study), {
        x: "j",
        y: "share",
        fill: "path",
        order: pathColors.domain,
        title: (d: PathPoint) => `${study.source[d.j]}, by ${d.path}\nshare: ${exact(d.share)}\nnorm: ${exact(d.norm)}`,
        tip: true,
      }),
      Plot.ruleY([0]),
      Plot.ruleY([1], { strokeDasharray: "3 3", strokeOpacity: 0.6 }),
    ],
  });
}

/** How long each path's term is, and h̄_j itself. */
export function pathNorms(study: Split, width: number): Element {
  const totals = study.paths.total.map((norm, j) => ({ j, norm }));
  return plot({
    ...frame(study.source, width),
    height: 300,
    y: { label: "norm (nats per unit of h)", grid: true, zero: true, nice: true },
    color: { ...pathColors, legend: true },
    marks: [
      Plot.ruleY([0]),
      Plot.tickY(totals, { x: "j", y: "norm", stroke: "currentColor", strokeWidth: 2 }),
      Plot.dot(points(study), { x: "j", y: "norm", fill: "path", r: 4 }),
      Plot.tip(
        [...points(study), ...totals.map((d) => ({ ...d, path: "all paths together" }))],
        Plot.pointer({ x: "j", y: "norm", title: (d) => `${study.source[d.j]}, ${d.path}\nnorm: ${exact(d.norm)}` }),
      ),
    ],
  });
}

/** A GRU's or an LSTM's ways into the next step; both have the carry. */
const gateColors = {
  gru: {
    domain: ["r", "z", "n", "carry"],
    range: ["var(--bridge)", "var(--value)", "var(--score)", "var(--recurrence)"],
  },
  lstm: {
    domain: ["i", "f", "g", "o", "carry"],
    range: ["var(--bridge)", "var(--value)", "var(--score)", "var(--rnnencdec)", "var(--recurrence)"],
  },
};

/** What share of the recurrence term came through which gate: signed stacked bars that sum to 1. */
export function gateShares(source: readonly string[], split: GateSplit, width: number): Element {
  const colors = split.gates.includes("f") ? gateColors.lstm : gateColors.gru;
  const bars = split.gates.flatMap((gate) =>
    source.map((_, j) => ({ j, gate, share: split.shares[gate][j], norm: split.norms[gate][j] })),
  );
  return plot({
    ...frame(source, width),
    height: 300,
    y: { label: "share of the recurrence term", grid: true, nice: true },
    color: { ...colors, legend: true },
    marks: [
      Plot.barY(bars, {
        x: "j",
        y: "share",
        fill: "gate",
        order: colors.domain,
        title: (d) => `${source[d.j]}, through ${d.gate}\nshare: ${exact(d.share)}\nnorm: ${exact(d.norm)}`,
        tip: true,
      }),
      Plot.ruleY([0]),
      Plot.ruleY([1], { strokeDasharray: "3 3", strokeOpacity: 0.6 }),
    ],
  });
}

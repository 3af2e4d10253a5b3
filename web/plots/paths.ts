import * as Plot from "@observablehq/plot";
import type { GateSplit, PathName, SentenceStudy } from "../../src/index.js";
import { plot } from "./plot.js";
import { exact, pathColors, pathNames } from "./theme.js";
import { wordFrame } from "./words.js";

interface PathPoint {
  readonly j: number;
  readonly path: PathName;
  readonly share: number;
  readonly norm: number;
}

type Split = Pick<SentenceStudy, "source" | "paths">;

const points = ({ source, paths }: Split): PathPoint[] =>
  source.flatMap((_, j) => pathNames.map((path) => ({ j, path, share: paths[path][j], norm: paths.norms[path][j] })));

/** From the deepest stack of negative shares to the highest of positive ones, in twentieths; a sum's rounding makes no room. */
function shareDomain(stacks: readonly (readonly number[])[]): [number, number] {
  const reach = (sign: 1 | -1): number =>
    Math.max(...stacks.map((shares) => shares.reduce((sum, share) => sum + Math.max(0, sign * share), 0)));
  const twentieths = (value: number): number => Math.max(0, Math.ceil(20 * (value - 0.005))) / 20;
  return [0 - twentieths(reach(-1)), Math.max(1, twentieths(reach(1)))];
}

const pathStacks = ({ source, paths }: Split): number[][] =>
  source.map((_, j) => pathNames.map((path) => paths[path][j]));

/**
 * What share of h̄_j came by which path: signed stacked bars that sum to 1, above the source words.
 * @param beside what stands beside it, to be drawn to the same scale
 */
export function pathShares(study: Split, width: number, beside: readonly Split[] = []): Element {
  return plot({
    ...wordFrame(study.source, width),
    height: 300,
    y: { label: "share of the gradient", grid: true, domain: shareDomain([study, ...beside].flatMap(pathStacks)) },
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
    ...wordFrame(study.source, width),
    height: 270,
    y: { label: "norm (nats per unit of h)", grid: true, zero: true, nice: true },
    color: { ...pathColors, legend: true },
    note: "— all paths together, ‖h̄‖",
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
  const stacks = source.map((_, j) => split.gates.map((gate) => split.shares[gate][j]));
  return plot({
    ...wordFrame(source, width),
    height: 270,
    y: { label: "share of the recurrence term", grid: true, domain: shareDomain(stacks) },
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

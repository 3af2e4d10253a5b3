import * as Plot from "@observablehq/plot";
import type { SentenceStudy } from "../../src/index.js";
import { diverging, exact, plotStyle, sequential } from "./theme.js";

/** What the heatmap can show for a target word t and a source word j. */
export const alignmentQuantities = {
  alpha: { symbol: "α", name: "attention weight α" },
  alphaBar: { symbol: "ᾱ", name: "gradient of the weight ᾱ (nats)" },
  eBar: { symbol: "ē", name: "gradient of the score ē (nats)" },
  product: { symbol: "αᾱ", name: "gradient × attention αᾱ (nats)" },
} as const;

export type AlignmentQuantity = keyof typeof alignmentQuantities;

/** The chosen quantity [T][S]; null for a model without attention. */
export function alignmentMatrix(
  study: SentenceStudy,
  quantity: AlignmentQuantity,
): readonly (readonly number[])[] | null {
  if (quantity !== "product") return study[quantity];
  const { alpha, alphaBar } = study;
  return alpha && alphaBar && alpha.map((row, t) => row.map((weight, j) => weight * alphaBar[t][j]));
}

const MARGIN_LEFT = 92;
const MARGIN_TOP = 66;

/** Target words down, source words across; a ring marks each gold link. α on a sequential scale, gradients on a diverging one. */
export function alignmentHeatmap(study: SentenceStudy, quantity: AlignmentQuantity, width: number): Element | null {
  const matrix = alignmentMatrix(study, quantity);
  if (!matrix) return null;
  const { source, target } = study;
  const { symbol, name } = alignmentQuantities[quantity];
  const cell = Math.min(50, Math.max(20, Math.floor((width - MARGIN_LEFT - 12) / source.length)));
  const gold = new Set(study.gold?.map(([j, t]) => `${t} ${j}`));
  const cells = matrix.flatMap((row, t) => row.map((value, j) => ({ t, j, value, gold: gold.has(`${t} ${j}`) })));
  const limit = Math.max(...cells.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  return Plot.plot({
    width: MARGIN_LEFT + cell * source.length + 12,
    height: MARGIN_TOP + Math.min(cell, 36) * target.length + 8,
    marginLeft: MARGIN_LEFT,
    marginTop: MARGIN_TOP,
    marginRight: 12,
    marginBottom: 8,
    style: plotStyle,
    x: {
      type: "band",
      domain: source.map((_, j) => j),
      axis: "top",
      label: null,
      tickFormat: (j) => source[j],
      tickRotate: -45,
      tickSize: 0,
      padding: 0.04,
    },
    y: {
      type: "band",
      domain: target.map((_, t) => t),
      label: null,
      tickFormat: (t) => target[t],
      tickSize: 0,
      padding: 0.04,
    },
    color:
      quantity === "alpha"
        ? { type: "linear", domain: [0, 1], range: sequential, label: name, legend: true }
        : {
            type: "diverging",
            domain: [-limit, limit],
            pivot: 0,
            range: diverging,
            label: name,
            legend: true,
            tickFormat: ".2~g",
          },
    marks: [
      Plot.cell(cells, {
        x: "j",
        y: "t",
        fill: "value",
        stroke: "var(--line)",
        strokeWidth: 0.5,
        title: (d) => `${source[d.j]} → ${target[d.t]}${d.gold ? "  (gold link)" : ""}\n${symbol} = ${exact(d.value)}`,
        tip: true,
      }),
      Plot.dot(
        cells.filter((d) => d.gold),
        { x: "j", y: "t", r: cell / 4, stroke: "#fff", strokeWidth: 4, pointerEvents: "none" },
      ),
      Plot.dot(
        cells.filter((d) => d.gold),
        { x: "j", y: "t", r: cell / 4, stroke: "#111", strokeWidth: 1.8, pointerEvents: "none" },
      ),
    ],
  });
}

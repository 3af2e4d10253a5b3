import * as Plot from "@observablehq/plot";
import type { Decay, EntryPoints } from "../../src/index.js";
import { wordMatrix } from "./matrix.js";
import { exact, plotStyle } from "./theme.js";

/** I(j, k): rows are the words whose gradient it is, columns the words at which it entered. */
export function entryHeatmap(source: readonly string[], { entries }: EntryPoints, width: number): Element {
  return wordMatrix(
    {
      columns: source,
      rows: source,
      values: entries,
      name: "norm of the part that entered there, I (nats per unit of h)",
      symbol: "I",
      scale: "positive",
      relation: "enters for",
    },
    width,
  );
}

/** D_j: the mean number of recurrent steps. */
export function meanDistance(source: readonly string[], { distance }: EntryPoints, width: number): Element {
  const points = distance.map((value, j) => ({ j, value }));
  return Plot.plot({
    width: Math.max(Math.min(width, 60 + source.length * 84), 60 + source.length * 22),
    height: 240,
    marginLeft: 48,
    marginBottom: 74,
    style: plotStyle,
    x: {
      type: "band",
      domain: source.map((_, j) => j),
      label: null,
      tickFormat: (j: number) => source[j],
      tickRotate: -45,
      tickSize: 0,
    },
    y: { label: "mean distance D (recurrent steps)", grid: true, zero: true, nice: true },
    marks: [
      Plot.ruleY([0]),
      Plot.lineY(points, { x: "j", y: "value", stroke: "var(--value)", strokeWidth: 2 }),
      Plot.dot(points, {
        x: "j",
        y: "value",
        fill: "var(--value)",
        r: 4,
        title: (d) => `${source[d.j]}\nD = ${exact(d.value)} steps`,
        tip: true,
      }),
    ],
  });
}

export interface NamedDecay {
  readonly name: string;
  readonly decay: Decay;
}

export const conditionColors = {
  domain: ["as it is", "α frozen", "recurrence cut", "no attention"],
  range: ["var(--value)", "var(--score)", "var(--recurrence)", "var(--rnnencdec)"],
};

/** ‖h̄_j‖ on a logarithmic axis against the way to the end of its direction, with the fitted lines. */
export function decayPlot(curves: readonly NamedDecay[], width: number): Element {
  const points = curves.flatMap(({ name, decay }) =>
    decay.points.filter(({ norm }) => norm > 0).map((point) => ({ name, ...point })),
  );
  const furthest = Math.max(...points.map(({ distance }) => distance), 1);
  const lines = curves.flatMap(({ name, decay: { slope, intercept } }) =>
    Number.isFinite(slope)
      ? [0, furthest].map((distance) => ({ name, distance, norm: Math.exp(intercept + slope * distance) }))
      : [],
  );
  return Plot.plot({
    width,
    height: 340,
    marginLeft: 56,
    marginBottom: 42,
    style: plotStyle,
    x: { label: "distance (recurrent steps)", labelAnchor: "center", labelArrow: "none", labelOffset: 38, ticks: 6 },
    y: { type: "log", label: "‖h̄‖ of one direction (nats per unit of h)", grid: true, ticks: 5, tickFormat: "~g" },
    color: { ...conditionColors, legend: true },
    marks: [
      Plot.line(lines, { x: "distance", y: "norm", z: "name", stroke: "name", strokeWidth: 1.6 }),
      Plot.dot(points, {
        x: "distance",
        y: "norm",
        stroke: "name",
        symbol: "direction",
        r: 3.5,
        title: (d) =>
          `${d.name}, ${d.direction} state of word ${d.j + 1}\ndistance ${d.distance}\n‖h̄‖ = ${exact(d.norm)}`,
        tip: true,
      }),
    ],
  });
}

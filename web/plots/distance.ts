import * as Plot from "@observablehq/plot";
import type { DistanceCurve, EntryPoints } from "../../src/index.js";
import { wordMatrix } from "./matrix.js";
import { plot } from "./plot.js";
import { exact } from "./theme.js";
import { wordFrame } from "./words.js";

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
      axes: "rows: the word whose gradient it is, columns: where it entered",
      relation: "enters for",
    },
    width,
  );
}

/** D_j: the mean number of recurrent steps. */
export function meanDistance(source: readonly string[], { distance }: EntryPoints, width: number): Element {
  const points = distance.map((value, j) => ({ j, value }));
  return plot({
    ...wordFrame(source, width),
    height: 220,
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

const conditionColors: Readonly<Record<string, string>> = {
  "as it is": "var(--value)",
  "α frozen": "var(--score)",
  "recurrence cut": "var(--recurrence)",
  "no attention": "var(--rnnencdec)",
};

/** ‖h̄_j‖ on a logarithmic axis against the way to the end of its direction, with the fitted lines. */
export function decayPlot(curves: readonly DistanceCurve[], width: number): Element {
  const points = curves.flatMap(({ name, decay }) =>
    decay.points.filter(({ norm }) => norm > 0).map((point) => ({ name, ...point })),
  );
  const furthest = Math.max(...points.map(({ distance }) => distance), 1);
  const lines = curves.flatMap(({ name, decay: { slope, intercept } }) =>
    Number.isFinite(slope)
      ? [0, furthest].map((distance) => ({ name, distance, norm: Math.exp(intercept + slope * distance) }))
      : [],
  );
  return plot({
    width,
    height: 340,
    marginLeft: 56,
    below: "distance (recurrent steps)",
    x: { ticks: Math.min(6, furthest) },
    y: { type: "log", label: "‖h̄‖ of one direction (nats per unit of h)", grid: true, ticks: 5, tickFormat: "~g" },
    color: {
      domain: curves.map(({ name }) => name),
      range: curves.map(({ name }) => conditionColors[name]),
      legend: true,
    },
    note: "● forward states   ○ backward states",
    marks: [
      Plot.line(lines, { x: "distance", y: "norm", z: "name", stroke: "name", strokeWidth: 1.6 }),
      Plot.dot(points, {
        filter: (d) => d.direction === "forward",
        x: "distance",
        y: "norm",
        fill: "name",
        stroke: "name",
        r: 3.5,
      }),
      Plot.dot(points, {
        filter: (d) => d.direction === "backward",
        x: "distance",
        y: "norm",
        stroke: "name",
        strokeWidth: 1.5,
        r: 3.5,
      }),
      Plot.tip(
        points,
        Plot.pointer({
          x: "distance",
          y: "norm",
          title: (d) =>
            `${d.name}, ${d.direction} state of word ${d.j + 1}\ndistance ${d.distance}\n‖h̄‖ = ${exact(d.norm)}`,
        }),
      ),
    ],
  });
}

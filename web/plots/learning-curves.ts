import * as Plot from "@observablehq/plot";
import type { CurvePoint } from "../../src/index.js";
import { plot } from "./plot.js";
import { exact, modelColors, modelNames } from "./theme.js";

const title = (point: CurvePoint, quantity: string, value: number): string =>
  `${modelNames[point.model]}, step ${point.step}\n${quantity}: ${exact(value)}`;

const name = (point: CurvePoint): string => modelNames[point.model];

/** Loss against step: a thin line for training batches, dots for the validation set. */
export function lossCurve(points: readonly CurvePoint[], width: number): Element {
  const validated = points.filter((point) => point.validationLoss !== null);
  return plot({
    width,
    height: 300,
    marginLeft: 44,
    below: "step",
    x: { ticks: 6 },
    y: { label: "loss (nats a token)", grid: true, zero: true, nice: true },
    color: { ...modelColors, legend: true },
    note: "thin: training batch, thick with dots: validation set",
    marks: [
      Plot.lineY(points, { x: "step", y: "loss", z: name, stroke: name, strokeOpacity: 0.45, strokeWidth: 1.2 }),
      Plot.lineY(validated, { x: "step", y: "validationLoss", z: name, stroke: name, strokeWidth: 2 }),
      Plot.dot(validated, { x: "step", y: "validationLoss", fill: name, r: 2.8 }),
      Plot.tip(
        points,
        Plot.pointer({
          x: "step",
          y: "loss",
          stroke: name,
          title: (d) => title(d, "training loss, nats a token", d.loss),
        }),
      ),
      Plot.tip(
        validated,
        Plot.pointer({
          x: "step",
          y: "validationLoss",
          stroke: name,
          title: (d) => title(d, "validation loss, nats a token", d.validationLoss),
          maxRadius: 12,
        }),
      ),
      Plot.ruleY([0]),
    ],
  });
}

/** Norm of the whole gradient before clipping against step, on a logarithmic axis. */
export function gradientNormCurve(points: readonly CurvePoint[], width: number): Element {
  return plot({
    width,
    height: 300,
    marginLeft: 44,
    below: "step",
    x: { ticks: 6 },
    y: { type: "log", label: "gradient norm (nats a token per unit)", grid: true, ticks: 5, tickFormat: "~g" },
    color: { ...modelColors, legend: true },
    marks: [
      Plot.lineY(points, {
        x: "step",
        y: "gradientNorm",
        z: name,
        stroke: name,
        strokeWidth: 1.4,
        title: (d) => title(d, "gradient norm", d.gradientNorm),
        tip: true,
      }),
    ],
  });
}

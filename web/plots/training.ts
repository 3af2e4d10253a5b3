import * as Plot from "@observablehq/plot";
import { plot } from "./plot.js";
import { exact } from "./theme.js";

export interface TrainingPoint {
  readonly step: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly gradientNorms: Readonly<Record<string, number>>;
}

/** From the start on, and not so short that steps are split. */
const stepAxis = (points: readonly TrainingPoint[]) => ({
  ticks: 6,
  domain: [0, Math.max(10, points.at(-1)?.step ?? 0)],
});

/** A single step is a point, which a line does not show. */
const markerOf = (points: readonly TrainingPoint[]): "dot" | undefined => (points.length === 1 ? "dot" : undefined);

/** The training batches' loss. */
export function trainingLoss(points: readonly TrainingPoint[], width: number): Element {
  return plot({
    width,
    height: 260,
    marginLeft: 44,
    below: "step",
    x: stepAxis(points),
    y: { label: "loss (nats a token)", grid: true, zero: true, nice: true },
    marks: [
      Plot.ruleY([0]),
      Plot.lineY(points, {
        x: "step",
        y: "loss",
        stroke: "var(--rnnsearch)",
        marker: markerOf(points),
        title: (d) => `step ${d.step}\nloss: ${exact(d.loss)}`,
        tip: true,
      }),
    ],
  });
}

/** The part of the network that a parameter belongs to. */
const partOf = (path: string): string => {
  if (/^(W|U|v)\./.test(path)) return "attention";
  if (/Embedding/.test(path)) return "embeddings";
  return path.split(".")[0];
};

/** Gradient norms by part of the network, on a logarithmic axis. */
export function parameterNorms(points: readonly TrainingPoint[], width: number): Element {
  const rows = points.flatMap(({ step, gradientNorms }) => {
    const squares = new Map<string, number>();
    for (const [path, norm] of Object.entries(gradientNorms)) {
      squares.set(partOf(path), (squares.get(partOf(path)) ?? 0) + norm * norm);
    }
    return [...squares].map(([part, square]) => ({ step, part, norm: Math.sqrt(square) }));
  });
  return plot({
    width,
    height: 260,
    marginLeft: 52,
    below: "step",
    x: stepAxis(points),
    y: { type: "log", label: "gradient norm (nats a token per unit)", grid: true, ticks: 4, tickFormat: "~g" },
    color: { legend: true, scheme: "Observable10" },
    marks: [
      Plot.lineY(
        rows.filter(({ norm }) => norm > 0),
        {
          x: "step",
          y: "norm",
          z: "part",
          stroke: "part",
          marker: markerOf(points),
          title: (d) => `${d.part}, step ${d.step}\ngradient norm: ${exact(d.norm)}`,
          tip: true,
        },
      ),
    ],
  });
}

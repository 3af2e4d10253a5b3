import * as Plot from "@observablehq/plot";
import type { LengthBucket, RunSummary } from "../../src/index.js";
import { plot } from "./plot.js";
import { exact, modelColors, modelNames } from "./theme.js";

/** The metrics of a length bucket, as they are called and drawn. */
export const lengthMetrics = {
  exactMatch: { name: "exact match", axis: "exact match (% of sentences)", scale: 100 },
  bleu: { name: "BLEU", axis: "BLEU (0 to 100)", scale: 100 },
  alignmentErrorRate: {
    name: "alignment error rate",
    axis: "alignment error rate (0 to 1, lower is better)",
    scale: 1,
  },
} as const;

export type LengthMetric = keyof typeof lengthMetrics;

/** "1–5"; "41 or more" for the last bucket where it is open. JSON writes ∞ as null. */
const bucketLabel = ({ from, to }: LengthBucket): string => (Number.isFinite(to) ? `${from}–${to}` : `${from} or more`);

/** A metric against sentence length, a line a model; behind the rule are sentences longer than any trained on. */
export function byLengthPlot(summary: RunSummary, metric: LengthMetric, width: number): Element {
  const { name, axis, scale } = lengthMetrics[metric];
  const points = summary.models.flatMap(({ model, byLength }) =>
    byLength.flatMap((bucket) => {
      const value = bucket[metric];
      return value === null
        ? []
        : [{ model: modelNames[model], bucket: bucketLabel(bucket), value, count: bucket.count }];
    }),
  );
  const buckets = summary.models[0]?.byLength ?? [];
  const longer = buckets.filter(({ from }) => from > summary.corpus.trainMaxLength).map(bucketLabel);
  return plot({
    width,
    height: 320,
    marginLeft: 44,
    marginTop: 34,
    below: "source sentence length (words)",
    x: {
      type: "point",
      domain: buckets.map(bucketLabel),
      padding: 0.4,
    },
    y: { label: axis, grid: true, domain: [0, scale] },
    color: { ...modelColors, legend: true },
    marks: [
      longer.length > 0
        ? [
            Plot.ruleX([longer[0]], { strokeDasharray: "3 3", strokeOpacity: 0.6 }),
            Plot.text([longer[0]], {
              x: (bucket) => bucket,
              text: () => "longer than\ntrained on →",
              frameAnchor: "top",
              lineAnchor: "top",
              dy: 4,
              dx: longer.length > 1 ? 4 : -4,
              textAnchor: longer.length > 1 ? "start" : "end",
            }),
          ]
        : [],
      Plot.ruleY([0]),
      Plot.lineY(points, { x: "bucket", y: (d) => d.value * scale, z: "model", stroke: "model", strokeWidth: 2 }),
      Plot.dot(points, {
        x: "bucket",
        y: (d) => d.value * scale,
        fill: "model",
        r: 4,
        title: (d) =>
          `${d.model}, ${d.bucket} words, ${d.count} sentences\n${name}: ${exact(d.value * scale)}${metric === "exactMatch" ? " %" : ""}`,
        tip: true,
      }),
    ],
  });
}

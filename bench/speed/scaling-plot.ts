import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** The times of one dimension, and the arithmetic's operations, in the order of its values. */
export interface ScalingLine {
  readonly dimension: string;
  readonly values: readonly number[];
  readonly milliseconds: readonly number[];
  readonly flops: readonly number[];
  readonly time: number;
  readonly arithmetic: number;
}

/** Okabe & Ito's palette, told apart by colour-blind readers. */
const colors = ["#0072b2", "#d55e00", "#009e73", "#aa5599"];

/**
 * Both as multiples of their first value, over the multiple of the size: the time as points on a line, the arithmetic
 * as dashes. A stand-alone SVG on white.
 */
export function scalingPlot(lines: readonly ScalingLine[]): string {
  const { document } = parseHTML("<!doctype html><body></body>");
  const points = lines.flatMap(({ dimension, values, milliseconds, flops }) =>
    values.map((value, i) => ({
      dimension,
      factor: value / (values[0] as number),
      time: (milliseconds[i] as number) / (milliseconds[0] as number),
      arithmetic: (flops[i] as number) / (flops[0] as number),
    })),
  );
  const factors = [...new Set(points.map(({ factor }) => factor))];
  const channels = { x: "factor", stroke: "dimension", fx: "dimension" } as const;
  const names = lines.map(({ dimension }) => dimension);
  const svg = Plot.plot({
    document,
    width: 800,
    height: 290,
    marginLeft: 48,
    marginRight: 12,
    marginBottom: 24,
    marginTop: 90,
    style: { fontFamily: "system-ui, sans-serif", fontSize: "12px", background: "#ffffff", color: "#222222" },
    fx: { domain: names, axis: null, padding: 0.18 },
    x: { type: "log", base: 2, ticks: factors, tickFormat: (factor: number) => `${factor}×`, label: null },
    y: {
      type: "log",
      label: "time (points) and arithmetic (dashed), × the first",
      labelArrow: "none",
      grid: true,
      ticks: [1, 2, 5, 10, 20, 50, 100, 200],
      tickFormat: "~g",
    },
    color: { domain: names, range: colors },
    marks: [
      Plot.line(points, { ...channels, y: "arithmetic", strokeDasharray: "4 4", strokeWidth: 1.5 }),
      Plot.line(points, { ...channels, y: "time", strokeWidth: 2 }),
      Plot.dot(points, { x: "factor", fx: "dimension", fill: "dimension", y: "time", r: 3.5 }),
      Plot.text(lines, {
        fx: "dimension",
        frameAnchor: "top-left",
        lineAnchor: "bottom",
        dy: -18,
        text: ({ dimension, time, arithmetic }: ScalingLine) =>
          `${dimension}\ntime grows as x^${time.toFixed(2)}\narithmetic as x^${arithmetic.toFixed(2)}`,
      }),
    ],
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const frame = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: "#ffffff" })) {
    frame.setAttribute(name, value);
  }
  svg.insertBefore(frame, svg.firstChild);
  return `${svg.outerHTML}\n`;
}

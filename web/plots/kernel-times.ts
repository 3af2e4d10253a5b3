import * as Plot from "@observablehq/plot";
import { ms } from "../../bench/report/formats.js";
import type { Phases, Result } from "../../bench/report/report.js";
import { plot } from "./plot.js";

const nameOf = ({ device, variant }: Result): string => (variant === "default" ? device : `${device}, ${variant}`);

/** Beside the candidates' names a time axis needs some room; what is narrower scrolls. */
const LEAST_WIDTH = 480;

const timeAxis = { type: "log", label: "milliseconds a call", tickFormat: "~g", grid: true } as const;

/** One problem: the median and the quartiles of every candidate that has a time. */
export function candidateTimes(results: readonly Result[], width: number): Element | null {
  const rows = results.flatMap((result) =>
    result.phases ? [{ ...result.phases.run, name: nameOf(result), device: result.device }] : [],
  );
  if (rows.length === 0) return null;
  return plot({
    width: Math.max(width, LEAST_WIDTH),
    height: 60 + 26 * rows.length,
    marginLeft: 190,
    marginTop: 34,
    x: { ...timeAxis, axis: "top", labelArrow: "none" },
    y: { type: "band", domain: rows.map(({ name }) => name), label: null },
    color: { scheme: "observable10" },
    marks: [
      Plot.link(rows, { x1: "q1", x2: "q3", y: "name", stroke: "device", strokeWidth: 6, strokeOpacity: 0.45 }),
      Plot.dot(rows, {
        x: "median",
        y: "name",
        fill: "device",
        r: 4,
        title: (d) => `${d.name}\n${ms(d.median)} ms [${ms(d.q1)} to ${ms(d.q3)}], ${d.samples} samples`,
        tip: true,
      }),
    ],
  });
}

/** Phases in the order in which they happen, as they are called. */
const phaseNames = { build: "build (once)", upload: "upload", run: "run", readBack: "read-back" } as const;

/** One problem: what building, upload, the call and read-back take, candidate by candidate. */
export function phaseTimes(results: readonly Result[], width: number): Element | null {
  const timeOf = (phases: Phases, phase: keyof typeof phaseNames): number | null =>
    phase === "build" ? phases.build : (phases[phase]?.median ?? null);
  const bars = results.flatMap((result) => {
    const { phases } = result;
    if (!phases?.upload) return [];
    return (Object.keys(phaseNames) as (keyof typeof phaseNames)[]).flatMap((phase) => {
      const time = timeOf(phases, phase);
      return time === null ? [] : [{ name: nameOf(result), phase: phaseNames[phase], time }];
    });
  });
  const names = [...new Set(bars.map(({ name }) => name))];
  if (names.length === 0) return null;
  // Times differ by orders of magnitude, so they are dots on a logarithmic axis: stacked bars would show one phase only.
  return plot({
    width: Math.max(width, LEAST_WIDTH),
    height: 80 + 26 * names.length,
    marginLeft: 190,
    marginTop: 34,
    x: { ...timeAxis, axis: "top", labelArrow: "none" },
    y: { type: "band", domain: names, label: null, grid: true },
    color: { legend: true, domain: Object.values(phaseNames), scheme: "observable10" },
    symbol: { domain: Object.values(phaseNames) },
    marks: [
      Plot.dot(
        bars.filter(({ time }) => time > 0),
        {
          x: "time",
          y: "name",
          stroke: "phase",
          symbol: "phase",
          r: 5,
          strokeWidth: 2,
          title: (d) => `${d.name}\n${d.phase}: ${ms(d.time)} ms`,
          tip: true,
        },
      ),
    ],
  });
}

/** Problems that differ in size alone: a line a device, the library's own kernel. */
export function sizeCurves(results: readonly Result[], span: "run" | "total", width: number): Element | null {
  const points = results.flatMap(({ phases, size, device, variant }) => {
    const summary = phases?.[span];
    return summary && variant === "default" ? [{ ...summary, size, device }] : [];
  });
  if (points.length === 0) return null;
  const sizes = [...new Set(points.map(({ size }) => size))];
  return plot({
    width,
    height: 380,
    marginLeft: 56,
    marginTop: 34,
    below: "size",
    x: {
      type: "log",
      ticks: sizes,
      tickFormat: "d",
      grid: true,
    },
    y: timeAxis,
    color: { legend: true, scheme: "observable10" },
    marks: [
      Plot.areaY(points, { z: "device", x: "size", y1: "q1", y2: "q3", fill: "device", fillOpacity: 0.15 }),
      Plot.lineY(points, { z: "device", x: "size", y: "median", stroke: "device", strokeWidth: 2 }),
      Plot.dot(points, {
        x: "size",
        y: "median",
        fill: "device",
        r: 4,
        title: (d) => `${d.device}, size ${d.size}\n${ms(d.median)} ms [${ms(d.q1)} to ${ms(d.q3)}]`,
        tip: true,
      }),
    ],
  });
}

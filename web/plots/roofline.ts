import * as Plot from "@observablehq/plot";
import { ms } from "../../bench/report/formats.js";
import { type BenchReport, type Result, rates } from "../../bench/report/report.js";
import { plot } from "./plot.js";
import { exact } from "./theme.js";

interface Point {
  readonly suite: string;
  readonly label: string;
  readonly intensity: number;
  readonly gflops: number;
}

/** Operations a byte against GFLOP/s, for results that have both. */
function points(results: readonly Result[], ceilings: BenchReport["ceilings"]): Point[] {
  return results.flatMap((result) => {
    const { gflops, flopShare, byteShare } = rates(result, ceilings);
    const { work, suite, problem, variant, phases } = result;
    if (gflops === null || work.bytes === 0 || !phases) return [];
    const share = (value: number | null): string => (value === null ? "?" : `${(100 * value).toPrecision(2)} %`);
    const label = [
      `${suite}: ${problem}${variant === "default" ? "" : `, ${variant}`}`,
      `${ms(phases.run.median)} ms, ${exact(gflops)} GFLOP/s`,
      `${share(flopShare)} of the multiply-add peak, ${share(byteShare)} of the copy bandwidth`,
    ].join("\n");
    return [{ suite, label, intensity: work.flops / work.bytes, gflops }];
  });
}

/** The roofline of one device with every kernel that ran on it; null without a kernel or a ceiling. */
export function roofline(report: BenchReport, device: string, width: number): Element | null {
  const ceiling = report.ceilings.find((one) => one.device === device);
  const here = report.results.filter((result) => result.device === device);
  const found = points(here, report.ceilings);
  if (!ceiling || found.length === 0) return null;
  const { gflops: peak, gigabytes, cachedGigabytes } = ceiling;
  const least = Math.min(...found.map(({ intensity }) => intensity)) / 2;
  const most = Math.max(...found.map(({ intensity }) => intensity), (2 * peak) / gigabytes) * 2;
  const roof = (bandwidth: number) =>
    [least, peak / bandwidth, most]
      .filter((intensity) => intensity >= least)
      .map((intensity) => ({ intensity, gflops: Math.min(peak, intensity * bandwidth) }));
  const lowest = Math.min(...found.map(({ gflops }) => gflops), least * gigabytes);
  return plot({
    width,
    height: 440,
    marginLeft: 56,
    marginTop: 34,
    below: "arithmetic intensity (operations a byte)",
    marginRight: 24,
    x: {
      type: "log",
      domain: [least, most],
      tickFormat: "~g",
      grid: true,
    },
    y: { type: "log", domain: [lowest / 1.5, peak * 1.6], label: "GFLOP/s", tickFormat: "~g", grid: true },
    color: { legend: true, scheme: "observable10" },
    marks: [
      Plot.line(roof(gigabytes), { x: "intensity", y: "gflops", stroke: "currentColor", strokeWidth: 2 }),
      cachedGigabytes === null
        ? []
        : Plot.line(roof(cachedGigabytes), { x: "intensity", y: "gflops", stroke: "currentColor", strokeOpacity: 0.5 }),
      Plot.text([{ x: most, y: peak }], {
        x: "x",
        y: "y",
        text: () => `peak ${peak.toPrecision(3)} GFLOP/s`,
        textAnchor: "end",
        dy: -8,
      }),
      Plot.text([{ x: least, y: least * gigabytes }], {
        x: "x",
        y: "y",
        text: () => `copy ${gigabytes.toPrecision(3)} GB/s`,
        textAnchor: "start",
        dx: 6,
        dy: 12,
      }),
      Plot.dot(found, { x: "intensity", y: "gflops", stroke: "suite", symbol: "suite", r: 5, strokeWidth: 2 }),
      Plot.tip(found, Plot.pointer({ x: "intensity", y: "gflops", title: "label" })),
    ],
  });
}

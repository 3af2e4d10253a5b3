/** The plots of a benchmark without its page: what `npm run bench -- --svg` writes. */
import { parseHTML } from "linkedom";
import { families } from "../../bench/report/families.js";
import type { BenchReport } from "../../bench/report/report.js";
import css from "../page/style.css?raw";
import { sizeCurves } from "../plots/kernel-times.js";
import { schemes, styleLook } from "../plots/look.js";
import { picture } from "../plots/picture.js";
import { drawIn } from "../plots/plot.js";
import { roofline } from "../plots/roofline.js";

/** As wide as a plot is read in a text. */
const WIDTH = 860;

const fileName = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

/**
 * The roofline of every device and the time of every kernel against its size, in the page's light and dark colours.
 * @returns SVG texts by file name
 */
export function drawReport(report: BenchReport): Record<string, string> {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  drawIn(document);
  const plots: [title: string, drawing: Element | null][] = [
    ...report.devices.map(({ name }): [string, Element | null] => [
      `Roofline of ${name}`,
      roofline(report, name, WIDTH),
    ]),
    ...families(report.results).map(([name, results]): [string, Element | null] => [
      `Time against size: ${name}`,
      sizeCurves(results, "run", WIDTH),
    ]),
  ];
  const files: Record<string, string> = {};
  for (const [title, drawing] of plots) {
    for (const scheme of drawing ? schemes : []) {
      const svg = picture(drawing as Element, title, styleLook(css, scheme), (element) => element.outerHTML);
      files[`${fileName(title)}-${scheme}.svg`] = svg;
    }
  }
  return files;
}

/** The plots without a page, built into `dist/web/svg.js`: of a sentence, what `backflow study --svg` writes, and of a benchmark. */
import { parseHTML } from "linkedom";
import type { MeasuredSentence } from "../../src/index.js";
import css from "../page/style.css?raw";
import { type AlignmentQuantity, alignmentHeatmap, alignmentQuantities } from "../plots/alignment.js";
import { decayPlot, entryHeatmap, meanDistance } from "../plots/distance.js";
import { type InfluenceMatrix, influenceMatrices, influenceMatrix } from "../plots/influence-matrix.js";
import { styleLook } from "../plots/look.js";
import { gateShares, pathNorms, pathShares } from "../plots/paths.js";
import { picture } from "../plots/picture.js";
import { drawIn } from "../plots/plot.js";

export { drawReport } from "./report.js";

/** As wide as the plots are in a page of 1280 pixels. */
const WIDTH = 1040;

/** Names of files for what the heatmaps show. */
const heatmaps: Readonly<Record<AlignmentQuantity, string>> = {
  alpha: "alignment-alpha",
  alphaBar: "alignment-alpha-gradient",
  eBar: "alignment-score-gradient",
  product: "alignment-alpha-times-gradient",
};
const influences: Readonly<Record<InfluenceMatrix, string>> = {
  influence: "influence-on-logits",
  stateInfluence: "influence-on-losses",
};

/**
 * Every plot of a sentence's study, in the page's light colours.
 * @returns SVG texts by file name
 */
export function drawSentence({ study, gates, distances }: MeasuredSentence): Record<string, string> {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  drawIn(document);
  const { source } = study;
  const files: Record<string, string> = {};
  const add = (name: string, title: string, drawing: Element | null): void => {
    if (drawing)
      files[`${name}.svg`] = picture(drawing, title, styleLook(css, "light"), (element) => element.outerHTML);
  };
  for (const [key, name] of Object.entries(heatmaps)) {
    const quantity = key as AlignmentQuantity;
    const title = `Alignment: ${alignmentQuantities[quantity].name.replace(/ \(.*\)$/, "")}`;
    add(name, title, alignmentHeatmap(study, quantity, WIDTH));
  }
  add("path-shares", "Where each source word's gradient comes from: shares", pathShares(study, WIDTH));
  add("path-norms", "Where each source word's gradient comes from: norms", pathNorms(study, WIDTH));
  add("path-gates", "The recurrence term by gate", gates && gateShares(source, gates, WIDTH));
  add("entry-points", "Where the gradient entered the encoder", entryHeatmap(source, distances.entryPoints, WIDTH));
  add("mean-distance", "How far the gradient has come", meanDistance(source, distances.entryPoints, WIDTH));
  add("decay", "The gradient's length against the way without attention", decayPlot(distances.curves, 640));
  for (const [key, name] of Object.entries(influences)) {
    const matrix = key as InfluenceMatrix;
    add(name, influenceMatrices[matrix].title, influenceMatrix(study, matrix, WIDTH));
  }
  return files;
}

import * as Plot from "@observablehq/plot";
import { colorLegend } from "./legend.js";
import { symbolMark } from "./symbol-mark.js";
import { plotStyle } from "./theme.js";

/** The document that drawings are made in: the page's own, unless another one was given. */
let host: Document | undefined;

/** Draws into a document of the caller's from now on: where there is no page, as in Node. */
export function drawIn(document: Document): void {
  host = document;
}

/**
 * Observable Plot in this project's style. The legend of the colours is ours: it is SVG, as the plot is, so that both go
 * into one file together, and it is drawn without a canvas, which Node has not.
 * @param options.note one more line of the legend, on what no colour says
 * @param options.below the title of the horizontal axis, under its middle
 */
export function plot({
  color,
  note,
  below,
  ...options
}: Plot.PlotOptions & { note?: string; below?: string }): Element {
  const drawing = Plot.plot({
    // Room for the label of the vertical axis above its highest number.
    marginTop: 32,
    ...options,
    ...(below && {
      marginBottom: 42,
      x: { ...options.x, label: below, labelAnchor: "center", labelArrow: "none", labelOffset: 38 },
    }),
    color: color && { ...color, legend: false },
    style: plotStyle,
    className: "plot",
    document: host,
  });
  // Plot's own rules are in the page's style sheet: one sheet more for every drawing has the page styled anew each time.
  for (const style of drawing.querySelectorAll("style")) style.remove();
  const scale = color?.legend ? drawing.scale("color") : undefined;
  if (!color || !scale) return drawing;
  const figure = drawing.ownerDocument.createElement("figure");
  const symbols = drawing.scale("symbol");
  const mark = symbols && ((name: string): string => symbolMark(symbols.apply(name)));
  const legend = { scale, label: color.label ?? null, note, mark };
  figure.append(colorLegend(drawing.ownerDocument, legend, options.width ?? 640), drawing);
  return figure;
}

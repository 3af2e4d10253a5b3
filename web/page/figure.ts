import { saveCsv, saveSvg, type Table } from "./download.js";

export const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element "${id}"`);
  return element;
};

export interface FigureOptions {
  /** Makes the drawing for a width in CSS pixels; null where there is nothing to draw. */
  readonly draw: (width: number) => Element | null;
  /** The text that stands there then. */
  readonly otherwise?: string;
  /** The numbers behind it, for a download as CSV; where the drawing is a plot, one as SVG comes with it. */
  readonly table?: () => Table;
}

/** Draws into an element now, whenever its width changes, and whenever the returned function is called. */
export function figure(id: string, { draw, otherwise = "", table }: FigureOptions): () => void {
  const host = byId(id);
  let width = 0;
  const redraw = (): void => {
    const drawing = width > 0 ? draw(width) : null;
    host.replaceChildren(drawing ?? otherwise);
    if (drawing && table) host.append(downloads(id, drawing, table));
  };
  new ResizeObserver(() => {
    if (host.clientWidth === width) return;
    width = host.clientWidth;
    redraw();
  }).observe(host);
  return redraw;
}

function downloads(name: string, drawing: Element, table: () => Table): Element {
  const bar = document.createElement("div");
  bar.className = "downloads";
  const add = (format: string, save: () => void): void => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = format;
    button.title = `Download "${name}" as ${format}`;
    button.addEventListener("click", save);
    bar.append(button);
  };
  const plot = plotOf(drawing);
  if (plot) add("SVG", () => saveSvg(name, plot));
  add("CSV", () => saveCsv(name, table()));
  return bar;
}

/** The plot itself: beside it there may be the small pictures of its legend. */
function plotOf(drawing: Element): SVGSVGElement | null {
  const pictures = [...drawing.querySelectorAll("svg"), ...(drawing instanceof SVGSVGElement ? [drawing] : [])];
  const size = (picture: SVGSVGElement): number => picture.width.baseVal.value * picture.height.baseVal.value;
  return pictures.sort((a, b) => size(b) - size(a))[0] ?? null;
}

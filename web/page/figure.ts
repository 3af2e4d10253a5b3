import { picturesOf } from "../plots/picture.js";
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

/**
 * Draws into an element whenever its width changes, and whenever the returned function is called: at once, or, where
 * something else was drawn in the same task, in one of the next.
 */
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
    drawInTurn(host, redraw);
  }).observe(host);
  inView.observe(host);
  return () => drawInTurn(host, redraw);
}

const waiting = new Map<Element, () => void>();
const visible = new Set<Element>();
/** Whether a drawing waits for its frame, and the idle moment that is waited for. */
let busy = false;
let idle = 0;

/** Half a window above and below counts as in view. */
const NEAR = { rootMargin: "50% 0px" };

const inView = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) visible.add(target);
    else visible.delete(target);
  }
}, NEAR);

/** So long, in milliseconds, what is out of view waits for an idle moment. */
const PATIENCE = 200;

/** One drawing a frame, so that the page never stands still for long; those in view come first, the others when it is idle. */
function drawInTurn(host: Element, redraw: () => void): void {
  waiting.set(host, redraw);
  if (busy) return;
  if (visible.has(host)) drawNext();
  else if (idle === 0) drawSoon();
}

const nextInView = (): Element | undefined => [...waiting.keys()].find((host) => visible.has(host));

function drawSoon(): void {
  busy = false;
  if (waiting.size === 0) return;
  // Safari has no idle moments to ask for.
  if (nextInView() || !("requestIdleCallback" in window)) drawNext();
  else idle = requestIdleCallback(drawNext, { timeout: PATIENCE });
}

function drawNext(): void {
  if (idle !== 0) cancelIdleCallback(idle);
  [busy, idle] = [true, 0];
  const host = nextInView() ?? waiting.keys().next().value;
  const redraw = host && waiting.get(host);
  if (host) waiting.delete(host);
  try {
    redraw?.();
  } finally {
    // What cannot be drawn holds up no other figure.
    afterFrame(drawSoon);
  }
}

/** Goes on once the browser has laid out and painted what was drawn; a page in the background paints nothing. */
function afterFrame(go: () => void): void {
  if (document.hidden) setTimeout(go);
  else requestAnimationFrame(() => setTimeout(go));
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
  if (picturesOf(drawing).length > 0) add("SVG", () => saveSvg(name, titleOf(byId(name)), drawing));
  add("CSV", () => saveCsv(name, table()));
  return bar;
}

/** What stands above an element: the last heading before it. */
function titleOf(element: Element): string {
  const headings = [...(element.closest("section") ?? document).querySelectorAll("h2, h3, h4")];
  const above = headings.filter(
    (heading) => element.compareDocumentPosition(heading) & Node.DOCUMENT_POSITION_PRECEDING,
  );
  return above.at(-1)?.textContent ?? "";
}

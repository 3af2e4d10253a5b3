import type { Scale } from "@observablehq/plot";
import { FONT, textWidth } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const LINE = 20;
const SWATCH = 12;
/** Between a swatch and its word, and from one entry to the next. */
const GAP = 6;
const BETWEEN = 18;
/** A narrow plot's legend may be wider than the plot. */
const LEAST_WIDTH = 310;
const RAMP = { width: 240, height: 10, stops: 24 };

let ramps = 0;

export interface Legend {
  readonly scale: Scale;
  /** Over a ramp of colours: what they stand for, with its unit. */
  readonly label: string | null;
  /** A line below. */
  readonly note?: string;
  /** What swatches are drawn as, where it is not a square: the outline, around the origin, of a name's mark. */
  readonly mark?: (name: string) => string;
}

/** The colours of a scale: swatches with their names, or a ramp with its label and numbers; as wide as the plot at most. */
export function colorLegend(
  document: Document,
  { scale, label, note, mark }: Legend,
  plotWidth: number,
): SVGSVGElement {
  const width = Math.max(LEAST_WIDTH, plotWidth);
  const pen = new Pen(document, width);
  if (scale.type === "ordinal" || scale.type === "categorical") pen.swatches(scale, mark);
  else {
    if (label !== null) pen.words(label);
    pen.ramp(scale);
  }
  if (note) pen.words(note);
  return pen.finish();
}

/** Writes from the top to the bottom. */
class Pen {
  private readonly svg: SVGSVGElement;
  private bottom = 0;
  private right = 0;

  constructor(
    private readonly document: Document,
    private readonly width: number,
  ) {
    this.svg = this.element("svg", {
      class: "legend",
      fill: "currentColor",
      "font-size": FONT,
      "aria-label": "legend",
    });
  }

  swatches(scale: Scale, mark: Legend["mark"]): void {
    let x = 0;
    for (const name of scale.domain ?? []) {
      const text = String(name);
      const wide = SWATCH + GAP + textWidth(text);
      if (x > 0 && x + wide > this.width) {
        x = 0;
        this.bottom += LINE;
      }
      const top = this.bottom + 3;
      const color = scale.apply(name);
      const half = SWATCH / 2;
      if (mark) {
        const outline = { fill: "none", stroke: color, "stroke-width": 2 };
        this.add("path", { d: mark(text), transform: `translate(${x + half},${top + half})`, ...outline });
      } else this.add("rect", { x, y: top, width: SWATCH, height: SWATCH, rx: 2, fill: color });
      this.text(text, x + SWATCH + GAP, this.bottom + 13);
      this.right = Math.max(this.right, x + wide);
      x += wide + BETWEEN;
    }
    this.bottom += LINE;
  }

  ramp(scale: Scale): void {
    const domain = [...(scale.domain ?? [])].map(Number);
    const [low, high] = [Math.min(...domain), Math.max(...domain)];
    const id = `ramp-${++ramps}`;
    const gradient = this.add("linearGradient", { id });
    for (let i = 0; i <= RAMP.stops; i++) {
      const share = i / RAMP.stops;
      this.add("stop", { offset: share, "stop-color": scale.apply(low + share * (high - low)) }, gradient);
    }
    const { width, height } = RAMP;
    const inset = 14;
    this.add("rect", { x: inset, y: this.bottom, width, height, fill: `url(#${id})`, stroke: "var(--line)" });
    for (const share of [0, 0.5, 1]) {
      const label = String(Number((low + share * (high - low)).toPrecision(2))).replace("-", "−");
      this.text(label, inset + share * width, this.bottom + height + 14, "middle");
    }
    this.right = Math.max(this.right, width + 2 * inset);
    this.bottom += height + LINE;
  }

  /** A text, on as many lines as it needs. */
  words(text: string): void {
    let line = "";
    const flush = (): void => {
      this.text(line, 0, this.bottom + 13);
      this.right = Math.max(this.right, textWidth(line));
      this.bottom += LINE;
    };
    for (const word of text.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && textWidth(longer) > this.width) {
        flush();
        line = word;
      } else line = longer;
    }
    flush();
  }

  finish(): SVGSVGElement {
    const [width, height] = [Math.ceil(this.right) + 2, this.bottom + 4];
    const size = { width, height, viewBox: `0 0 ${width} ${height}` };
    for (const [name, value] of Object.entries(size)) this.svg.setAttribute(name, String(value));
    return this.svg;
  }

  private text(content: string, x: number, y: number, anchor = "start"): void {
    this.add("text", { x, y, "text-anchor": anchor }).textContent = content;
  }

  private add(name: string, attributes: Readonly<Record<string, unknown>>, parent: Element = this.svg): Element {
    const element = this.element(name, attributes);
    parent.append(element);
    return element;
  }

  private element<Name extends string>(name: Name, attributes: Readonly<Record<string, unknown>>) {
    const element = this.document.createElementNS(SVG, name) as Name extends "svg" ? SVGSVGElement : SVGElement;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    return element;
  }
}

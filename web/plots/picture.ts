const MARGIN = 16;
const TITLE = { size: 15, line: 30 };

/** What a page hands down to its plots. */
export interface Look {
  readonly color: string;
  readonly background: string;
  readonly fontFamily: string;
  /** The value of a CSS variable, such as `--value`. */
  readonly variable: (name: string) => string;
}

/** The pictures of a drawing, from above: the legend, where there is one, and the plot. */
export const picturesOf = (drawing: Element): Element[] =>
  drawing.tagName.toLowerCase() === "svg"
    ? [drawing]
    : [...drawing.children].filter((child) => child.tagName.toLowerCase() === "svg");

/**
 * A drawing as an SVG file that needs nothing else: its title, its legend and the plot, one below the other, with all
 * colours written out.
 * @param serialize an element as XML
 */
export function picture(drawing: Element, title: string, look: Look, serialize: (element: Element) => string): string {
  const { ownerDocument: document } = drawing;
  const svg = "http://www.w3.org/2000/svg";
  let [width, height] = [0, MARGIN + TITLE.line];
  const groups = picturesOf(drawing).map((part) => {
    const size = (name: string): number => Number(part.getAttribute(name));
    const group = document.createElementNS(svg, "g");
    for (const { name, value } of part.attributes) {
      if (!["width", "height", "viewBox", "xmlns"].includes(name)) group.setAttribute(name, value);
    }
    group.setAttribute("transform", `translate(${MARGIN},${height})`);
    group.append(...[...part.childNodes].map((child) => child.cloneNode(true)));
    for (const tip of group.querySelectorAll('[aria-label="tip"]')) tip.remove();
    width = Math.max(width, size("width"));
    height += size("height");
    return serialize(group);
  });
  const heading = document.createElementNS(svg, "text");
  const place = { x: MARGIN, y: MARGIN + TITLE.size, "font-size": TITLE.size, "font-weight": "bold", fill: look.color };
  for (const [name, value] of Object.entries(place)) heading.setAttribute(name, String(value));
  heading.textContent = title;
  const [w, h] = [Math.max(width, title.length * TITLE.size * 0.56) + 2 * MARGIN, height + MARGIN];
  const font = look.fontFamily.replaceAll('"', "'");
  const text = [
    `<svg xmlns="${svg}" xmlns:xlink="http://www.w3.org/1999/xlink" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" color="${look.color}" font-family="${font}">`,
    `<rect width="${w}" height="${h}" fill="${look.background}"/>`,
    serialize(heading),
    ...groups,
    "</svg>\n",
  ].join("\n");
  return text.replace(/var\((--[\w-]+)\)/g, (_, name) => look.variable(name));
}

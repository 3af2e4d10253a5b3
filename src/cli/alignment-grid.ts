import stringWidth from "string-width";

export interface AlignmentGrid {
  /** Row labels. */
  readonly source: readonly string[];
  /** Column heads. */
  readonly target: readonly string[];
  /** α, `[target][source]`. */
  readonly weights: readonly (readonly number[])[];
  /** True links [source, target], marked where they are known. */
  readonly gold?: readonly (readonly [source: number, target: number])[];
}

const SHADES = [" ", "░", "▒", "▓", "█"];
const shade = (weight: number): string => SHADES[Math.min(SHADES.length - 1, Math.floor(weight * SHADES.length))];

/** Pads to a width in terminal columns: a Chinese character takes two. */
const padEnd = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - stringWidth(text)));

/** Attention weights as shaded cells: a source word a line, a target word a column; gold links in brackets. */
export function alignmentGrid({ source, target, weights, gold = [] }: AlignmentGrid): string {
  const labelWidth = Math.max(...source.map((word) => stringWidth(word)));
  const widths = target.map((word) => Math.max(2, stringWidth(word)));
  const links = new Set(gold.map(([j, t]) => `${j} ${t}`));
  const head = target.map((word, t) => ` ${padEnd(word, widths[t])} `).join("");
  const lines = source.map((word, j) => {
    const cells = target.map((_, t) => {
      const [open, close] = links.has(`${j} ${t}`) ? ["[", "]"] : [" ", " "];
      return `${open}${shade(weights[t][j]).repeat(widths[t])}${close}`;
    });
    return `${padEnd(word, labelWidth)} ${cells.join("")}`;
  });
  return [`${" ".repeat(labelWidth)} ${head}`, ...lines].map((line) => line.trimEnd()).join("\n");
}

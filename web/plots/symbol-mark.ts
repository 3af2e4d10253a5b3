/** A symbol as Observable Plot has it: it draws itself, at an area in square pixels. */
interface Symbol {
  draw(context: object, area: number): void;
}

const AREA = 64;

/** The outline of a symbol around the origin, as an SVG path. */
export function symbolMark(symbol: Symbol): string {
  const parts: string[] = [];
  const rounded = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(",");
  symbol.draw(
    {
      moveTo: (...to: number[]) => parts.push(`M${rounded(to)}`),
      lineTo: (...to: number[]) => parts.push(`L${rounded(to)}`),
      closePath: () => parts.push("Z"),
      rect: (x: number, y: number, w: number, h: number) => parts.push(`M${rounded([x, y])}h${w}v${h}h${-w}Z`),
      // Whole circles only, from the right.
      arc: (x: number, y: number, r: number) =>
        parts.push(
          `M${rounded([x + r, y])}A${r},${r},0,1,1,${rounded([x - r, y])}A${r},${r},0,1,1,${rounded([x + r, y])}Z`,
        ),
    },
    AREA,
  );
  return parts.join("");
}

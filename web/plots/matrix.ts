import * as Plot from "@observablehq/plot";
import { plot } from "./plot.js";
import { reachable } from "./reachable.js";
import { diverging, exact, sequential } from "./theme.js";
import { leaningHeight, leaningOverhang, shortened, wordsWidth } from "./words.js";

export interface WordMatrix {
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  readonly values: readonly (readonly number[])[];
  /** What the colour stands for, with its unit, and the symbol in tooltips. */
  readonly name: string;
  readonly symbol: string;
  /** `unit` is 0 to 1, `positive` from 0 to the largest, both on the sequential scale; `signed` on the diverging one. */
  readonly scale: "unit" | "positive" | "signed";
  /** Cells to ring, as "row column". */
  readonly marked?: ReadonlySet<string>;
  /** What stands in rows and columns. */
  readonly axes?: string;
  /** The words between a cell's column and row in its tooltip. */
  readonly relation?: string;
  /** Called with row and column when a cell is clicked. */
  readonly onClick?: (row: number, column: number) => void;
}

/** Leaning words that are closer run into each other. */
const LEAST_CELL = 18;
/** Between a row's word and its first cell, and at the left of it. */
const BESIDE = 22;

/** A heatmap of words against words. */
export function wordMatrix(matrix: WordMatrix, width: number): Element {
  const { columns, rows, values, name, symbol, scale, marked, relation = "→", onClick } = matrix;
  const { axes = "rows: target words, columns: source words" } = matrix;
  const marginLeft = wordsWidth(rows) + BESIDE;
  const marginTop = leaningHeight(columns);
  const marginRight = leaningOverhang(columns, LEAST_CELL) + 2;
  const room = Math.floor((width - marginLeft - marginRight) / columns.length);
  const cell = Math.min(50, Math.max(LEAST_CELL, room));
  const cells = values.flatMap((row, t) => row.map((value, j) => ({ t, j, value, marked: marked?.has(`${t} ${j}`) })));
  const limit = Math.max(...cells.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const rings = cells.filter((d) => d.marked);
  const ring = { x: "j", y: "t", r: cell / 4, pointerEvents: "none" } as const;
  const title = ({ t, j, value, marked }: (typeof cells)[number]): string =>
    `${columns[j]} ${relation} ${rows[t]}${marked ? "  (gold link)" : ""}\n${symbol} = ${exact(value)}`;
  const drawing = plot({
    width: marginLeft + cell * columns.length + marginRight,
    height: marginTop + Math.min(cell, 36) * rows.length + 8,
    marginLeft,
    marginTop,
    marginRight,
    marginBottom: 8,
    x: {
      type: "band",
      domain: columns.map((_, j) => j),
      axis: "top",
      label: null,
      tickFormat: (j) => shortened(columns[j]),
      tickRotate: -45,
      tickSize: 0,
      padding: 0.04,
    },
    y: {
      type: "band",
      domain: rows.map((_, t) => t),
      label: null,
      tickFormat: (t) => shortened(rows[t]),
      tickSize: 0,
      padding: 0.04,
    },
    color:
      scale === "signed"
        ? {
            type: "diverging",
            domain: [-limit, limit],
            pivot: 0,
            range: diverging,
            label: name,
            legend: true,
            tickFormat: ".2~g",
          }
        : {
            type: "linear",
            domain: [0, scale === "unit" ? 1 : limit],
            range: sequential,
            label: name,
            legend: true,
            tickFormat: ".2~g",
          },
    note: rings.length > 0 ? `${axes}, ○: a gold link` : axes,
    marks: [
      Plot.cell(cells, {
        x: "j",
        y: "t",
        fill: "value",
        stroke: "var(--line)",
        strokeWidth: 0.5,
        title,
        tip: true,
      }),
      Plot.dot(rings, { ...ring, stroke: "#fff", strokeWidth: 4 }),
      Plot.dot(rings, { ...ring, stroke: "#111", strokeWidth: 1.8 }),
    ],
  });
  reachable(drawing, columns.length, {
    label: (index) => title(cells[index]).replace("\n", ": "),
    open: onClick && ((index) => onClick(cells[index].t, cells[index].j)),
  });
  return drawing;
}

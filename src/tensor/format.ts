import type { DType, NumberArray } from "../kernels/storage.js";
import { rowMajor, type Shape, showShape, sizeOf } from "./shape.js";

/** Above this many elements only the edges are printed, as NumPy does. */
const summarizeAbove = 1000;
const edgeItems = 3;
const precision = 4;
const lineWidth = 75;
const opening = "tensor(";

/** Which indices of an axis are printed; −1 stands for the dots. */
function shownIndices(length: number, summarize: boolean): number[] {
  if (!summarize || length <= 2 * edgeItems) return Array.from({ length }, (_, i) => i);
  const head = Array.from({ length: edgeItems }, (_, i) => i);
  return [...head, -1, ...head.map((i) => length - edgeItems + i)];
}

/** The digits behind the point that a number needs, at most {@link precision}. */
const fractionOf = (written: string): number => (written.split(".")[1] ?? "").replace(/0+$/, "").length;

/** "1.5e+00": at least two digits in the exponent, as C writes it. */
function scientificOf(x: number, decimals: number): string {
  const [mantissa, exponent] = x.toExponential(decimals).split("e") as [string, string];
  const point = decimals === 0 ? "." : "";
  return `${mantissa}${point}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** "1.5 ": trailing zeros give way to spaces, so that the points stand below each other. */
function fixedOf(x: number, decimals: number): string {
  const written = x.toFixed(precision);
  const sign = Object.is(x, -0) ? "-" : "";
  const [whole, fraction] = written.split(".") as [string, string];
  return `${sign}${whole}.${fraction.replace(/0+$/, "").padEnd(decimals)}`;
}

/** Chooses one way to write all numbers shown: fixed with at most four decimals, or scientific; NumPy's rule. */
function numberFormat(values: readonly number[], dtype: DType): (x: number) => string {
  if (dtype === "bool") return (x) => (x ? "true" : "false");
  if (dtype === "int32") return (x) => String(x);
  const special = (x: number): string => (Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf");
  const finite = values.filter((x) => Number.isFinite(x));
  const magnitudes = finite.map(Math.abs).filter((x) => x > 0);
  const largest = Math.max(0, ...magnitudes);
  const smallest = Math.min(Number.POSITIVE_INFINITY, ...magnitudes);
  const scientific = magnitudes.length > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000);
  const fractions = finite.map((x) =>
    fractionOf(scientific ? (x.toExponential(precision).split("e")[0] as string) : x.toFixed(precision)),
  );
  const decimals = Math.max(0, ...fractions);
  const write = scientific ? scientificOf : fixedOf;
  return (x) => (Number.isFinite(x) ? write(x, decimals) : special(x));
}

/** Joins words into lines no longer than `width`; every further line begins with `indent`. */
function wrap(words: readonly string[], indent: string, width: number): string {
  const lines: string[] = [];
  let line = indent;
  words.forEach((word, i) => {
    if (line.length + word.length > width && line.length > indent.length) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += i < words.length - 1 ? `${word}, ` : word;
  });
  return [...lines, line].join("\n").slice(indent.length);
}

/**
 * Writes numbers as NumPy does: aligned, nested in brackets, edges only when there are many.
 * @param data the elements, or null where they cannot be had now (a GPU tensor)
 * @param facts what stands behind the numbers: dtype, device, name
 */
export function formatTensor(data: NumberArray | null, shape: Shape, dtype: DType, facts: readonly string[]): string {
  const tail = [`shape=${showShape(shape)}`, ...facts].join(", ");
  if (!data) return `tensor(…, ${tail})`;
  if (sizeOf(shape) === 0) return `tensor([], ${tail})`;
  const summarize = sizeOf(shape) > summarizeAbove;
  const strides = rowMajor(shape);
  const shown: number[] = [];
  const collect = (axis: number, at: number): void => {
    if (axis === shape.length) shown.push(data[at] as number);
    else
      for (const i of shownIndices(shape[axis] as number, summarize)) {
        if (i >= 0) collect(axis + 1, at + i * (strides[axis] as number));
      }
  };
  collect(0, 0);
  const write = numberFormat(shown, dtype);
  const width = Math.max(...shown.map((x) => write(x).length));
  const level = (axis: number, at: number, indent: string): string => {
    if (axis === shape.length) return write(data[at] as number).padStart(width);
    const items = shownIndices(shape[axis] as number, summarize).map((i) =>
      i < 0 ? "..." : level(axis + 1, at + i * (strides[axis] as number), `${indent} `),
    );
    const axesBelow = shape.length - 1 - axis;
    // One column is left for the comma or bracket behind a number, one for each bracket around.
    if (axesBelow === 0) return `[${wrap(items, indent, lineWidth - shape.length)}]`;
    return `[${items.join(`,${"\n".repeat(axesBelow)}${indent}`)}]`;
  };
  return `${opening}${level(0, 0, " ".repeat(opening.length + 1))}, ${tail})`;
}

import type { DType, NumberArray } from "../kernels/storage.js";
import { type Shape, showShape, sizeOf, stridesOf } from "./shape.js";

/** Above this many elements only the edges are printed, as NumPy does. */
const summarizeAbove = 1000;
const edgeItems = 3;
const precision = 4;

/** Which indices of an axis are printed; −1 stands for the dots. */
function shownIndices(length: number, summarize: boolean): number[] {
  if (!summarize || length <= 2 * edgeItems) return Array.from({ length }, (_, i) => i);
  const head = Array.from({ length: edgeItems }, (_, i) => i);
  return [...head, -1, ...head.map((i) => length - edgeItems + i)];
}

/** Chooses one way to write all numbers shown: whole, fixed with at most four decimals, or scientific. */
function numberFormat(values: readonly number[], dtype: DType): (x: number) => string {
  if (dtype === "bool") return (x) => (x ? "true" : "false");
  if (dtype === "int32") return (x) => String(x);
  const special = (x: number): string => (Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf");
  const finite = values.filter((x) => Number.isFinite(x));
  const magnitudes = finite.map(Math.abs).filter((x) => x > 0);
  const largest = Math.max(0, ...magnitudes);
  const smallest = Math.min(Number.POSITIVE_INFINITY, ...magnitudes);
  const scientific = magnitudes.length > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1e5);
  if (scientific) return (x) => (Number.isFinite(x) ? x.toExponential(precision) : special(x));
  const decimals = Math.max(
    0,
    ...finite.map((x) => Number(x.toFixed(precision)).toString().split(".")[1]?.length ?? 0),
  );
  const fixed = (x: number): string => (decimals === 0 ? `${x.toFixed(0)}.` : x.toFixed(decimals));
  return (x) => (Number.isFinite(x) ? fixed(x) : special(x));
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
  const strides = stridesOf(shape);
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
  const level = (axis: number, at: number, indent: number): string => {
    if (axis === shape.length) return write(data[at] as number).padStart(width);
    const last = axis === shape.length - 1;
    const separator = last ? ", " : `,${"\n".repeat(shape.length - 1 - axis)}${" ".repeat(indent + 1)}`;
    const items = shownIndices(shape[axis] as number, summarize).map((i) =>
      i < 0 ? "..." : level(axis + 1, at + i * (strides[axis] as number), indent + 1),
    );
    return `[${items.join(separator)}]`;
  };
  return `tensor(${level(0, 0, "tensor(".length)}, ${tail})`;
}

import type { AxisLayout, Reduction } from "../backend.js";
import { type DType, hostView, type NumberArray, type Operand, type Storage } from "../storage.js";
import { allocate, store } from "./storage.js";

/** y[o, i] = f over j of x[o, j, i] */
export function reduce(f: Reduction, x: Operand, layout: AxisLayout): Storage {
  const from = hostView(x);
  const dtype = resultType(f, x.storage.dtype);
  const y = allocate(dtype, layout.outer * layout.inner);
  if (f === "sum") sum(from, y, layout);
  else if (f === "sumOfSquares") sumOfSquares(from, y, layout);
  else if (f === "max" || f === "min") extreme(from, y, layout, f === "max");
  else extremeIndex(from, y, layout, f === "argmax");
  return store(dtype, y);
}

function resultType(f: Reduction, dtype: DType): DType {
  if (f === "argmax" || f === "argmin") return "int32";
  if (dtype === "bool" && (f === "sum" || f === "sumOfSquares")) return "int32";
  return dtype;
}

/** y[o, i] = Σⱼ x[o, j, i], in the order of j */
function sum(x: NumberArray, y: NumberArray, { outer, length, inner }: AxisLayout): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let total = 0;
      for (let j = 0, at = o * length * inner + i; j < length; j++, at += inner) total += x[at];
      y[o * inner + i] = total;
    }
  }
}

/** y[o, i] = Σⱼ x[o, j, i]² */
function sumOfSquares(x: NumberArray, y: NumberArray, { outer, length, inner }: AxisLayout): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let total = 0;
      for (let j = 0, at = o * length * inner + i; j < length; j++, at += inner) total += x[at] * x[at];
      y[o * inner + i] = total;
    }
  }
}

/** y[o, i] = maxⱼ or minⱼ x[o, j, i]; NaN if there is one */
function extreme(x: NumberArray, y: NumberArray, { outer, length, inner }: AxisLayout, largest: boolean): void {
  const better = largest ? Math.max : Math.min;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let best = largest ? -Infinity : Infinity;
      for (let j = 0, at = o * length * inner + i; j < length; j++, at += inner) best = better(best, x[at]);
      y[o * inner + i] = best;
    }
  }
}

/** y[o, i] = the first j where x[o, j, i] is largest or smallest; the first NaN if there is one */
function extremeIndex(x: NumberArray, y: NumberArray, { outer, length, inner }: AxisLayout, largest: boolean): void {
  const sign = largest ? 1 : -1;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * length * inner + i;
      let best = 0;
      let bestValue = sign * x[start];
      for (let j = 1, at = start + inner; j < length && !Number.isNaN(bestValue); j++, at += inner) {
        const value = sign * x[at];
        if (value > bestValue || Number.isNaN(value)) {
          best = j;
          bestValue = value;
        }
      }
      y[o * inner + i] = best;
    }
  }
}

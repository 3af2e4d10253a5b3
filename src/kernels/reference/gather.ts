import type { AxisLayout } from "../backend.js";
import { hostView, type NumberArray, type Operand, type Storage } from "../storage.js";
import { allocate, store } from "./storage.js";

/** y[o, i, k] = x[o, indices[i], k] */
export function gather(x: Operand, indices: Operand, { outer, length, inner }: AxisLayout): Storage {
  const from = hostView(x);
  const index = hostView(indices);
  const y = allocate(x.storage.dtype, outer * index.length * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < index.length; i++) {
      const toY = (o * index.length + i) * inner;
      const fromX = (o * length + index[i]) * inner;
      for (let k = 0; k < inner; k++) y[toY + k] = from[fromX + k];
    }
  }
  return store(x.storage.dtype, y);
}

/** y = 0, then y[o, indices[i], k] += x[o, i, k] in the order of i */
export function scatterAdd(x: Operand, indices: Operand, layout: AxisLayout): Storage {
  const y = allocate(x.storage.dtype, layout.outer * layout.length * layout.inner);
  addRows(x, indices, layout, y);
  return store(x.storage.dtype, y);
}

/** into[o, indices[i], k] += x[o, i, k] in the order of i */
export function scatterAddInto(x: Operand, indices: Operand, layout: AxisLayout, into: Operand): void {
  addRows(x, indices, layout, hostView(into));
  into.storage.version++;
}

function addRows(x: Operand, indices: Operand, { outer, length, inner }: AxisLayout, y: NumberArray): void {
  const from = hostView(x);
  const index = hostView(indices);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < index.length; i++) {
      const toY = (o * length + index[i]) * inner;
      const fromX = (o * index.length + i) * inner;
      for (let k = 0; k < inner; k++) y[toY + k] += from[fromX + k];
    }
  }
}

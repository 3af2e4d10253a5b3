import { quotient, remainder, whole } from "./indexing.js";
import { type KernelThis, kernel } from "./kernel.js";

/** Arrays that {@link joined} takes. */
export const joinedAtOnce = 4;

/** y[row, at] of four arrays side by side, where array a has rowA elements in every row: which one `at` falls into decides. */
export const joined = kernel(
  "concat",
  function concat(
    this: KernelThis,
    a: number[],
    aOffset: number,
    b: number[],
    bOffset: number,
    c: number[],
    cOffset: number,
    d: number[],
    dOffset: number,
    rowA: number,
    rowB: number,
    rowC: number,
    rowD: number,
  ): number {
    // `at` is not a variable of its own: it may be larger than a float can count.
    const row = this.quotient(this.thread.x, rowA + rowB + rowC + rowD);
    if (this.remainder(this.thread.x, rowA + rowB + rowC + rowD) < rowA) {
      return a[aOffset + this.whole(row) * rowA + this.remainder(this.thread.x, rowA + rowB + rowC + rowD)];
    }
    if (this.remainder(this.thread.x, rowA + rowB + rowC + rowD) < rowA + rowB) {
      return b[bOffset + this.whole(row) * rowB + this.remainder(this.thread.x, rowA + rowB + rowC + rowD) - rowA];
    }
    if (this.remainder(this.thread.x, rowA + rowB + rowC + rowD) < rowA + rowB + rowC) {
      return c[
        cOffset + this.whole(row) * rowC + this.remainder(this.thread.x, rowA + rowB + rowC + rowD) - rowA - rowB
      ];
    }
    return d[
      dOffset + this.whole(row) * rowD + this.remainder(this.thread.x, rowA + rowB + rowC + rowD) - rowA - rowB - rowC
    ];
  },
  ["operand", "operand", "operand", "operand", "integer", "integer", "integer", "integer"],
  [quotient, remainder, whole],
);

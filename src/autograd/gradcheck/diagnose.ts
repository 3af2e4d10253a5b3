import { type Shape, unravel } from "../../tensor/shape.js";
import type { AnalyticJacobian, OutputSpan, TargetJacobian } from "./analytic.js";
import type { NumericJacobian } from "./compare.js";

/** Two Jacobians of one target side by side: rows run over outputs, columns over the target's elements. */
interface Pair {
  readonly analytic: Float64Array;
  readonly numeric: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** What counts as equal: a millionth of the largest slope. */
  readonly slack: number;
}

/**
 * Guesses the mistake behind a wrong Jacobian from how it differs from the right one. Null where no known mistake fits.
 */
export function diagnose(
  { rows, outputs }: AnalyticJacobian,
  { values, target, uses }: TargetJacobian,
  { columns }: NumericJacobian,
): string | null {
  const n = target.values.length;
  const numeric = new Float64Array(rows * n);
  for (const [i, { central }] of columns.entries()) {
    for (let row = 0; row < rows; row++) numeric[row * n + i] = central[row] as number;
  }
  const largest = numeric.reduce((most, d) => Math.max(most, Math.abs(d)), 0);
  const pair = { analytic: values, numeric, rows, columns: n, slack: 1e-6 + 1e-6 * largest };
  return (
    factor(pair, target.tensor.shape, outputs, uses) ??
    transposed(pair, target.tensor.shape) ??
    oneSliceOnly(pair, outputs) ??
    shifted(pair) ??
    edge(pair, target.tensor.shape) ??
    (uses > 1 ? `the input is used ${uses} times: is the gradient of one use assigned, not added, or forgotten?` : null)
  );
}

/** True if two positions hold the same for every element. */
function all({ rows, columns }: Pair, holds: (row: number, column: number) => boolean): boolean {
  for (let row = 0; row < rows; row++) for (let i = 0; i < columns; i++) if (!holds(row, i)) return false;
  return true;
}

const close = ({ slack }: Pair, a: number, b: number): boolean => Math.abs(a - b) <= slack;

/** analytic = c · numeric */
function factor(pair: Pair, shape: Shape, outputs: readonly OutputSpan[], uses: number): string | null {
  const { analytic, numeric, columns } = pair;
  let [product, squares] = [0, 0];
  for (let i = 0; i < numeric.length; i++) {
    product += (analytic[i] as number) * (numeric[i] as number);
    squares += (numeric[i] as number) ** 2;
  }
  const c = product / squares;
  if (!Number.isFinite(c)) return null;
  const fits = all(pair, (row, i) => close(pair, analytic[row * columns + i], c * numeric[row * columns + i]));
  if (!fits) return null;
  const about = (value: number): boolean => Math.abs(c - value) < 1e-5 * Math.abs(value) + 1e-7;
  if (about(0)) return "the gradient is zero everywhere: a rule that returns nothing for this input, or a dropped term";
  if (about(-1)) return "the sign";
  if (about(2)) return "a factor 2: a term counted twice";
  if (about(0.5)) {
    return uses > 1
      ? "half: the input is used twice and only one use is counted (assigned, not added?)"
      : "a factor ½: one of two equal terms is missing";
  }
  const sizes = [...shape, ...outputs.flatMap((output) => [...output.shape, output.size])].filter((n) => n > 1);
  const count = sizes.find((n) => about(n) || about(1 / n));
  if (count) return `a factor ${about(count) ? count : `1/${count}`}, the size of an axis: a mean and a sum mixed up`;
  return `a constant factor ${Number(c.toPrecision(5))}`;
}

/** The gradient of a matrix laid out the other way round. */
function transposed(pair: Pair, shape: Shape): string | null {
  const [m, n] = shape.slice(-2);
  if (shape.length < 2 || m === undefined || n === undefined || m < 2 || n < 2) return null;
  const { analytic, numeric, columns } = pair;
  const flip = (i: number): number => {
    const matrix = Math.floor(i / (m * n)) * m * n;
    const [row, column] = [Math.floor((i - matrix) / n), i % n];
    return matrix + column * m + row;
  };
  const fits = all(pair, (row, i) => close(pair, analytic[row * columns + i], numeric[row * columns + flip(i)]));
  return fits ? "the gradient is transposed" : null;
}

/** Right for the outputs at one index of an axis, zero for all others: not summed over a broadcast axis. */
function oneSliceOnly(pair: Pair, outputs: readonly OutputSpan[]): string | null {
  const { analytic, numeric, columns } = pair;
  for (const { shape, start, size, name } of outputs) {
    for (const [axis, n] of shape.entries()) {
      if (n < 2) continue;
      for (const kept of [0, n - 1]) {
        const fits = all({ ...pair, rows: size }, (row, i) => {
          const at = (start + row) * columns + i;
          return close(pair, analytic[at], unravel(row, shape)[axis] === kept ? numeric[at] : 0);
        });
        if (fits) {
          return `only index ${kept} of ${name}'s axis ${axis} counts: the gradient is not summed over a broadcast axis`;
        }
      }
    }
  }
  return null;
}

/** Every element has its neighbour's gradient. */
function shifted(pair: Pair): string | null {
  const { analytic, numeric, columns } = pair;
  if (columns < 3) return null;
  for (const by of [1, -1]) {
    const fits = all(pair, (row, i) => {
      const from = i + by;
      return from < 0 || from >= columns || close(pair, analytic[row * columns + i], numeric[row * columns + from]);
    });
    if (fits) return "shifted by one: every element has its neighbour's gradient";
  }
  return null;
}

/** Wrong only at the first or last index of one axis. */
function edge(pair: Pair, shape: Shape): string | null {
  const { analytic, numeric, columns } = pair;
  for (const [axis, n] of shape.entries()) {
    if (n < 3) continue;
    for (const [place, index] of [
      ["first", 0],
      ["last", n - 1],
    ] as const) {
      const fits = all(pair, (row, i) => {
        const at = row * columns + i;
        return unravel(i, shape)[axis] === index || close(pair, analytic[at], numeric[at]);
      });
      if (fits) return `wrong only at the ${place} index of axis ${axis}: off by one at the edge`;
    }
  }
  return null;
}

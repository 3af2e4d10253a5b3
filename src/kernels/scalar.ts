/**
 * Every scalar function that the kernels know, one row each: its value and its derivatives.
 *
 * The rows are plain float64 JavaScript. The reference back end runs them as they stand; the other back ends write
 * the same functions in their own language and are tested against these.
 */

/** One row of {@link unary}: `gradient` is x̄ = ȳ f′, from the input x or from the value y = f(x), whichever is cheaper. */
export interface UnaryRow {
  readonly value: (x: number) => number;
  readonly gradient: (x: number, y: number, gy: number) => number;
}

/** One row of {@link binary}. */
export interface BinaryRow {
  readonly value: (x: number, y: number) => number;
}

/** ln(1 + eˣ) without overflow: max(x, 0) + ln(1 + e^−|x|). */
const softplusValue = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** 1 / (1 + e^−x) without overflow on either side. */
function sigmoidValue(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** Functions of one number. */
export const unary = {
  /** −x */
  neg: { value: (x) => -x, gradient: (_x, _y, gy) => -gy },
  /** eˣ; d = y */
  exp: { value: Math.exp, gradient: (_x, y, gy) => gy * y },
  /** ln x; d = 1/x */
  log: { value: Math.log, gradient: (x, _y, gy) => gy / x },
  /** √x; d = 1 / 2y */
  sqrt: { value: Math.sqrt, gradient: (_x, y, gy) => gy * (0.5 / y) },
  /** |x|; d = sign x, and 0 at 0 */
  abs: { value: Math.abs, gradient: (x, _y, gy) => gy * Math.sign(x) },
  /** tanh x; d = 1 − y² */
  tanh: { value: Math.tanh, gradient: (_x, y, gy) => gy * (1 - y * y) },
  /** σ(x) = 1/(1 + e^−x); d = y (1 − y) */
  sigmoid: { value: sigmoidValue, gradient: (_x, y, gy) => gy * (y * (1 - y)) },
  /** max(x, 0); d = 1 for x > 0, else 0: a choice, since ∞ · 0 would be NaN. NaN passes through, both ways. */
  relu: { value: (x) => Math.max(x, 0), gradient: (x, _y, gy) => (x <= 0 ? 0 : gy) },
  /** ln(1 + eˣ); d = σ(x) */
  softplus: { value: softplusValue, gradient: (x, _y, gy) => gy * sigmoidValue(x) },
} satisfies Record<string, UnaryRow>;

const truth = (condition: boolean): number => (condition ? 1 : 0);

/** Functions of two numbers. The comparisons give 1 or 0, stored as `bool`. */
export const binary = {
  add: { value: (x, y) => x + y },
  sub: { value: (x, y) => x - y },
  mul: { value: (x, y) => x * y },
  div: { value: (x, y) => x / y },
  /** x^y */
  pow: { value: (x, y) => x ** y },
  /** The larger; NaN if either is NaN. */
  maximum: { value: Math.max },
  /** The smaller; NaN if either is NaN. */
  minimum: { value: Math.min },
  equal: { value: (x, y) => truth(x === y) },
  notEqual: { value: (x, y) => truth(x !== y) },
  less: { value: (x, y) => truth(x < y) },
  lessEqual: { value: (x, y) => truth(x <= y) },
  greater: { value: (x, y) => truth(x > y) },
  greaterEqual: { value: (x, y) => truth(x >= y) },
} satisfies Record<string, BinaryRow>;

export type UnaryName = keyof typeof unary;
export type BinaryName = keyof typeof binary;

/** The binary functions whose result is `bool`. */
export const comparisons: ReadonlySet<BinaryName> = new Set([
  "equal",
  "notEqual",
  "less",
  "lessEqual",
  "greater",
  "greaterEqual",
]);

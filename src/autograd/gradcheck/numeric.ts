import type { Subject, Target } from "./subject.js";

/** What a finite difference says of one column of the Jacobian: the derivatives of all outputs by one input element. */
export interface Column {
  readonly central: Float64Array;
  /** (f(x) − f(x − h)) / h */
  readonly left: Float64Array;
  /** (f(x + h) − f(x)) / h */
  readonly right: Float64Array;
}

/**
 * Central differences with step `eps`, and the one-sided ones that come with them for free.
 * @param centre f(x)
 */
export function differences(
  subject: Subject,
  target: Target,
  element: number,
  eps: number,
  centre: Float64Array,
): Column {
  const x = target.values[element] as number;
  const up = subject.shifted(target, element, eps);
  const down = subject.shifted(target, element, -eps);
  const quotient = (a: Float64Array, b: Float64Array, step: number): Float64Array =>
    a.map((value, row) => (value - (b[row] as number)) / step);
  return {
    // The steps as they came out after rounding, not as they were asked for.
    central: quotient(up.value, down.value, up.at - down.at),
    left: quotient(centre, down.value, x - down.at),
    right: quotient(up.value, centre, up.at - x),
  };
}

/** Richardson extrapolation (1911): (4 D(h/2) − D(h)) / 3, whose error falls with h⁴ instead of h². */
export function extrapolated(
  subject: Subject,
  target: Target,
  element: number,
  eps: number,
  centre: Float64Array,
): Column {
  const coarse = differences(subject, target, element, eps, centre);
  const fine = differences(subject, target, element, eps / 2, centre);
  const central = fine.central.map((value, row) => (4 * value - (coarse.central[row] as number)) / 3);
  return { ...fine, central };
}

/** How the slopes on the two sides of a point differ, at a step h and at 16 h. */
export type Sides = "smooth" | "kink" | "jump";

/**
 * Tells a kink from a curve. On a smooth function the slopes on the two sides differ by h f″, in proportion to h; at a
 * kink by a constant; at a jump by something that grows like 1/h.
 * @param near right − left at h
 * @param far right − left at 16 h
 */
export function sides(near: number, far: number, noise: number): Sides {
  if (Math.abs(near) <= noise || Math.abs(far) > 6 * Math.abs(near)) return "smooth";
  return Math.abs(near) > 6 * Math.abs(far) ? "jump" : "kink";
}

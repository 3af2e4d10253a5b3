import { Random } from "../../tensor/random.js";
import { vectorJacobian, weights } from "./analytic.js";
import type { Tolerance } from "./compare.js";
import type { DirectionReport } from "./report.js";
import type { Subject, Target } from "./subject.js";

/** How many errors are planted into each input's gradient to see how many the directions find. */
const plantedPerTarget = 100;

/** A direction in which the derivative is not the slope. */
export interface WrongDirection {
  readonly target: Target;
  readonly analytic: number;
  readonly numeric: number;
  /** An element that is wrong, found by halving the direction. */
  readonly element: number;
  readonly createGraph: boolean;
}

export interface DirectionResult {
  readonly wrong: readonly WrongDirection[];
  readonly maxError: ReadonlyMap<Target, { absolute: number; relative: number; connected: boolean }>;
  readonly report: DirectionReport;
}

/** +1 or −1 for each element: no single wrong element can hide, and two that cancel are found with probability ½ each time. */
const signs = (length: number, random: Random): Float64Array =>
  Float64Array.from({ length }, () => (random.uniform() < 0.5 ? -1 : 1));

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
};

/** u · (f(x + eps t) − f(x − eps t)) / 2 eps */
function slopeAlong(subject: Subject, target: Target, t: Float64Array, u: Float64Array, eps: number): number {
  const moved = (by: number): Float64Array => {
    subject.place(
      target,
      target.values.map((x, i) => x + by * (t[i] as number)),
    );
    return subject.evaluate();
  };
  const [up, down] = [moved(eps), moved(-eps)];
  subject.place(target, target.values);
  return (
    dot(
      u,
      up.map((value, row) => value - (down[row] as number)),
    ) /
    (2 * eps)
  );
}

/** Halves a direction until one element is left whose derivative is wrong. */
function locate(
  subject: Subject,
  target: Target,
  gradient: ArrayLike<number>,
  direction: Float64Array,
  u: Float64Array,
  tolerance: Tolerance,
): number {
  let [from, to] = [0, direction.length];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    const half = direction.map((value, i) => (i >= from && i < middle ? value : 0));
    const numeric = slopeAlong(subject, target, half, u, tolerance.eps);
    const isWrong = Math.abs(dot(gradient, half) - numeric) > tolerance.atol + tolerance.rtol * Math.abs(numeric);
    if (isWrong) to = middle;
    else from = middle;
  }
  return from;
}

/** Errors as people make them: one element wrong, a block 0.05 % off, two elements swapped, one sign. */
function plant(gradient: ArrayLike<number>, random: Random): Float64Array {
  const n = gradient.length;
  const error = new Float64Array(n);
  const at = random.integer(n);
  const value = gradient[at] as number;
  const kind = random.integer(4);
  if (kind === 0) error[at] = 0.0005 * value;
  else if (kind === 1) error[at] = -2 * value;
  else if (kind === 2) {
    const other = random.integer(n);
    error[at] = (gradient[other] as number) - value;
    error[other] = value - (gradient[other] as number);
  } else {
    const length = 1 + random.integer(n - at);
    for (let i = at; i < at + length; i++) error[i] = 0.0005 * (gradient[i] as number);
  }
  return error;
}

/**
 * Checks uᵀ·J·t along random directions instead of every element: for inputs too large for the whole Jacobian. What it
 * may have missed is measured: errors are planted into the very gradient, and those that the directions found are counted.
 */
export function checkDirections(
  subject: Subject,
  rows: number,
  directions: number,
  tolerance: Tolerance,
): DirectionResult {
  const { eps, atol, rtol } = tolerance;
  const random = new Random(11);
  const wrong: WrongDirection[] = [];
  const maxError = new Map<Target, { absolute: number; relative: number; connected: boolean }>();
  const sets = (): Map<Target, Set<number>> => new Map(subject.targets.map((target) => [target, new Set()]));
  const [planted, caught] = [sets(), sets()];
  for (let k = 0; k < directions; k++) {
    const u = weights(rows, 20 + k);
    const gradients = [false, true].map((createGraph) => vectorJacobian(subject, u, createGraph));
    for (const [i, target] of subject.targets.entries()) {
      if (target.values.length === 0) continue;
      const t = signs(target.values.length, random);
      const numeric = slopeAlong(subject, target, t, u, eps);
      const allowed = atol + rtol * Math.abs(numeric);
      for (const [road, all] of gradients.entries()) {
        const gradient = all[i] ?? new Float64Array(target.values.length);
        const analytic = dot(gradient, t);
        const error = Math.abs(analytic - numeric);
        const before = maxError.get(target) ?? { absolute: 0, relative: 0, connected: false };
        maxError.set(target, {
          absolute: Math.max(before.absolute, error),
          relative: Math.max(before.relative, error / Math.max(Math.abs(numeric), atol / rtol)),
          connected: before.connected || all[i] !== null,
        });
        if (error <= allowed) continue;
        if (wrong.some((known) => known.target === target)) continue;
        const element = locate(subject, target, gradient, t, u, tolerance);
        wrong.push({ target, analytic, numeric, element, createGraph: road === 1 });
      }
      const found = caught.get(target) as Set<number>;
      const planting = new Random(31 + i);
      for (let p = 0; p < plantedPerTarget; p++) {
        const error = plant(gradients[0]?.[i] ?? new Float64Array(target.values.length), planting);
        const visible = error.some((e) => Math.abs(e) > 10 * atol);
        if (visible) planted.get(target)?.add(p);
        if (visible && Math.abs(dot(error, t)) > allowed) found.add(p);
      }
    }
  }
  const total = (counted: Map<Target, Set<number>>): number =>
    [...counted.values()].reduce((sum, { size }) => sum + size, 0);
  return { wrong, maxError, report: { used: directions, planted: total(planted), found: total(caught) } };
}

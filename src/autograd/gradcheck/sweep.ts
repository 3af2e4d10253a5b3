import { DataError } from "../../errors.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { vectorJacobian, weights } from "./analytic.js";
import { type CheckedFunction, type CheckedModule, type ParameterOwner, Subject } from "./subject.js";

/** One step size of a sweep. */
export interface SweepPoint {
  readonly eps: number;
  /** Distance of the gradient from the difference, relative to the gradient, over several random directions. */
  readonly error: number;
}

/** error ≈ factor · epsᵖᵒʷᵉʳ, fitted on one arm of the V. */
export interface Arm {
  readonly power: number;
  readonly factor: number;
}

export interface EpsSweep {
  readonly points: readonly SweepPoint[];
  /** Where the differences are most trustworthy: they change least from one step to the next. */
  readonly best: SweepPoint;
  /** How far the differences themselves are in doubt there, relative to the gradient. */
  readonly doubt: number;
  /** The right arm: truncation, power about 2. Null where it is too short to fit. */
  readonly truncation: Arm | null;
  /** The left arm: rounding, power about −1. */
  readonly rounding: Arm | null;
  /** `rounding`: what is left is the difference's own error, the formula is right. */
  readonly verdict: "rounding" | "wrong formula";
}

export interface SweepOptions {
  names?: readonly string[];
  /** Whose parameters are moved too, where a function wraps a module. */
  module?: ParameterOwner;
  /** Steps a decade. Default 2. */
  perDecade?: number;
  /** Random directions, over which the errors are averaged. Default 8. */
  directions?: number;
}

const decades = { from: -1, to: -12 };

/**
 * Error of the gradient against the step of the central difference, from 1e-1 down to 1e-12. A right formula gives a V: on
 * the right the difference's truncation, which falls with eps², on the left its rounding, which grows with 1/eps. A wrong
 * formula gives a floor that no step gets below. Works for float32 as well, where a tolerance cannot tell the two apart.
 */
export function epsSweep(
  subject: CheckedFunction | CheckedModule,
  inputs: readonly Tensor[],
  { perDecade = 2, directions = 8, ...options }: SweepOptions = {},
): EpsSweep {
  const checked = new Subject(subject, inputs, options);
  const epsilons = Array.from(
    { length: perDecade * (decades.from - decades.to) + 1 },
    (_, i) => 10 ** (decades.from - i / perDecade),
  );
  const probes = Array.from({ length: directions }, (_, k) => new Probe(checked, k));
  const size = norm(probes.map((probe) => probe.at(epsilons[0] as number).analytic));
  if (!(size > 0)) throw new DataError("epsSweep: the gradient is zero here: there is nothing to compare");
  const measured = epsilons.map((eps) => ({ eps, slopes: probes.map((probe) => probe.at(eps)) }));
  // Below its own resolution a float32 input does not move any more, or to the wrong place.
  const moving = measured.filter(({ slopes }) => slopes.every(({ moved }) => moved));
  const points = moving.map(({ eps, slopes }) => ({
    eps,
    error: norm(slopes.map(({ numeric, analytic }) => numeric - analytic)) / size,
  }));
  if (moving.length < 3)
    throw new DataError("epsSweep: the inputs are too large to move by 0.1 or less in their dtype");
  const doubts = moving.slice(1).map(({ slopes }, i) => {
    const coarser = (moving[i] as (typeof moving)[number]).slopes;
    // The exact steps differ a little after rounding, so it is the errors that are compared.
    const change = slopes.map(
      (slope, k) => slope.numeric - slope.analytic - (coarser[k].numeric - coarser[k].analytic),
    );
    return norm(change) / size;
  });
  const trusted = doubts.indexOf(Math.min(...doubts)) + 1;
  const best = points[trusted] as SweepPoint;
  const doubt = doubts[trusted - 1] as number;
  const coarseness = checked.targets.some(({ tensor }) => tensor.dtype === "float32") ? 2 ** -23 : 2 ** -52;
  const verdict = best.error <= 8 * doubt + 64 * coarseness ? "rounding" : "wrong formula";
  return { points, best, doubt, truncation: rightArm(points), rounding: leftArm(points), verdict };
}

interface Slope {
  readonly numeric: number;
  readonly analytic: number;
  /** False if rounding kept an element from moving about as far as it should. */
  readonly moved: boolean;
}

/** One random direction in the inputs and one in the outputs. */
class Probe {
  private readonly u: Float64Array;
  private readonly directions: Float64Array[];
  private readonly gradients: (Float64Array | null)[];

  constructor(
    private readonly subject: Subject,
    seed: number,
  ) {
    this.u = weights(subject.evaluate().length, 100 + seed);
    this.directions = subject.targets.map(({ values }, i) => weights(values.length, 200 + 50 * seed + i));
    this.gradients = vectorJacobian(subject, this.u, false);
  }

  /** The numbers of every target moved, as its dtype holds them. */
  private moved(by: number): { points: Float64Array[]; value: Float64Array } {
    const { subject, directions } = this;
    const points = subject.targets.map((target, i) => {
      subject.place(
        target,
        target.values.map((x, j) => x + by * (directions[i][j] as number)),
      );
      return Float64Array.from(scope(() => target.tensor.dataSync()));
    });
    return { points, value: subject.evaluate() };
  }

  private restore(): void {
    for (const target of this.subject.targets) this.subject.place(target, target.values);
  }

  at(eps: number): Slope {
    const [up, down] = [this.moved(eps), this.moved(-eps)];
    this.restore();
    let [analytic, numeric, moved] = [0, 0, true];
    for (const [i, direction] of this.directions.entries()) {
      direction.forEach((step, j) => {
        const move = (up.points[i][j] as number) - (down.points[i][j] as number);
        if (Math.abs(move / (2 * eps * step) - 1) > 0.5) moved = false;
        analytic += (this.gradients[i]?.[j] ?? 0) * move;
      });
    }
    this.u.forEach((weight, row) => {
      numeric += weight * ((up.value[row] as number) - (down.value[row] as number));
    });
    return { analytic: analytic / (2 * eps), numeric: numeric / (2 * eps), moved };
  }
}

const norm = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

/** Least squares on the logarithms. */
function fitArm(points: readonly SweepPoint[]): Arm | null {
  if (points.length < 3) return null;
  const xs = points.map(({ eps }) => Math.log10(eps));
  const ys = points.map(({ error }) => Math.log10(error));
  const mean = (values: number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  const [mx, my] = [mean(xs), mean(ys)];
  const power =
    xs.reduce((sum, x, i) => sum + (x - mx) * ((ys[i] as number) - my), 0) /
    xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
  return { power, factor: 10 ** (my - power * mx) };
}

const lowest = (points: readonly SweepPoint[]): number => {
  const errors = points.map(({ error }) => error);
  return errors.indexOf(Math.min(...errors));
};

/** The points that fall steadily from the largest step to ten times the lowest error; where truncation is no small thing yet. */
function rightArm(points: readonly SweepPoint[]): Arm | null {
  const floor = 10 * Math.min(...points.map(({ error }) => error));
  return fitArm(points.slice(0, lowest(points)).filter(({ error }) => error > floor && error < 0.3));
}

/** The points beyond the lowest, while the difference still says something. */
function leftArm(points: readonly SweepPoint[]): Arm | null {
  const floor = 10 * Math.min(...points.map(({ error }) => error));
  return fitArm(points.slice(lowest(points) + 1).filter(({ error }) => error > floor && error < 0.3));
}

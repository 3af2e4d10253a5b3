import { unravel } from "../../tensor/shape.js";
import type { AnalyticJacobian, OutputSpan, TargetJacobian } from "./analytic.js";
import { type Column, differences, extrapolated, sides } from "./numeric.js";
import { type ElementComparison, type InputReport, type Kink, relativeError } from "./report.js";
import type { Subject, Target } from "./subject.js";

export interface Tolerance {
  readonly eps: number;
  readonly atol: number;
  readonly rtol: number;
  readonly richardson: boolean;
}

/** One wrong element of a Jacobian. */
export interface Wrong {
  readonly row: number;
  readonly element: number;
}

/** What a comparison of one target's Jacobian found. */
export interface Comparison {
  readonly report: InputReport;
  readonly wrong: readonly Wrong[];
  readonly worstWrong: ElementComparison | null;
  readonly kinks: readonly Kink[];
  /** Kinks at which the gradient lies outside of both slopes. */
  readonly badKinks: readonly Kink[];
  /** Elements that are right at eps/16 although the function is smooth: the step is too long. */
  readonly tooLong: number;
  /** An element that is NaN or infinite, in the gradient or in the difference. */
  readonly nonFinite: ElementComparison | null;
}

/** The finite differences of one target: a column for each of its elements. */
export interface NumericJacobian {
  readonly target: Target;
  readonly columns: readonly Column[];
}

export function numericJacobian(
  subject: Subject,
  target: Target,
  centre: Float64Array,
  { eps, richardson }: Tolerance,
): NumericJacobian {
  const difference = richardson ? extrapolated : differences;
  const columns = Array.from(target.values, (_, element) => difference(subject, target, element, eps, centre));
  return { target, columns };
}

export function describeElement(
  target: Target,
  outputs: readonly OutputSpan[],
  { row, element }: Wrong,
  analytic: number,
  numeric: number,
): ElementComparison {
  const output = outputs.findLast(({ start, size }) => row >= start && size > 0) as OutputSpan;
  return {
    input: target.name,
    inputIndex: unravel(element, target.tensor.shape),
    output: output.name,
    outputIndex: unravel(row - output.start, output.shape),
    analytic,
    numeric,
    absoluteError: Math.abs(analytic - numeric),
    relativeError: relativeError(analytic, numeric),
  };
}

/** Holds a Jacobian by formula against the one by differences. */
export function compare(
  subject: Subject,
  { outputs, rows }: AnalyticJacobian,
  { target, values, connected }: TargetJacobian,
  numeric: NumericJacobian,
  centre: Float64Array,
  tolerance: Tolerance,
  order: number,
): Comparison {
  const { eps, atol, rtol } = tolerance;
  const n = target.values.length;
  const wrong: Wrong[] = [];
  const kinks: Kink[] = [];
  const badKinks: Kink[] = [];
  let [maxAbsoluteError, maxRelativeError, tooLong] = [0, 0, 0];
  let worst: ElementComparison | null = null;
  let worstWrong: ElementComparison | null = null;
  let nonFinite: ElementComparison | null = null;
  let [worstExcess, wrongExcess] = [-1, -1];

  for (let element = 0; element < n; element++) {
    const column = numeric.columns[element] as Column;
    const look = new CloserLook(subject, target, element, eps, centre, column);
    for (let row = 0; row < rows; row++) {
      const a = values[row * n + element] as number;
      const d = column.central[row] as number;
      const at = { row, element };
      const found = (): ElementComparison => describeElement(target, outputs, at, a, d);
      if (!Number.isFinite(a) || !Number.isFinite(d)) {
        nonFinite ??= found();
        continue;
      }
      const error = Math.abs(a - d);
      const excess = error / (atol + rtol * Math.abs(d));
      const kink = look.kinkAt(row, a, excess > 1);
      if (kink) {
        const slack = 100 * atol + 100 * rtol * (Math.abs(kink.left) + Math.abs(kink.right));
        const inside = a >= Math.min(kink.left, kink.right) - slack && a <= Math.max(kink.left, kink.right) + slack;
        (inside ? kinks : badKinks).push({ ...found(), ...kink });
        continue;
      }
      maxAbsoluteError = Math.max(maxAbsoluteError, error);
      maxRelativeError = Math.max(maxRelativeError, error / Math.max(Math.abs(a), Math.abs(d), atol / rtol));
      if (excess > worstExcess) {
        worstExcess = excess;
        worst = found();
      }
      if (excess <= 1) continue;
      wrong.push(at);
      if (look.agreesCloser(row, a, tolerance)) tooLong++;
      if (excess > wrongExcess) {
        wrongExcess = excess;
        worstWrong = found();
      }
    }
  }
  const { name, tensor } = target;
  const report = { name, order, shape: tensor.shape, connected, maxAbsoluteError, maxRelativeError, worst };
  return { report, wrong, worstWrong, kinks, badKinks, tooLong, nonFinite };
}

/** Looks at one column again with other steps, where something is suspicious, and only then. */
class CloserLook {
  private far: Column | null = null;
  private near: Column | null = null;

  constructor(
    private readonly subject: Subject,
    private readonly target: Target,
    private readonly element: number,
    private readonly eps: number,
    private readonly centre: Float64Array,
    private readonly column: Column,
  ) {}

  private at(eps: number): Column {
    return differences(this.subject, this.target, this.element, eps, this.centre);
  }

  /** The two slopes, if there is a kink within eps of this point. */
  kinkAt(row: number, analytic: number, wrong: boolean): { left: number; right: number } | null {
    const [left, right] = [this.column.left[row] as number, this.column.right[row] as number];
    const rounding = (1e-15 * (1 + Math.abs(this.centre[row] as number))) / this.eps;
    const noise = 1e-4 * (Math.abs(left) + Math.abs(right)) + 10 * rounding;
    if (Math.abs(right - left) <= noise && !wrong) return null;
    this.far ??= this.at(16 * this.eps);
    const [farLeft, farRight] = [this.far.left[row] as number, this.far.right[row] as number];
    const kind = sides(right - left, farRight - farLeft, noise);
    if (kind === "kink") return { left, right };
    if (kind === "jump" || !wrong) return null;
    // A kink just inside of eps hardly shows at eps, but does at 16 eps, out of proportion.
    const ratio = Math.abs((farRight - farLeft) / (right - left));
    const proportional = ratio > 12 && ratio < 20;
    const shows = Math.abs(farRight - farLeft) > 16 * noise;
    if (proportional || !shows || !this.agreesAt(row, analytic, 1e-6, 1e-4)) return null;
    return { left: farLeft, right: farRight };
  }

  private agreesAt(row: number, analytic: number, atol: number, rtol: number): boolean {
    this.near ??= this.at(this.eps / 16);
    const d = this.near.central[row] as number;
    return Math.abs(analytic - d) <= atol + rtol * Math.abs(d);
  }

  /** True if a shorter step gives the analytic value: the formula is right, the step was too long. */
  agreesCloser(row: number, analytic: number, { atol, rtol }: Tolerance): boolean {
    const error = Math.abs(analytic - (this.column.central[row] as number));
    return this.agreesAt(row, analytic, 16 * atol, 16 * rtol) && this.agreesAt(row, analytic, error / 16, 0);
  }
}

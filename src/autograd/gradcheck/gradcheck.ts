import { DataError } from "../../errors.js";
import type { Tensor } from "../../tensor/tensor.js";
import {
  type AnalyticJacobian,
  forwardJacobian,
  reverseJacobian,
  vectorJacobian,
  weighted,
  weights,
} from "./analytic.js";
import { type Comparison, compare, numericJacobian, type Tolerance } from "./compare.js";
import { derivativeOf } from "./derivative.js";
import { inspect } from "./inspect.js";
import { type Failure, type GradcheckReport, type InputReport, type Kink, type Road, showReport } from "./report.js";
import { type CheckedFunction, type CheckedModule, type ParameterOwner, Subject } from "./subject.js";

export interface GradcheckOptions {
  /** Step of the central difference. Default 1e-6, or 1e-3 with `richardson`. */
  eps?: number;
  /** |analytic − numeric| ≤ atol + rtol·|numeric|. Default 1e-8. */
  atol?: number;
  /** Default 1e-6. */
  rtol?: number;
  /** 2 also checks the gradient of the gradient, 3 also that one's. Default 1. */
  order?: 1 | 2 | 3;
  /** Which derivative to check: by backward passes, by forward mode, or both. Default reverse; gradgradcheck: both. */
  mode?: "reverse" | "forward" | "both";
  /** Richardson extrapolation: error eps⁴ instead of eps², for twice the evaluations. */
  richardson?: boolean;
  /** What the report calls the inputs; else their own names, or x0, x1, … */
  names?: readonly string[];
  /** Whose parameters to check too, where a function wraps a module. A module given instead of a function is its own. */
  module?: ParameterOwner;
}

/**
 * Holds the gradient of a function, or of a layer and all its parameters, against central differences: every element of
 * every input against every element of every output. Also: that the function gives the same twice, that backward is
 * linear, that the fused and the recorded backward pass agree.
 * @param inputs the point; int32 and bool inputs are passed on as they are
 * @throws DataError where there is nothing to check
 */
export function gradcheck(
  subject: CheckedFunction | CheckedModule,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): GradcheckReport {
  const { order = 1, mode = "reverse", richardson = false, atol = 1e-8, rtol = 1e-6 } = options;
  const tolerance = { eps: options.eps ?? (richardson ? 1e-3 : 1e-6), atol, rtol, richardson };
  checkOptions(order, tolerance);
  const check = new Check(tolerance, mode);
  let current: Checked = { subject, inputs, names: options.names, module: options.module };
  for (let k = 1; k <= order; k++) {
    check.run(new Subject(current.subject, current.inputs, current), k);
    if (k === order || check.failures.length > 0) break;
    current = derivativeOf(current.subject, current.inputs, current);
  }
  return check.report();
}

/** {@link gradcheck} of order 2: the gradient and the gradient of the gradient, in reverse and in forward mode. */
export const gradgradcheck = (
  subject: CheckedFunction | CheckedModule,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): GradcheckReport => gradcheck(subject, inputs, { mode: "both", ...options, order: 2 });

/**
 * Raises unless the gradient passes, in the manner of `node:assert`.
 * @throws GradientError with the whole report
 */
export function assertGradients(
  subject: CheckedFunction | CheckedModule,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): void {
  const report = gradcheck(subject, inputs, options);
  if (!report.passed) throw new GradientError(report);
}

/** A gradient that is not the function's. */
export class GradientError extends Error {
  override name = "GradientError";

  constructor(readonly report: GradcheckReport) {
    super(showReport(report));
  }
}

function checkOptions(order: number, { eps, atol, rtol }: Tolerance): void {
  if (!(eps > 0) || !(atol >= 0) || !(rtol >= 0)) {
    throw new DataError(`gradcheck: eps must be above 0, atol and rtol 0 or more; got ${eps}, ${atol}, ${rtol}`);
  }
  if (![1, 2, 3].includes(order)) throw new DataError(`gradcheck: order is 1, 2 or 3, not ${order}`);
}

/** What one order of a check looks at. */
interface Checked {
  readonly subject: CheckedFunction | CheckedModule;
  readonly inputs: readonly Tensor[];
  readonly names?: readonly string[];
  readonly module?: ParameterOwner;
}

/** One check, over all its orders. */
class Check {
  readonly failures: Failure[] = [];
  private readonly inputs: InputReport[] = [];
  private readonly kinks: Kink[] = [];
  private evaluations = 0;

  constructor(
    private readonly tolerance: Tolerance,
    private readonly mode: "reverse" | "forward" | "both",
  ) {}

  report(): GradcheckReport {
    const { eps, atol, rtol } = this.tolerance;
    const { failures, inputs, kinks, evaluations } = this;
    return { passed: failures.length === 0, inputs, failures, kinks, eps, atol, rtol, evaluations, directions: null };
  }

  run(subject: Subject, order: number): void {
    const { centre, failures } = inspect(subject, order);
    this.failures.push(...failures);
    if (centre) this.compareRoads(subject, centre, order);
    this.evaluations += subject.evaluations;
  }

  private compareRoads(subject: Subject, centre: Float64Array, order: number): void {
    const roads: [Road, AnalyticJacobian][] = [];
    if (this.mode !== "forward") {
      roads.push(["reverse", reverseJacobian(subject, false)], ["recorded", reverseJacobian(subject, true)]);
    }
    if (this.mode !== "reverse") roads.push(["forward", forwardJacobian(subject)]);
    for (const [i, target] of subject.targets.entries()) {
      const numeric = numericJacobian(subject, target, centre, this.tolerance);
      const before = this.failures.length;
      for (const [road, jacobian] of roads) {
        const comparison = compare(
          subject,
          jacobian,
          jacobian.targets[i] as AnalyticJacobian["targets"][number],
          numeric,
          centre,
          this.tolerance,
          order,
        );
        this.note(comparison, road, order, jacobian.rows * target.values.length);
        // What is wrong on the first road is most often wrong on the next: it is told once.
        if (this.failures.length > before) break;
      }
    }
    if (this.failures.length > 0) return;
    for (const [road, jacobian] of roads) if (road !== "forward") this.checkLinearity(subject, jacobian, road, order);
  }

  private note(comparison: Comparison, road: Road, order: number, of: number): void {
    const { report, wrong, worstWrong, kinks, badKinks, tooLong, nonFinite } = comparison;
    const fail = (kind: Failure["kind"], message: string, rest: Partial<Failure> = {}): void => {
      const nothing = { worst: null, wrong: null, cause: null };
      this.failures.push({ kind, order, road, input: report.name, message, ...nothing, ...rest });
    };
    if (road === "reverse" || this.mode === "forward") {
      this.inputs.push(report);
      this.kinks.push(...kinks);
    }
    if (nonFinite) fail("non-finite", `the derivative by ${report.name} is not finite here`, { worst: nonFinite });
    if (wrong.length > 0 && !report.connected) {
      fail("disconnected", `the output depends on ${report.name}, but no gradient reaches it`, {
        worst: worstWrong,
        cause: "detach(), noGrad(), or numbers that were read out and put in again",
      });
    } else if (wrong.length > 0) {
      fail("mismatch", `the gradient of ${report.name} is not the slope of the function`, {
        worst: worstWrong,
        wrong: { count: wrong.length, of },
        cause: tooLong === wrong.length ? "none: a shorter step agrees with the gradient; give a smaller eps" : null,
      });
    }
    const [kink] = badKinks;
    if (kink) {
      const { left, right } = kink;
      fail("kink", `at a kink the gradient of ${report.name} is neither slope nor between (${left} and ${right})`, {
        worst: kink,
      });
    }
  }

  /** Rows one at a time do not show a backward rule that is not linear in ȳ, nor one that gives another result twice. */
  private checkLinearity(subject: Subject, jacobian: AnalyticJacobian, road: Road, order: number): void {
    const u = weights(jacobian.rows, 1);
    const [once, twice] = [0, 1].map(() => vectorJacobian(subject, u, road === "recorded"));
    for (const [i, target] of jacobian.targets.entries()) {
      const { name } = target.target;
      const got = once[i];
      if (!got) continue;
      const fail = (kind: Failure["kind"], message: string, cause: string | null): void => {
        this.failures.push({ kind, order, road, input: name, message, worst: null, wrong: null, cause });
      };
      if (got.some((value, at) => !Object.is(value, twice[i]?.[at]))) {
        fail("nondeterminism", `two backward passes gave two gradients of ${name}`, null);
        continue;
      }
      const expected = weighted(target, u);
      const size = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
      const at = got.findIndex((value, j) => !(Math.abs(value - (expected[j] as number)) <= 1e-9 * size));
      if (at < 0) continue;
      fail(
        "mismatch",
        `backward is not linear: with weights on all outputs the gradient of ${name} at ${at} is ${got[at]}, but its rows add up to ${expected[at]}`,
        "a backward rule that uses ȳ twice or not at all, or that assigns where it should add",
      );
    }
  }
}

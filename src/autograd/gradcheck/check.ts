import { showShape, unravel } from "../../tensor/shape.js";
import { type AnalyticJacobian, forwardJacobian, reverseJacobian, type TargetJacobian } from "./analytic.js";
import { type Comparison, compare, numericJacobian, type Tolerance } from "./compare.js";
import { diagnose } from "./diagnose.js";
import { checkDirections } from "./directions.js";
import { inspect } from "./inspect.js";
import { linearityFailures } from "./linearity.js";
import type { DirectionReport, Failure, GradcheckReport, InputReport, Kink, Road } from "./report.js";
import type { Subject } from "./subject.js";

/** One check, over all its orders. */
export class Check {
  readonly failures: Failure[] = [];
  private readonly inputs: InputReport[] = [];
  private readonly kinks: Kink[] = [];
  private evaluations = 0;
  private directionReport: DirectionReport | null = null;

  constructor(
    private readonly tolerance: Tolerance,
    private readonly mode: "reverse" | "forward" | "both",
    private readonly directions: number | null,
  ) {}

  report(): GradcheckReport {
    const { eps, atol, rtol } = this.tolerance;
    const { failures, inputs, kinks, evaluations } = this;
    const { directionReport: directions } = this;
    return { passed: failures.length === 0, inputs, failures, kinks, eps, atol, rtol, evaluations, directions };
  }

  run(subject: Subject, order: number): void {
    const { centre, failures } = inspect(subject, order);
    this.failures.push(...failures);
    if (centre && this.directions) this.compareDirections(subject, centre.length, order, this.directions);
    else if (centre) this.compareRoads(subject, centre, order);
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
          jacobian.targets[i] as TargetJacobian,
          numeric,
          centre,
          this.tolerance,
          order,
        );
        const mine = jacobian.targets[i] as TargetJacobian;
        this.note(comparison, road, order, mine.values.length, () => diagnose(jacobian, mine, numeric));
        // What is wrong on the first road is most often wrong on the next: it is told once.
        if (this.failures.length > before) break;
      }
    }
    if (this.failures.length > 0) return;
    for (const [road, jacobian] of roads) {
      this.failures.push(...linearityFailures(subject, jacobian, { road, order, rtol: this.tolerance.rtol }));
    }
  }

  private compareDirections(subject: Subject, rows: number, order: number, count: number): void {
    const { wrong, maxError, report } = checkDirections(subject, rows, count, this.tolerance);
    this.directionReport = report;
    for (const [target, { absolute, relative, connected }] of maxError) {
      const errors = { maxAbsoluteError: absolute, maxRelativeError: relative, worst: null };
      this.inputs.push({ name: target.name, order, shape: target.tensor.shape, connected, ...errors });
    }
    for (const { target, analytic, numeric, element, createGraph } of wrong) {
      const index = showShape(unravel(element, target.tensor.shape));
      this.failures.push({
        kind: maxError.get(target)?.connected ? "mismatch" : "disconnected",
        order,
        road: createGraph ? "recorded" : "reverse",
        input: target.name,
        message: `along a random direction the gradient of ${target.name} says ${analytic}, the slope is ${numeric}; ${target.name}${index} is wrong`,
        worst: null,
        wrong: null,
        cause: null,
      });
    }
  }

  private note(comparison: Comparison, road: Road, order: number, of: number, cause: () => string | null): void {
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
        cause: tooLong === wrong.length ? "none: a shorter step agrees with the gradient; give a smaller eps" : cause(),
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
}

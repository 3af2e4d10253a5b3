import {
  type AnalyticJacobian,
  jacobianVector,
  type TargetJacobian,
  vectorJacobian,
  weighted,
  weights,
} from "./analytic.js";
import type { Failure, FailureKind, Road } from "./report.js";
import type { Subject } from "./subject.js";

/** Where two lists of numbers differ by more than rounding, as a share of the largest; −1 if nowhere. */
function firstDifference(got: Float64Array, expected: Float64Array, slack: number): number {
  const size = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  return got.findIndex((value, i) => !(Math.abs(value - (expected[i] as number)) <= slack * size));
}

/**
 * What a Jacobian made one row at a time does not show: a rule that is not linear in ȳ, one that gives another result
 * twice, one that gives another gradient when it alone is asked for.
 */
export function linearityFailures(
  subject: Subject,
  jacobian: AnalyticJacobian,
  { road, order, rtol }: { road: Road; order: number; rtol: number },
): Failure[] {
  // No difference is taken here, so that rounding alone is left: a thousandth of what a difference may be off.
  const slack = 1e-3 * rtol;
  return road === "forward"
    ? forwardFailures(subject, jacobian, order, slack)
    : backwardFailures(subject, jacobian, { road, order }, slack);
}

const failure = (
  kind: FailureKind,
  { order, road, input }: Pick<Failure, "order" | "road" | "input">,
  message: string,
  cause: string | null = null,
): Failure => ({ kind, order, road, input, message, worst: null, wrong: null, cause });

function backwardFailures(
  subject: Subject,
  jacobian: AnalyticJacobian,
  { road, order }: { road: Road; order: number },
  slack: number,
): Failure[] {
  const createGraph = road === "recorded";
  const u = weights(jacobian.rows, 1);
  const [once, twice] = [0, 1].map(() => vectorJacobian(subject, u, createGraph));
  return jacobian.targets.flatMap((column: TargetJacobian, i): Failure[] => {
    const { name } = column.target;
    const where = { order, road, input: name };
    const got = once[i];
    if (!got) return [];
    if (got.some((value, at) => !Object.is(value, twice[i]?.[at]))) {
      return [failure("nondeterminism", where, `two backward passes gave two gradients of ${name}`)];
    }
    const expected = weighted(column, u);
    const at = firstDifference(got, expected, slack);
    if (at >= 0) {
      const message = `backward is not linear: with weights on all outputs the gradient of ${name} at ${at} is ${got[at]}, but its rows add up to ${expected[at]}`;
      const cause = "a backward rule that uses ȳ twice or not at all, or that assigns where it should add";
      return [failure("mismatch", where, message, cause)];
    }
    const [alone] = vectorJacobian(subject, u, createGraph, [column.target]);
    if (alone && firstDifference(alone, got, slack) < 0) return [];
    const message = `asked for alone, the gradient of ${name} is another than together with the others`;
    return [failure("mismatch", where, message, "a backward rule that asks needs() for the wrong input")];
  });
}

/** All inputs moved at once, against the sum of the columns. */
function forwardFailures(subject: Subject, jacobian: AnalyticJacobian, order: number, slack: number): Failure[] {
  const directions = new Map(subject.targets.map((target, i) => [target, weights(target.values.length, 40 + i)]));
  const expected = new Float64Array(jacobian.rows);
  for (const { target, values } of jacobian.targets) {
    const direction = directions.get(target) as Float64Array;
    values.forEach((slope, at) => {
      expected[Math.floor(at / direction.length)] += slope * (direction[at % direction.length] as number);
    });
  }
  const got = jacobianVector(subject, directions);
  const at = firstDifference(got, expected, slack);
  if (at < 0) return [];
  const message = `forward mode is not linear: with all inputs moving, output ${at} moves by ${got[at]}, but its columns add up to ${expected[at]}`;
  return [failure("mismatch", { order, road: "forward", input: null }, message)];
}

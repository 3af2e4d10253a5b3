import { DataError } from "../../errors.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Check } from "./check.js";
import type { Tolerance } from "./compare.js";
import { derivativeOf } from "./derivative.js";
import { type GradcheckReport, showReport } from "./report.js";
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
  /** Check along this many random directions instead of every element: for large inputs. The report says what they find. */
  directions?: number;
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
  checkOptions(order, tolerance, options.directions);
  const check = new Check(tolerance, mode, options.directions ?? null);
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

function checkOptions(order: number, { eps, atol, rtol }: Tolerance, directions = 1): void {
  if (!(eps > 0) || !(atol >= 0) || !(rtol >= 0)) {
    throw new DataError(`gradcheck: eps must be above 0, atol and rtol 0 or more; got ${eps}, ${atol}, ${rtol}`);
  }
  if (!Number.isInteger(directions) || directions < 1) {
    throw new DataError(`gradcheck: directions is a whole number of 1 or more, not ${directions}`);
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

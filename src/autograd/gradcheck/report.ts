import { type Shape, showShape } from "../../tensor/shape.js";

/**
 * What can be wrong:
 * - `mismatch`: the gradient differs from the finite difference;
 * - `kink`: the function has one slope on the left and another on the right, and the gradient is neither of them nor
 *   between them (a gradient between them is a valid choice, and only noted);
 * - `nondeterminism`: the same input gave another output or another gradient;
 * - `disconnected`: the output depends on the input, but no gradient reaches it;
 * - `aliased`: two inputs share memory, so that moving one moves the other;
 * - `overwritten`: the function changed its own input;
 * - `dtype`: the numbers are too coarse for a finite difference;
 * - `non-finite`: a NaN or infinity in output, gradient or difference.
 */
export type FailureKind =
  | "mismatch"
  | "kink"
  | "nondeterminism"
  | "disconnected"
  | "aliased"
  | "overwritten"
  | "dtype"
  | "non-finite";

/**
 * The road by which the analytic gradient came: `reverse` is what `backward()` runs, `recorded` what it runs under
 * `createGraph` (the rule instead of the fused kernel), `forward` the Jacobian-vector product.
 */
export type Road = "reverse" | "recorded" | "forward";

/** One element of a Jacobian, ∂output[outputIndex] / ∂input[inputIndex], by formula and by difference. */
export interface ElementComparison {
  readonly input: string;
  readonly inputIndex: readonly number[];
  readonly output: string;
  readonly outputIndex: readonly number[];
  readonly analytic: number;
  readonly numeric: number;
  readonly absoluteError: number;
  /** |analytic − numeric| / max(|analytic|, |numeric|); 0 where both are 0. */
  readonly relativeError: number;
}

/** A point where the function has two slopes. */
export interface Kink extends ElementComparison {
  readonly left: number;
  readonly right: number;
}

export interface Failure {
  readonly kind: FailureKind;
  /** 1 for the gradient, 2 for the gradient of the gradient, and so on. */
  readonly order: number;
  readonly road: Road | null;
  readonly input: string | null;
  /** One sentence. */
  readonly message: string;
  readonly worst: ElementComparison | null;
  /** How many elements of the Jacobian are wrong, of how many. */
  readonly wrong: { readonly count: number; readonly of: number } | null;
  /** A guess at the mistake, where one is recognisable. */
  readonly cause: string | null;
}

/** What was found about one input or parameter. */
export interface InputReport {
  readonly name: string;
  readonly order: number;
  readonly shape: Shape;
  /** False if no gradient reached it at all; with a difference of zero that is right. */
  readonly connected: boolean;
  readonly maxAbsoluteError: number;
  /** Over the elements whose absolute error is above `atol`; 0 where there is none. */
  readonly maxRelativeError: number;
  /** The element whose error is largest for what is allowed. */
  readonly worst: ElementComparison | null;
}

/** How sure a check along random directions can be. */
export interface DirectionReport {
  readonly used: number;
  /** Errors planted into this very gradient, and how many of them the directions found. */
  readonly planted: number;
  readonly found: number;
}

export interface GradcheckReport {
  readonly passed: boolean;
  readonly inputs: readonly InputReport[];
  readonly failures: readonly Failure[];
  /** Points with two slopes where the gradient is one of them or between them. */
  readonly kinks: readonly Kink[];
  readonly eps: number;
  readonly atol: number;
  readonly rtol: number;
  /** How often the function was run. */
  readonly evaluations: number;
  readonly directions: DirectionReport | null;
}

/** Compares two numbers for the report; see {@link ElementComparison}. */
export function relativeError(a: number, b: number): number {
  const size = Math.max(Math.abs(a), Math.abs(b));
  return size === 0 ? 0 : Math.abs(a - b) / size;
}

const place = (name: string, index: readonly number[]): string =>
  index.length > 0 ? `${name}${showShape(index)}` : name;

/** "∂output[0, 1]/∂x[2]" */
export const showElement = (e: ElementComparison): string =>
  `∂${place(e.output, e.outputIndex)}/∂${place(e.input, e.inputIndex)}`;

const roadWords: Record<Road, string> = {
  reverse: "",
  recorded: ", with createGraph",
  forward: ", forward mode",
};

const orderWords = (order: number): string => (order === 1 ? "" : `, order ${order}`);

function showFailure(failure: Failure, { atol, rtol }: GradcheckReport): string[] {
  const { worst, wrong, cause, road } = failure;
  const lines = [`${failure.kind}${orderWords(failure.order)}${road ? roadWords[road] : ""}: ${failure.message}`];
  if (worst) {
    lines.push(
      `  worst element   ${showElement(worst)}`,
      `    analytic      ${worst.analytic}`,
      `    numeric       ${worst.numeric}`,
      `    error         ${worst.absoluteError.toExponential(2)} absolute, ${worst.relativeError.toExponential(2)} relative (allowed: ${atol.toExponential()} + ${rtol.toExponential()}·|numeric|)`,
    );
  }
  if (wrong) lines.push(`  wrong elements  ${wrong.count} of ${wrong.of}`);
  if (cause) lines.push(`  likely cause    ${cause}`);
  return lines;
}

/** The report in words: one line if all is well, else every failure with its worst element. */
export function showReport(report: GradcheckReport): string {
  const lines: string[] = [];
  if (report.passed) {
    const worst = Math.max(0, ...report.inputs.map((input) => input.maxAbsoluteError));
    const names = report.inputs.map((input) => input.name + (input.order > 1 ? ` (order ${input.order})` : ""));
    lines.push(`gradcheck passed: ${names.join(", ")}; largest error ${worst.toExponential(2)}`);
  } else {
    const n = report.failures.length;
    lines.push(`gradcheck failed${n > 1 ? ` in ${n} ways` : ""}`);
    for (const failure of report.failures) lines.push(...showFailure(failure, report));
  }
  for (const kink of report.kinks.slice(0, 3)) {
    lines.push(
      `kink: ${showElement(kink)} is ${kink.left} on the left and ${kink.right} on the right; the gradient says ${kink.analytic}`,
    );
  }
  if (report.kinks.length > 3) lines.push(`… and ${report.kinks.length - 3} more kinks`);
  if (report.directions) {
    const { used, found, planted } = report.directions;
    lines.push(`along ${used} random directions, which found ${found} of ${planted} planted errors`);
  }
  return lines.join("\n");
}

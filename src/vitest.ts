/**
 * A Vitest matcher: `import "backflow/vitest"`, then
 *
 *     expect((x) => x.tanh()).toPassGradcheck([x], { order: 2 });
 *     expect(new GRU(3, 4, { dtype: "float64" })).toPassGradcheck([x]);
 */
import { expect } from "vitest";
import "./autograd/methods.js";
import { type GradcheckOptions, gradcheck } from "./autograd/gradcheck/gradcheck.js";
import { showReport } from "./autograd/gradcheck/report.js";
import type { CheckedFunction, CheckedModule } from "./autograd/gradcheck/subject.js";
import type { Tensor } from "./tensor/tensor.js";

declare module "vitest" {
  // The type parameter must be called as in Vitest's own declaration.
  interface Matchers<T> {
    /** Passes if the gradient of the function or module is the slope of its value; see `gradcheck`. */
    toPassGradcheck(inputs: readonly Tensor[], options?: GradcheckOptions): void;
  }
}

expect.extend({
  toPassGradcheck(subject: CheckedFunction | CheckedModule, inputs: readonly Tensor[], options?: GradcheckOptions) {
    const report = gradcheck(subject, inputs, options);
    return { pass: report.passed, message: () => showReport(report) };
  },
});

/**
 * tanh, a lesson in three variants. One thread computes one number, so all of it is in the scalar function:
 *
 * 1. {@link tanhBuiltIn}: the shading language's own. Several units off near 0, and where it is made of eˣ it turns
 *    into Infinity / Infinity = NaN for large x.
 * 2. {@link tanhExponential}: 1 − 2 / (e^2x + 1). Never overflows, but subtracts two near numbers for small x: at
 *    x = 10⁻³ only four digits are left.
 * 3. {@link tanh}, the one in use: t = e^2|x| − 1, computed without cancellation, and tanh|x| = t / (t + 2). From |x| = 9.1
 *    on, the nearest float32 is 1.
 */
import { exp, expm1 } from "./exponential.js";
import { type DeviceFunctions, deviceFunction } from "./kernel.js";

/** The hardware's. */
export const tanhBuiltIn = deviceFunction("tanh", function tanh(this: DeviceFunctions, x: number): number {
  return Math.tanh(x);
});

/** tanh x = 1 − 2 / (e^2x + 1) */
export const tanhExponential = deviceFunction(
  "tanh",
  function tanh(this: DeviceFunctions, x: number): number {
    return 1.0 - 2.0 / (this.exp(2.0 * x) + 1.0);
  },
  { uses: [exp] },
);

/** With t = e^2|x| − 1:  tanh x = sign(x) t / (t + 2) */
export const tanh = deviceFunction(
  "tanh",
  function tanh(this: DeviceFunctions, x: number): number {
    if (x > 9.1) {
      return 1.0;
    }
    if (x < -9.1) {
      return -1.0;
    }
    const t = this.expm1(2.0 * Math.abs(x));
    if (x < 0) {
      return -t / (t + 2.0);
    }
    return t / (t + 2.0);
  },
  { uses: [expm1] },
);

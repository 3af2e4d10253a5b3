/** The rows of `kernels/scalar.ts` in the device's terms. A row that is missing does not compile. */
import type { BinaryName, UnaryName } from "../scalar.js";
import { exp, log, pow, sigmoid, softplus } from "./exponential.js";
import { type DeviceFunction, type DeviceFunctions, deviceFunction } from "./kernel.js";
import { tanh } from "./tanh.js";

type This = DeviceFunctions;

/** f of {@link DeviceFunctions}: y = f(x). */
export const values: Record<UnaryName, DeviceFunction> = {
  neg: deviceFunction("f", function f(this: This, x: number): number {
    return -x;
  }),
  exp: { ...exp, name: "f" },
  log: { ...log, name: "f" },
  sqrt: deviceFunction("f", function f(this: This, x: number): number {
    return Math.sqrt(x);
  }),
  abs: deviceFunction("f", function f(this: This, x: number): number {
    return Math.abs(x);
  }),
  tanh: { ...tanh, name: "f" },
  sigmoid: { ...sigmoid, name: "f" },
  // No comparison holds with NaN. A driver that reads the second one as the opposite of the first would lose it.
  relu: deviceFunction("f", function f(this: This, x: number): number {
    if (x > 0) {
      return x;
    }
    if (x <= 0) {
      return 0.0;
    }
    return x + x;
  }),
  softplus: { ...softplus, name: "f" },
};

/** gradient of {@link DeviceFunctions}: x̄ = ȳ f′, from x or from y = f(x). */
export const gradients: Record<UnaryName, DeviceFunction> = {
  neg: deviceFunction("gradient", function gradient(this: This, _x: number, _y: number, gy: number): number {
    return -gy;
  }),
  exp: deviceFunction("gradient", function gradient(this: This, _x: number, y: number, gy: number): number {
    return gy * y;
  }),
  log: deviceFunction("gradient", function gradient(this: This, x: number, _y: number, gy: number): number {
    return gy * (1.0 / x);
  }),
  sqrt: deviceFunction("gradient", function gradient(this: This, _x: number, y: number, gy: number): number {
    return gy * (0.5 / y);
  }),
  // 0 and NaN are their own sign.
  abs: deviceFunction("gradient", function gradient(this: This, x: number, _y: number, gy: number): number {
    if (x > 0) {
      return gy;
    }
    if (x < 0) {
      return -gy;
    }
    return gy * x;
  }),
  tanh: deviceFunction("gradient", function gradient(this: This, _x: number, y: number, gy: number): number {
    return gy * (1.0 - y * y);
  }),
  sigmoid: deviceFunction("gradient", function gradient(this: This, _x: number, y: number, gy: number): number {
    return gy * (y * (1.0 - y));
  }),
  // A choice: the product would make NaN of ∞ · 0.
  relu: deviceFunction("gradient", function gradient(this: This, x: number, _y: number, gy: number): number {
    if (x <= 0) {
      return 0.0;
    }
    return gy;
  }),
  softplus: deviceFunction(
    "gradient",
    function gradient(this: This, x: number, _y: number, gy: number): number {
      return gy * this.sigmoid(x);
    },
    { uses: [sigmoid] },
  ),
};

/** combine of {@link DeviceFunctions}: z = f(x, y). */
export const combinations: Record<BinaryName, DeviceFunction> = {
  add: deviceFunction("combine", function combine(this: This, x: number, y: number): number {
    return x + y;
  }),
  sub: deviceFunction("combine", function combine(this: This, x: number, y: number): number {
    return x - y;
  }),
  mul: deviceFunction("combine", function combine(this: This, x: number, y: number): number {
    return x * y;
  }),
  div: deviceFunction("combine", function combine(this: This, x: number, y: number): number {
    return x / y;
  }),
  pow: { ...pow, name: "combine" },
  // Neither comparison holds with a NaN, whose sum is NaN.
  maximum: deviceFunction("combine", function combine(this: This, x: number, y: number): number {
    if (x >= y) {
      return x;
    }
    if (y > x) {
      return y;
    }
    return x + y;
  }),
  minimum: deviceFunction("combine", function combine(this: This, x: number, y: number): number {
    if (x <= y) {
      return x;
    }
    if (y < x) {
      return y;
    }
    return x + y;
  }),
  equal: deviceFunction("combine", function combine(this: This, x: number, y: number): number {
    if (x === y) {
      return 1.0;
    }
    return 0.0;
  }),
  notEqual: deviceFunction("combine", function combine(this: This, x: number, y: number): number {
    if (x === y) {
      return 0.0;
    }
    return 1.0;
  }),
  less: deviceFunction("combine", function combine(this: This, x: number, y: number): number {
    if (x < y) {
      return 1.0;
    }
    return 0.0;
  }),
  lessEqual: deviceFunction("combine", function combine(this: This, x: number, y: number): number {
    if (x <= y) {
      return 1.0;
    }
    return 0.0;
  }),
  greater: deviceFunction("combine", function combine(this: This, x: number, y: number): number {
    if (x > y) {
      return 1.0;
    }
    return 0.0;
  }),
  greaterEqual: deviceFunction("combine", function combine(this: This, x: number, y: number): number {
    if (x >= y) {
      return 1.0;
    }
    return 0.0;
  }),
};

import { describe, expect, it } from "vitest";
// @ts-expect-error A script without types.
import { withKernelText } from "../../../scripts/kernel-text.js";
import {
  type DeviceFunctions,
  deviceFunction,
  type KernelThis,
  kernel,
  sourceOf,
} from "../../../src/kernels/gpu/kernel.js";

const twice = deviceFunction("f", function f(this: DeviceFunctions, x: number): number {
  return 2.0 * x;
});
const program = kernel(
  "example",
  function example(this: KernelThis, x: number[], xOffset: number): number {
    return this.f(x[xOffset + this.whole(this.thread.x)]);
  },
  ["operand"],
  [twice],
);

describe("the text of a kernel", () => {
  it("calls device functions by names that no language has taken", () => {
    const source = sourceOf(program.body, [twice], { wholeInline: true });
    expect(source).toContain("fOnDevice(x[xOffset + (0 | this.thread.x)])");
    expect(source).toMatch(/^function \(x, xOffset\)/);
  });

  it("takes a number for every parameter of a device function unless told otherwise", () => {
    expect(twice.parameters).toEqual(["number"]);
  });

  it("is what the build puts in the function's place, quotes, line breaks and all", () => {
    const body = "function example(x) {\n  // `a` costs $" + "{b}\n  return x;\n}";
    const built: string = withKernelText(`const k = kernel("example", ${body}, []);\nconst other = call(${body});`);
    expect(built.split("\n").length).toBe(8);
    const found = new Function("kernel", "call", `${built}; return [k, other];`)(
      (_: string, text: unknown) => text,
      (fn: unknown) => typeof fn,
    );
    expect(found).toEqual([body, "function"]);
  });
});

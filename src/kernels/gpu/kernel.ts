/**
 * What a GPU kernel is before any device sees it: a TypeScript function that computes one output element, the device
 * functions it calls, and the kinds of its arguments. gpu.js reads the function's source text and writes WGSL, GLSL or
 * WebAssembly from it. In the built library the functions are text already (`scripts/kernel-text.js`), because a minifier
 * would rewrite them into what gpu.js does not read.
 *
 * Rules that every body keeps, because gpu.js reads text:
 * - Device functions are called as `this.name(…)`, which has a type and needs no import; {@link sourceOf} turns the call
 *   into a plain one.
 * - Whole numbers stay whole numbers only in arguments of kind "integer", in loop counters that grow by `++`, and in
 *   `this.thread.x`; a `const` made from them, or a counter that grows otherwise, becomes a float, exact to 2²⁴ only.
 *   So index arithmetic is written inline or in device functions of kind "integer".
 * - No two loops of one body share a counter's name: the CPU mode declares both in one scope.
 * - No `Infinity` and no `NaN` in the text: WGSL has neither. They arrive as data.
 */

import { DeviceError } from "../../errors.js";

/** An argument or result of a device function. */
export type ScalarKind = "number" | "integer";

/** An argument of a kernel. An "operand" is two: an array and the offset of its first element. */
export type ArgumentKind = ScalarKind | "operand";

/** The scalar functions that kernels call. Each is written once, in this folder, and compiled into every kernel that uses it. */
export interface DeviceFunctions {
  /** The whole part of a number, as an integer. */
  whole(x: number): number;
  /** ⌊a / b⌋ for whole a ≥ 0, b > 0. */
  quotient(a: number, b: number): number;
  /** a − b ⌊a / b⌋. */
  remainder(a: number, b: number): number;
  nearest(a: number, b: number, guess: number): number;
  refined(a: number, b: number, guess: number): number;
  /** 1 for a number, 0 for NaN. */
  isNumber(x: number): number;
  /** The smaller of two whole numbers. */
  least(a: number, b: number): number;
  /** Where the i-th element of a broadcast or permuted array lies: Σ indexₐ strideₐ, counted from the innermost axis. */
  place(i: number, n0: number, n1: number, s0: number, s1: number, s2: number): number;
  scale(x: number, n: number): number;
  power(x: number): number;
  reduced(x: number, n: number): number;
  expSeries(r: number): number;
  exp(x: number): number;
  expm1(x: number): number;
  log1pSeries(f: number, carry: number): number;
  log(x: number): number;
  log1p(x: number): number;
  exponent(x: number): number;
  positivePower(x: number, y: number): number;
  magnitudePower(x: number, y: number): number;
  pow(x: number, y: number): number;
  leading(x: number): number;
  /** exp(x − max) without the rounding of the difference. */
  expDifference(x: number, max: number): number;
  tanh(x: number): number;
  sigmoid(x: number): number;
  softplus(x: number): number;
  /** scale g + weightDecay p */
  slope(g: number, p: number, scale: number, weightDecay: number): number;
  /** The scalar function that a map kernel applies, or its gradient from x, y and that of y. */
  f(x: number): number;
  gradient(x: number, y: number, gy: number): number;
  /** The scalar function that a zip kernel applies. */
  combine(x: number, y: number): number;
}

/** `this` inside a kernel's body. */
export interface KernelThis extends DeviceFunctions {
  readonly thread: { readonly x: number };
}

/** Bodies differ in their parameters; only their source text is used, and in the built library they are that text. */
type Body<This> = ((this: This, ...parameters: never[]) => number | number[]) | string;

export interface DeviceFunction {
  readonly name: keyof DeviceFunctions;
  readonly body: Body<DeviceFunctions>;
  readonly parameters: readonly ScalarKind[];
  readonly result: ScalarKind;
  readonly uses: readonly DeviceFunction[];
  /** What stands for it where every number is a double, as in gpu.js's CPU mode. */
  readonly inDouble?: DeviceFunction;
}

export interface Kernel {
  /** Unique: the key of the kernel cache. */
  readonly name: string;
  readonly body: Body<KernelThis>;
  readonly parameters: readonly ArgumentKind[];
  readonly uses: readonly DeviceFunction[];
  /** How many neighbouring elements one thread computes; above 1 the body returns an array of that many. */
  readonly width: 1 | 2 | 4;
}

/** A device function of numbers to a number. `uses` names the device functions it calls. */
export function deviceFunction(
  name: keyof DeviceFunctions,
  body: Body<DeviceFunctions>,
  { uses = [], parameters, result = "number" }: Partial<Pick<DeviceFunction, "uses" | "parameters" | "result">> = {},
): DeviceFunction {
  return { name, body, uses, result, parameters: parameters ?? parametersOf(textOf(body)).map(() => "number") };
}

/** A kernel; `parameters` lists the kinds of its arguments in order, an operand standing for the pair (array, offset). */
export function kernel(
  name: string,
  body: Body<KernelThis>,
  parameters: readonly ArgumentKind[],
  uses: readonly DeviceFunction[] = [],
  width: 1 | 2 | 4 = 1,
): Kernel {
  return { name, body, parameters, uses, width };
}

/** The device functions a kernel needs, its own and theirs, each once; `doubles`: those for doubles where there are such. */
export function reachable(uses: readonly DeviceFunction[], doubles: boolean): DeviceFunction[] {
  const found = new Map<string, DeviceFunction>();
  const visit = (written: DeviceFunction): void => {
    const fn = doubles ? (written.inDouble ?? written) : written;
    if (found.has(fn.name)) return;
    found.set(fn.name, fn);
    fn.uses.forEach(visit);
  };
  uses.forEach(visit);
  return [...found.values()];
}

/** What {@link textOf} looks at to tell whether a minifier was here. */
function untouched(asWritten: number): number {
  return asWritten;
}

function textOf(body: Body<never>): string {
  if (typeof body === "function" && !untouched.toString().includes("asWritten")) {
    throw new DeviceError(
      "gpu: a minifier has rewritten the kernels: bundle the built library, or use the plugin in scripts/kernel-text.js",
    );
  }
  return body.toString();
}

const parametersOf = (text: string): string[] => text.slice(text.indexOf("(") + 1, text.indexOf(")")).split(",");

/** The name of a device function in the device's language, where exp and the like are taken. */
export const deviceName = (fn: DeviceFunction): string => `${fn.name}OnDevice`;

/**
 * The text of a body as a function of the given name for gpu.js, with `this.f(…)` as `fOnDevice(…)`.
 * `wholeInline`: with `this.whole(…)` as `(0 | …)` instead, which costs no call where bits are the device's own; GLSL gets
 * them from gpu.js by a loop over all 32.
 */
export function sourceOf(
  body: Body<never>,
  callable: readonly DeviceFunction[],
  { name = "", wholeInline }: { name?: string; wholeInline: boolean },
): string {
  const text = textOf(body);
  const named = `function ${name}${text.slice(text.indexOf("("))}`;
  const inlined = wholeInline ? named.replace(/\bthis\.whole\(/g, "(0 | ") : named;
  return callable.reduce(
    (source, fn) => source.replace(new RegExp(`\\bthis\\.${fn.name}\\(`, "g"), `${deviceName(fn)}(`),
    inlined,
  );
}

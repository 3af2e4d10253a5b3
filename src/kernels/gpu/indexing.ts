/** Whole-number arithmetic on the device, where division is a float division that may be off in the last digits. */
import type { MergedAxis } from "../strides.js";
import { type DeviceFunction, type DeviceFunctions, deviceFunction } from "./kernel.js";

/** gpu.js truncates a number where an integer is expected; the CPU mode does not, hence the explicit trunc. */
export const whole = deviceFunction(
  "whole",
  function whole(this: DeviceFunctions, x: number): number {
    return x;
  },
  { parameters: ["integer"], result: "integer" },
);

/** The quotient of whole numbers, given a guess at most one off. */
const nearest = deviceFunction(
  "nearest",
  function nearest(this: DeviceFunctions, a: number, b: number, guess: number): number {
    if (a - guess * b < 0) {
      return guess - 1;
    }
    if (a - guess * b >= b) {
      return guess + 1;
    }
    return guess;
  },
  { parameters: ["integer", "integer", "integer"], result: "integer" },
);

/** A guess from a 24-bit division is far off for large a: the quotient of what is left over brings it within one. */
const refined = deviceFunction(
  "refined",
  function refined(this: DeviceFunctions, a: number, b: number, guess: number): number {
    return this.nearest(a, b, guess + this.whole(Math.floor((a - guess * b) / b + 0.5)));
  },
  { parameters: ["integer", "integer", "integer"], result: "integer", uses: [nearest, whole] },
);

/** A double holds such a and b, and its division is never off by enough to reach the next whole number. */
const quotientInDouble = deviceFunction(
  "quotient",
  function quotient(this: DeviceFunctions, a: number, b: number): number {
    return Math.floor(a / b);
  },
  { parameters: ["integer", "integer"], result: "integer" },
);

/** ⌊a / b⌋ for whole 0 ≤ a < 2³¹ and b > 0, exact however the device rounds a division. */
export const quotient: DeviceFunction = {
  ...deviceFunction(
    "quotient",
    function quotient(this: DeviceFunctions, a: number, b: number): number {
      return this.refined(a, b, Math.floor(a / b));
    },
    { parameters: ["integer", "integer"], result: "integer", uses: [refined] },
  ),
  inDouble: quotientInDouble,
};

/** a mod b for the same a and b. */
export const remainder = deviceFunction(
  "remainder",
  function remainder(this: DeviceFunctions, a: number, b: number): number {
    return a - this.quotient(a, b) * b;
  },
  { parameters: ["integer", "integer"], result: "integer", uses: [quotient] },
);

export const least = deviceFunction(
  "least",
  function least(this: DeviceFunctions, a: number, b: number): number {
    if (a < b) {
      return a;
    }
    return b;
  },
  { parameters: ["integer", "integer"], result: "integer" },
);

const sixIntegers = ["integer", "integer", "integer", "integer", "integer", "integer"] as const;

/**
 * The place of element i of an array [n₂, n₁, n₀] whose axes lie s₂, s₁, s₀ apart, one function for each number of axes
 * that matter: a division costs more than everything else a small kernel does.
 */
export const places = [
  deviceFunction(
    "place",
    function place(
      this: DeviceFunctions,
      i: number,
      _n0: number,
      _n1: number,
      s0: number,
      _s1: number,
      _s2: number,
    ): number {
      return i * s0;
    },
    { parameters: sixIntegers, result: "integer" },
  ),
  deviceFunction(
    "place",
    function place(
      this: DeviceFunctions,
      i: number,
      n0: number,
      _n1: number,
      s0: number,
      s1: number,
      _s2: number,
    ): number {
      return this.remainder(i, n0) * s0 + this.quotient(i, n0) * s1;
    },
    { parameters: sixIntegers, result: "integer", uses: [remainder, quotient] },
  ),
  deviceFunction(
    "place",
    function place(
      this: DeviceFunctions,
      i: number,
      n0: number,
      n1: number,
      s0: number,
      s1: number,
      s2: number,
    ): number {
      return (
        this.remainder(i, n0) * s0 +
        this.remainder(this.quotient(i, n0), n1) * s1 +
        this.quotient(this.quotient(i, n0), n1) * s2
      );
    },
    { parameters: sixIntegers, result: "integer", uses: [remainder, quotient] },
  ),
] as const;

/** The arguments that `place` takes for up to three merged axes: their sizes but the outermost's, and one operand's strides. */
export const innerSizes = (axes: readonly MergedAxis[]): [n0: number, n1: number] => [axes[0].size, axes[1]?.size ?? 1];
export const stridesOf = (axes: readonly MergedAxis[], operand: number): [s0: number, s1: number, s2: number] => [
  axes[0].strides[operand],
  axes[1]?.strides[operand] ?? 0,
  axes[2]?.strides[operand] ?? 0,
];

import { afterAll, expect } from "vitest";
import type { Backend } from "../../../src/kernels/backend.js";
import { referenceBackend } from "../../../src/kernels/reference/backend.js";
import { type DType, type NumberArray, type Operand, type Storage, sizeOf } from "../../../src/kernels/storage.js";
import { wasmBackend } from "../../../src/kernels/wasm/backend.js";

/** A small generator of its own, so that every run sees the same numbers. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** An operand before it is given to a back end. */
export interface Numbers {
  readonly data: Float32Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
}

/** Float32 numbers of a shape, spread evenly over (−range, range). */
export function floats(shape: readonly number[], seed: number, range = 2): Numbers {
  const next = randomNumbers(seed);
  return { data: Float32Array.from({ length: sizeOf(shape) }, () => (2 * next() - 1) * range), shape };
}

/** Integers in [0, limit). */
export function indices(shape: readonly number[], seed: number, limit: number): Numbers {
  const next = randomNumbers(seed);
  return { data: Int32Array.from({ length: sizeOf(shape) }, () => Math.floor(next() * limit)), shape };
}

/** Bools, true with the given probability. */
export function bools(shape: readonly number[], seed: number, probability = 0.7): Numbers {
  const next = randomNumbers(seed);
  return { data: Uint8Array.from({ length: sizeOf(shape) }, () => (next() < probability ? 1 : 0)), shape };
}

const dtypeOf = (data: Numbers["data"], float: DType): DType =>
  data instanceof Float32Array ? float : data instanceof Int32Array ? "int32" : "bool";

/** Uploads into the middle of a larger storage, so that offsets count and neighbours can be seen to stay untouched. */
function place(backend: Backend, { data, shape }: Numbers): Operand {
  const around = new (data.constructor as new (n: number) => Numbers["data"])(data.length + 8).fill(1);
  around.set(data, 3);
  // Integers and bools on the CPU come from the reference back end; the float32 one copies them in.
  const owner = data instanceof Float32Array ? backend : referenceBackend();
  const storage = owner.upload(around, dtypeOf(data, backend.float));
  storage.retain();
  return { storage, offset: 3, shape };
}

const wholeOf = (storage: Storage): Operand => ({ storage, offset: 0, shape: [storage.length] });

/** Distance from x to the next larger float32 in magnitude; x as float64. */
export function ulpOf(x: number): number {
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(x) || 2 ** -126)));
  return 2 ** (Math.min(exponent, 127) - 23);
}

/** |actual − expected| in units in the last place of the expected value, or of `scale` where that is larger. */
export function ulpError(actual: number, expected: number, scale = 0): number {
  if (Object.is(actual, expected) || actual === expected) return 0;
  if (Number.isNaN(expected)) return Number.isNaN(actual) ? 0 : Infinity;
  const rounded = Math.fround(expected);
  if (!Number.isFinite(rounded)) return actual === rounded ? 0 : Infinity;
  return Math.abs(actual - expected) / ulpOf(Math.max(Math.abs(expected), scale));
}

const worst = new Map<string, { error: number; at: string }>();

/** Prints the worst error of each kernel when a file's tests are done. */
export function reportUlp(title: string): void {
  afterAll(() => {
    const rows = [...worst].sort(([a], [b]) => a.localeCompare(b));
    const lines = rows.map(([name, { error, at }]) => `  ${name.padEnd(24)} ${error.toFixed(2).padStart(8)}   ${at}`);
    console.log(`${title}: worst error in ulp\n${lines.join("\n")}`);
  });
}

interface Options {
  /** Largest error in ulp. */
  ulp: number;
  /** Measures against the largest magnitude of the result (sums whose terms cancel), not against each element. */
  relativeToLargest?: boolean;
  /** The least magnitude to measure against: what the terms of a sum reach that happens to come out near 0. */
  floor?: number;
  /** Where the error was found, for the report. */
  at?: string;
}

/** Runs one kernel on both CPU back ends with the same numbers and compares what comes out, and what is left in the operands. */
export function compare(
  name: string,
  operands: readonly Numbers[],
  run: (backend: Backend, operands: Operand[]) => Storage | readonly Storage[] | undefined,
  { ulp, relativeToLargest = false, floor = 0, at = operands.map((x) => `[${x.shape}]`).join(" ") }: Options,
): void {
  const results = [wasmBackend(), referenceBackend()].map((backend) => {
    const placed = operands.map((x) => place(backend, x));
    const out = run(backend, placed);
    const outputs: readonly Storage[] = out === undefined ? [] : "dtype" in out ? [out] : out;
    const arrays = [...outputs.map(wholeOf), ...placed.map(({ storage }) => wholeOf(storage))].map((x) =>
      backend.readSync(x),
    );
    for (const storage of outputs) {
      storage.retain();
      storage.release();
    }
    for (const { storage } of placed) storage.release();
    return arrays;
  });
  results[0].forEach((actual, i) => {
    compareArrays(`${name} (${at}), array ${i}`, name, at, actual, results[1][i], ulp, relativeToLargest, floor);
  });
}

function compareArrays(
  title: string,
  name: string,
  at: string,
  actual: NumberArray,
  expected: NumberArray,
  ulp: number,
  relativeToLargest: boolean,
  floor: number,
): void {
  expect(actual.length, title).toBe(expected.length);
  let scale = floor;
  if (relativeToLargest) for (const x of expected) if (Number.isFinite(x)) scale = Math.max(scale, Math.abs(x));
  let largest = 0;
  let index = 0;
  for (let i = 0; i < actual.length; i++) {
    const error = ulpError(actual[i], expected[i], scale);
    if (!(error <= largest)) {
      largest = error;
      index = i;
    }
  }
  if (largest > (worst.get(name)?.error ?? -1)) worst.set(name, { error: largest, at });
  expect(largest, `${title}: element ${index} is ${actual[index]}, not ${expected[index]}`).toBeLessThanOrEqual(ulp);
}

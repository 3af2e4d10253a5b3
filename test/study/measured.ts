import { expect } from "vitest";
import { encodePairs } from "../../src/data/batches.js";
import type { Translator } from "../../src/models/translator.js";
import { Trace, type TraceOptions } from "../../src/study/trace.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { sentence, vocabularies } from "./small-model.js";

export const [pair] = encodePairs([sentence], vocabularies.source, vocabularies.target);

/** A trace of the small sentence with its loss, and its numbers in plain arrays. */
export function measure(model: Translator, options: TraceOptions = {}) {
  const trace = new Trace(model, pair, options);
  const loss = trace.loss();
  return {
    trace,
    loss,
    words: Array.from({ length: trace.sourceLength }, (_, j) => j),
    /** Values of a decoder site at every step. */
    values: (name: string): number[][] => trace.steps(name).map((site) => list(trace.value(site))),
    gradients: (name: string): number[][] => trace.gradients(loss, trace.steps(name)).map(list),
    /** h [S][2H] */
    states: matrix(trace.value("encoder.h").at(0)),
  };
}

/** A tensor's numbers; fails on a gradient that does not exist. */
export const list = (tensor: Tensor | null): number[] => {
  expect(tensor).not.toBeNull();
  return [...(tensor as Tensor).dataSync()];
};

export const matrix = (tensor: Tensor): number[][] => tensor.arraySync() as number[][];

export const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
export const scale = (a: readonly number[], factor: number): number[] => a.map((x) => x * factor);
export const plus = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => x + b[i]);
export const total = (vectors: readonly number[][]): number[] => vectors.reduce(plus);
/** M·x */
export const times = (m: readonly number[][], x: readonly number[]): number[] => m.map((row) => dot(row, x));
/** Mᵀ·x */
export const transposedTimes = (m: readonly number[][], x: readonly number[]): number[] =>
  total(m.map((row, i) => scale(row, x[i])));

/** Holds two lists of numbers equal to 1e-10. */
export function expectEqual(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const worst = Math.max(...expected.map((x, i) => Math.abs(x - actual[i])));
  expect(worst).toBeLessThan(1e-10);
}

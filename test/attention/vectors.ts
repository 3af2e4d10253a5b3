/** Vectors and matrices as plain arrays: arithmetic that shares nothing with the engine under test. */
export type Vector = readonly number[];
export type Matrix = readonly Vector[];

export const dot = (x: Vector, y: Vector): number => x.reduce((sum, value, i) => sum + value * y[i], 0);
export const plus = (x: Vector, y: Vector): Vector => x.map((value, i) => value + y[i]);
export const minus = (x: Vector, y: Vector): Vector => x.map((value, i) => value - y[i]);
export const times = (x: Vector, y: Vector): Vector => x.map((value, i) => value * y[i]);
export const scaled = (c: number, x: Vector): Vector => x.map((value) => c * value);
export const total = (vectors: Matrix): Vector => vectors.reduce(plus);
export const norm = (x: Vector): number => Math.sqrt(dot(x, x));
export const column = (m: Matrix, j: number): Vector => m.map((row) => row[j]);
/** m·x */
export const apply = (m: Matrix, x: Vector): Vector => m.map((row) => dot(row, x));
/** mᵀ·x */
export const applyTransposed = (m: Matrix, x: Vector): Vector => total(m.map((row, i) => scaled(x[i], row)));
/** x yᵀ */
export const outer = (x: Vector, y: Vector): Matrix => x.map((value) => scaled(value, y));

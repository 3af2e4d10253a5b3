/**
 * Compares a back end with the float64 reference, operation by operation, and says how many units in the last place
 * of float32 it is off. Runs in Node and in a browser; it only computes, the caller prints.
 */
import type { Backend } from "../backend.js";
import { arrayTypes, type NumberArray, type Operand, type Storage, sizeOf } from "../storage.js";
import { parityCases } from "./cases.js";

/**
 * The numbers of one case, the same for every back end that asks. A back end that runs after another one starts again
 * with the same seed.
 */
export class Inputs {
  #state = 0x9e3779b9;

  /** `kind` changes every float number: as it is, its magnitude, or 0 if it is denormal. */
  constructor(
    readonly backend: Backend,
    readonly kind: "given" | "magnitudes" | "flushed" = "given",
  ) {}

  /** Uniform in [0, 1): mulberry32. */
  #uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  #change(value: number): number {
    if (this.kind === "magnitudes") return Math.abs(value);
    return this.kind === "flushed" && Math.abs(value) < smallestNormal ? 0 * value : value;
  }

  /** Numbers of float32, random in ±range unless given, in a storage that has `offset` other numbers before them and one after. */
  float(
    shape: readonly number[],
    { range = 2, values, offset = 0 }: { range?: number; values?: readonly number[]; offset?: number } = {},
  ): Operand {
    const size = sizeOf(shape);
    const data = new Float64Array(offset + size + (offset > 0 ? 1 : 0)).fill(7);
    for (let i = 0; i < size; i++) {
      const value = values ? values[i % values.length] : (2 * this.#uniform() - 1) * range;
      data[offset + i] = this.#change(Math.fround(value));
    }
    return { storage: this.backend.upload(data, this.backend.float), offset, shape };
  }

  /** int32 numbers below `below`, or the given ones. */
  integers(shape: readonly number[], { below, values }: { below?: number; values?: readonly number[] }): Operand {
    const size = sizeOf(shape);
    const data = Int32Array.from({ length: size }, (_, i) =>
      values ? values[i % values.length] : Math.floor(this.#uniform() * (below ?? 1)),
    );
    return { storage: this.backend.upload(data, "int32"), offset: 0, shape };
  }

  /** bool, true with the given chance or as given. */
  bools(shape: readonly number[], { chance = 0.6, values }: { chance?: number; values?: readonly number[] }): Operand {
    const size = sizeOf(shape);
    const data = Uint8Array.from({ length: size }, (_, i) =>
      values ? values[i % values.length] : Number(this.#uniform() < chance),
    );
    return { storage: this.backend.upload(data, "bool"), offset: 0, shape };
  }
}

/** One comparison. */
export interface ParityCase {
  /** What the case is about, as it is printed: shapes and values. */
  readonly label: string;
  /** The row of the table, where it is not the method's name. */
  readonly row?: string;
  /** How many units in the last place the result may be off. */
  readonly ulp: number;
  /** Runs the operation and returns every storage that it made or changed. */
  readonly run: (backend: Backend, input: Inputs) => readonly Storage[];
  /**
   * What a unit in the last place is taken of, where the result alone would be too strict because it is a difference of
   * larger numbers: the same operation on the magnitudes of its inputs, or arrays as large as the terms.
   */
  readonly scale?: "magnitudes" | ((reference: Backend, input: Inputs) => readonly Storage[]);
  /** Denormal inputs may be taken as 0, as most GPUs do. */
  readonly denormals?: boolean;
}

/** What one operation came to. */
export interface ParityRow {
  readonly operation: string;
  readonly cases: number;
  /** The largest error and what is allowed, in units in the last place. */
  readonly ulp: number;
  readonly bound: number;
  /** The case of the largest error, with the element. */
  readonly worst: string;
  readonly failures: readonly string[];
}

const smallestNormal = 2 ** -126;

/** The distance between neighbouring float32 numbers at x. */
const unitAt = (x: number): number => 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), smallestNormal))) - 23);

/** How far off a float32 result is, in units of the larger of truth and scale; Infinity where one is no number and the other is. */
export function unitsOff(found: number, truth: number, scale: number): number {
  const rounded = Math.fround(truth);
  if (Object.is(found, rounded) || found === rounded) return 0;
  if (!Number.isFinite(found) || !Number.isFinite(truth)) return Number.POSITIVE_INFINITY;
  // What rounds to Infinity may stop just short of it, and a denormal result may be 0.
  if (!Number.isFinite(rounded)) return Math.abs(found) > 3.4028e38 && found * truth > 0 ? 0 : Number.POSITIVE_INFINITY;
  if (Math.abs(found - truth) <= smallestNormal && Math.abs(truth) <= smallestNormal) return 0;
  return Math.abs(found - truth) / unitAt(Math.max(Math.abs(truth), Number.isFinite(scale) ? scale : 0));
}

async function numbersOf(backend: Backend, storages: readonly Storage[]): Promise<NumberArray[]> {
  const operands = storages.map((storage) => ({ storage, offset: 0, shape: [storage.length] }));
  return Promise.all(operands.map((operand) => backend.read(operand)));
}

/** The largest error of one case, and where it is. */
export async function compareCase(
  backend: Backend,
  reference: Backend,
  { run, scale, denormals = false }: ParityCase,
): Promise<{ ulp: number; where: string }> {
  const scaleOf = scale === "magnitudes" ? run : scale;
  const found = await numbersOf(backend, run(backend, new Inputs(backend)));
  const truths = [await numbersOf(reference, run(reference, new Inputs(reference)))];
  if (denormals) truths.push(await numbersOf(reference, run(reference, new Inputs(reference, "flushed"))));
  const kind = scale === "magnitudes" ? "magnitudes" : "given";
  const scales = scaleOf ? await numbersOf(reference, scaleOf(reference, new Inputs(reference, kind))) : null;
  let ulp = 0;
  let where = "";
  for (let part = 0; part < found.length; part++) {
    if (!(found[part] instanceof arrayTypes.float32) && found[part].constructor !== truths[0][part].constructor) {
      return { ulp: Number.POSITIVE_INFINITY, where: `result ${part} has another dtype` };
    }
    for (let i = 0; i < found[part].length; i++) {
      const size = Math.abs(scales?.[part][i] ?? 0);
      const off = Math.min(...truths.map((truth) => unitsOff(found[part][i], truth[part][i], size)));
      if (off > ulp || Number.isNaN(off)) {
        ulp = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
        where = `result ${part} [${i}] = ${found[part][i]}, truth ${truths[0][part][i]}`;
      }
    }
    if (found[part].length !== truths[0][part].length)
      return { ulp: Number.POSITIVE_INFINITY, where: "another length" };
  }
  return { ulp, where };
}

/** Runs every case, or those of the operations that `only` accepts, and gives a row an operation. */
export async function parity(
  backend: Backend,
  reference: Backend,
  { only = () => true, onRow }: { only?: (operation: string) => boolean; onRow?: (row: ParityRow) => void } = {},
): Promise<ParityRow[]> {
  const groups = new Map<string, ParityCase[]>();
  for (const [method, cases] of Object.entries(parityCases)) {
    for (const one of cases) {
      const operation = one.row ?? method;
      if (only(operation)) groups.set(operation, [...(groups.get(operation) ?? []), one]);
    }
  }
  const rows: ParityRow[] = [];
  for (const [operation, cases] of groups) {
    let row: ParityRow = { operation, cases: cases.length, ulp: 0, bound: 0, worst: "", failures: [] };
    for (const one of cases) {
      const { ulp, where } = await compareCase(backend, reference, one).catch((error: unknown) => ({
        ulp: Number.POSITIVE_INFINITY,
        where: error instanceof Error ? error.message : String(error),
      }));
      const failed = ulp > one.ulp ? [`${one.label}: ${ulp.toFixed(2)} ulp (allowed ${one.ulp}): ${where}`] : [];
      row = {
        ...row,
        ulp: Math.max(row.ulp, ulp),
        bound: Math.max(row.bound, one.ulp),
        worst: ulp > row.ulp ? `${one.label}: ${where}` : row.worst,
        failures: [...row.failures, ...failed],
      };
    }
    rows.push(row);
    onRow?.(row);
  }
  return rows;
}

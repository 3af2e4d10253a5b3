import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { referenceBackend } from "../../../src/kernels/reference/backend.js";
import { arrayTypes, type DType, HostStorage, type NumberArray, type Operand } from "../../../src/kernels/storage.js";

/** A tensor as the fixture writes it: NaN and the infinities are strings. */
interface Expected {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

interface Case {
  readonly family: string;
  readonly title: string;
  readonly kernel: string;
  readonly args: readonly unknown[];
  readonly results: readonly Expected[];
  readonly after: Readonly<Record<string, Expected>>;
}

const fixture = new URL("../../fixtures/reference.json", import.meta.url);
const cases: readonly Case[] = JSON.parse(readFileSync(fixture, "utf8"));

/** Plain float64 arithmetic in another order of summation: a few rounding errors, no more. */
const tolerance = 1e-12;

/** A storage that is not the back end's own, as the float32 back end's are. */
export class ForeignStorage extends HostStorage {
  constructor(
    dtype: DType,
    readonly numbers: NumberArray,
  ) {
    super(dtype, numbers.length);
  }

  override array(): NumberArray {
    return this.numbers;
  }

  protected override free(): void {}
}

export function foreign(dtype: DType, data: readonly number[], shape: readonly number[] = [data.length]): Operand {
  return { storage: new ForeignStorage(dtype, arrayTypes[dtype].from(data)), offset: 0, shape };
}

/** An operand of the reference back end. */
export function operand(dtype: DType, data: readonly number[], shape: readonly number[] = [data.length]): Operand {
  return { storage: referenceBackend().upload(arrayTypes[dtype].from(data), dtype), offset: 0, shape };
}

/** The same numbers from the second element of a larger storage that another back end owns; its edges hold 77. */
function within(dtype: DType, data: readonly number[], shape: readonly number[] = [data.length]): Operand {
  return { ...foreign(dtype, [77, 77, ...data, 77]), offset: 2, shape };
}

const isTensor = (value: object): value is Expected => "dtype" in value && "data" in value;
const isIndexList = (value: object): value is { int32: number[] } => "int32" in value;

/** A fixture's argument as the kernel takes it: tensors become operands, however deep they lie. */
function revive(value: unknown, place: typeof operand, tensors: Operand[]): unknown {
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => revive(item, place, tensors));
  if (isIndexList(value)) return Int32Array.from(value.int32);
  if (isTensor(value)) {
    const made = (value.dtype === "float32" ? foreign : place)(value.dtype, value.data.map(Number), value.shape);
    tensors.push(made);
    return made;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revive(item, place, tensors)]));
}

export function expectNumbers(actual: NumberArray, expected: readonly (number | string)[], exact: boolean): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const want = Number(expected[i]);
    if (exact || !Number.isFinite(want)) expect(actual[i], `element ${i}`).toEqual(want === 0 ? 0 : want);
    else expect(Math.abs(actual[i] - want), `element ${i}: ${actual[i]} ≠ ${want}`).toBeLessThanOrEqual(bound(want));
  }
}

const bound = (want: number): number => tolerance * Math.max(1, Math.abs(want));

/** The kernel named in a fixture. The fixture's names are strings, so its type cannot be known here. */
function kernel(name: string): (...args: unknown[]) => unknown {
  const method: unknown = Reflect.get(referenceBackend(), name);
  if (typeof method !== "function") throw new TypeError(`no kernel named ${name}`);
  return (...args) => Reflect.apply(method, referenceBackend(), args);
}

function runCase(item: Case, place: typeof operand): void {
  const tensors: Operand[] = [];
  const args = item.args.map((arg) => revive(arg, place, tensors));
  const at = (path: string): Operand =>
    path.split(".").reduce<unknown>((value, key) => Reflect.get(value as object, key), args) as Operand;
  const written = Object.keys(item.after).map(at);
  const whole = (x: Operand): NumberArray =>
    referenceBackend().readSync({ ...x, offset: 0, shape: [x.storage.length] });
  const before = tensors.map((x) => ({ numbers: whole(x), version: x.storage.version }));

  const returned = kernel(item.kernel)(...args);
  const results = (Array.isArray(returned) ? returned : [returned]) as HostStorage[];

  item.results.forEach((want, i) => {
    expect(results[i].dtype).toBe(want.dtype);
    expectNumbers(results[i].array(), want.data, want.dtype !== "float64");
  });
  for (const [path, want] of Object.entries(item.after)) {
    const x = at(path);
    expectNumbers(referenceBackend().readSync(x), want.data, want.dtype !== "float64");
  }
  tensors.forEach((x, i) => {
    if (written.includes(x)) {
      expect(x.storage.version).toBeGreaterThan(before[i].version);
      if (x.offset > 0) {
        expect([...whole(x).slice(0, 2), whole(x).at(-1)]).toEqual([
          ...before[i].numbers.slice(0, 2),
          before[i].numbers.at(-1),
        ]);
      }
    } else {
      expect(x.storage.version).toBe(before[i].version);
      expect(whole(x)).toEqual(before[i].numbers);
    }
  });
}

/** Runs the fixture's cases of one family, each on storages of its own and on parts of larger storages of another back end. */
export function runCases(family: string): void {
  const own = cases.filter((item) => item.family === family).map((item) => [item.title, item] as const);
  describe(`${family} gives what NumPy and PyTorch give`, () => {
    test.each(own)("%s", (_title, item) => runCase(item, operand));
  });
  describe(`${family} takes parts of larger storages that another back end owns`, () => {
    test.each(own)("%s", (_title, item) => runCase(item, within));
  });
}

/** The kernels that the fixture calls. */
export const kernelsWithCases: ReadonlySet<string> = new Set(cases.map((item) => item.kernel));

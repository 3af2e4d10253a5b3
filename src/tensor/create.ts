import { DTypeError, ShapeError } from "../errors.js";
import type { Backend } from "../kernels/backend.js";
import { arrayTypes, type DType, type NumberArray, type Storage } from "../kernels/storage.js";
import { backendOf, type Device, defaults, isFloat } from "./devices.js";
import { type Random, sharedRandom } from "./random.js";
import { checkShape, type Shape, showShape, sizeOf } from "./shape.js";
import { type NestedArray, Tensor } from "./tensor.js";

/** What every creation function takes. */
export interface TensorOptions {
  /** Where none is given: the data's own for typed arrays and booleans, else the default (`float32`). */
  dtype?: DType;
  device?: Device;
  /** Ask for this tensor's gradient. Floats only. */
  requiresGrad?: boolean;
  name?: string;
}

/** Wraps what a back end makes. */
function wrap(make: (kernels: Backend) => Storage, shape: Shape, dtype: DType, options: TensorOptions): Tensor {
  if (options.requiresGrad && !isFloat(dtype)) {
    throw new DTypeError(`tensor: ${dtype} has no gradient: use float32 or float64, or leave out requiresGrad`);
  }
  const device = options.device ?? defaults().device;
  const created = new Tensor(make(backendOf(device, dtype)), shape, device);
  created.requiresGrad = options.requiresGrad ?? false;
  created.name = options.name;
  return created;
}

/** Uploads numbers and wraps them. */
const make = (data: NumberArray, shape: Shape, dtype: DType, options: TensorOptions): Tensor =>
  wrap((kernels) => kernels.upload(data, dtype), shape, dtype, options);

function nestedShape(data: NestedArray): number[] {
  const shape: number[] = [];
  for (let level: NestedArray = data; Array.isArray(level); level = level[0] as NestedArray) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

/** Flattens nested arrays, and raises where a row is longer, shorter or deeper than the first. */
function flatten(data: NestedArray, shape: Shape): (number | boolean)[] {
  const flat: (number | boolean)[] = [];
  const visit = (level: NestedArray, axis: number, path: string): void => {
    if (axis === shape.length) {
      if (typeof level !== "number" && typeof level !== "boolean") {
        const found = Array.isArray(level) ? "an array" : `${level === null ? "null" : typeof level}`;
        throw new ShapeError(`tensor: data${path} is ${found} where a number is expected`);
      }
      flat.push(level);
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[axis]) {
      const found = Array.isArray(level) ? `${level.length} elements` : `a ${typeof level}`;
      throw new ShapeError(
        `tensor: ragged data: data${path} has ${found}, but its first sibling has ${shape[axis]}: every row must be alike`,
      );
    }
    for (let i = 0; i < level.length; i++) visit(level[i] as NestedArray, axis + 1, `${path}[${i}]`);
  };
  visit(data, 0, "");
  return flat;
}

const dtypeOfArray = (data: NumberArray): DType | null => {
  const dtypes = Object.keys(arrayTypes) as DType[];
  return dtypes.find((dtype) => data instanceof arrayTypes[dtype]) ?? null;
};

/** Raises unless there is such a dtype. */
export function checkDType(operation: string, dtype: DType): void {
  if (Object.hasOwn(arrayTypes, dtype)) return;
  throw new DTypeError(`${operation}: no dtype "${dtype}": there are ${Object.keys(arrayTypes).join(", ")}`);
}

function checkValues(values: ArrayLike<number | boolean>, dtype: DType): void {
  if (dtype !== "int32") return;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (value !== (value | 0)) throw new DTypeError(`tensor: ${value} at position ${i} is no int32: use a float dtype`);
  }
}

/**
 * A tensor of the given numbers: a number, nested arrays, or a typed array with `shape` in the options.
 * Raises {@link ShapeError} on ragged data and {@link DTypeError} where a value does not fit the dtype.
 */
export function tensor(data: NestedArray | NumberArray, options: TensorOptions & { shape?: Shape } = {}): Tensor {
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) {
    const shape = filled(options.shape ?? [data.length], data.length);
    const own = dtypeOfArray(data);
    const dtype = options.dtype ?? own;
    if (dtype === null) throw new DTypeError(`tensor: say which dtype the numbers of a ${data.constructor.name} get`);
    checkDType("tensor", dtype);
    checkValues(data, dtype);
    return make(dtype === own ? data : convert(data, dtype), shape, dtype, options);
  }
  if (typeof data !== "number" && typeof data !== "boolean" && !Array.isArray(data)) {
    throw new DTypeError(
      `tensor: data must be a number, nested arrays or a typed array, got ${data === null ? "null" : typeof data}`,
    );
  }
  const own = nestedShape(data);
  const flat = flatten(data, own);
  const dtype = options.dtype ?? (typeof flat[0] === "boolean" ? "bool" : defaults().dtype);
  checkDType("tensor", dtype);
  checkValues(flat, dtype);
  return make(convert(flat, dtype), filled(options.shape ?? own, flat.length), dtype, options);
}

/** A shape that so many numbers fill; else raises. */
function filled(shape: Shape, count: number): Shape {
  checkShape("tensor", shape);
  if (sizeOf(shape) === count) return shape;
  throw new ShapeError(`tensor: ${count} numbers do not fill shape ${showShape(shape)} (${sizeOf(shape)})`);
}

function convert(values: ArrayLike<number | boolean>, dtype: DType): NumberArray {
  const array = new arrayTypes[dtype](values.length);
  for (let i = 0; i < values.length; i++) array[i] = dtype === "bool" ? (values[i] ? 1 : 0) : Number(values[i]);
  return array;
}

/** The dtype to create; raises where it or the shape is none. */
function checkedDType(operation: string, shape: Shape, options: TensorOptions): DType {
  checkShape(operation, shape);
  const dtype = options.dtype ?? defaults().dtype;
  checkDType(operation, dtype);
  return dtype;
}

/** Fills a new array by index and uploads it. */
function generate(operation: string, shape: Shape, options: TensorOptions, value: (i: number) => number): Tensor {
  const dtype = checkedDType(operation, shape, options);
  const array = new arrayTypes[dtype](sizeOf(shape));
  for (let i = 0; i < array.length; i++) {
    const x = value(i);
    if (dtype === "int32" && x !== (x | 0)) throw new DTypeError(`${operation}: ${x} is no int32: use a float dtype`);
    array[i] = x;
  }
  return make(array, shape, dtype, options);
}

/** Zeros of a shape. */
export function zeros(shape: Shape, options: TensorOptions = {}): Tensor {
  const dtype = checkedDType("zeros", shape, options);
  return wrap((kernels) => kernels.zeros(sizeOf(shape), dtype), shape, dtype, options);
}

/** Zeros of another tensor's shape, dtype and device. */
export const zerosLike = (x: Tensor): Tensor => new Tensor(x.kernels.zeros(x.size, x.dtype), x.shape, x.device);

/** The numbers of another tensor in memory of their own, without its history. */
export const copyOf = (x: Tensor): Tensor => zerosLike(x).assign(x);

/** Ones of a shape. */
export const ones = (shape: Shape, options: TensorOptions = {}): Tensor => generate("ones", shape, options, () => 1);

/** One value everywhere. */
export const full = (shape: Shape, value: number, options: TensorOptions = {}): Tensor =>
  generate("full", shape, options, () => value);

/** `start`, `start + step`, … up to but without `end`; with one number, from 0 up to it. */
export function arange(start: number, end?: number, step = 1, options: TensorOptions = {}): Tensor {
  const [from, to] = end === undefined ? [0, start] : [start, end];
  const length = Math.ceil((to - from) / step);
  if (!Number.isFinite(length) || step === 0) {
    throw new ShapeError(`arange: cannot count from ${from} to ${to} in steps of ${step}`);
  }
  return generate("arange", [Math.max(0, length)], options, (i) => from + i * step);
}

/** The identity matrix [n, n]. */
export const eye = (n: number, options: TensorOptions = {}): Tensor =>
  generate("eye", [n, n], options, (i) => (Math.floor(i / n) === i % n ? 1 : 0));

/** Standard normal numbers. Give `random` for a stream of your own. */
export function randn(shape: Shape, options: TensorOptions & { random?: Random } = {}): Tensor {
  const random = options.random ?? sharedRandom();
  return generate("randn", shape, options, () => random.normal());
}

/** Uniform numbers in [0, 1). */
export function rand(shape: Shape, options: TensorOptions & { random?: Random } = {}): Tensor {
  const random = options.random ?? sharedRandom();
  return generate("rand", shape, options, () => random.uniform());
}

/**
 * Rows of zeros with a single 1: [...indices.shape, depth].
 * @param indices int32 tensor on the CPU, or nested arrays of whole numbers in [0, depth)
 */
export function oneHot(indices: Tensor | NestedArray, depth: number, options: TensorOptions = {}): Tensor {
  const source = indices instanceof Tensor ? indices : tensor(indices, { dtype: "int32", device: "cpu" });
  if (source.dtype !== "int32") throw new DTypeError(`oneHot: indices are ${source.describe()}, but must be int32`);
  checkShape("oneHot", [depth]);
  const ids = source.dataSync();
  const dtype = options.dtype ?? defaults().dtype;
  checkDType("oneHot", dtype);
  const array = new arrayTypes[dtype](ids.length * depth);
  ids.forEach((id, i) => {
    if (id < 0 || id >= depth) throw new ShapeError(`oneHot: index ${id} at position ${i} is not in [0, ${depth})`);
    array[i * depth + id] = 1;
  });
  return make(array, [...source.shape, depth], dtype, options);
}

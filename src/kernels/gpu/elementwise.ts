/** Functions of one number or two, element by element. */
import { type BinaryName, comparisons, type UnaryName } from "../scalar.js";
import { type DType, type Operand, sizeOf } from "../storage.js";
import { broadcastStrides, type MergedAxis, mergedAxes, rowMajor } from "../strides.js";
import { copy } from "./copy.js";
import { innerSizes, places, stridesOf } from "./indexing.js";
import { type Kernel, type KernelThis, kernel } from "./kernel.js";
import { type Runtime, whole } from "./runtime.js";
import { combinations, gradients, values } from "./scalar-functions.js";
import type { GpuStorage } from "./storage.js";

/** One kernel for every row of a table. */
function each<Name extends string>(names: Record<Name, unknown>, make: (name: Name) => Kernel): Record<Name, Kernel> {
  const made = (Object.keys(names) as Name[]).map((name) => [name, make(name)] as const);
  return Object.fromEntries(made) as Record<Name, Kernel>;
}

const mapKernels = each(values, (f) =>
  kernel(
    `map:${f}`,
    function map(this: KernelThis, x: number[], xOffset: number): number {
      return this.f(x[xOffset + this.thread.x]);
    },
    ["operand"],
    [values[f]],
  ),
);

const backwardKernels = each(gradients, (f) =>
  kernel(
    `mapBackward:${f}`,
    function mapBackward(
      this: KernelThis,
      x: number[],
      xOffset: number,
      y: number[],
      yOffset: number,
      gy: number[],
      gyOffset: number,
    ): number {
      return this.gradient(x[xOffset + this.thread.x], y[yOffset + this.thread.x], gy[gyOffset + this.thread.x]);
    },
    ["operand", "operand", "operand"],
    [gradients[f]],
  ),
);

const constantKernels = each(combinations, (f) =>
  kernel(
    `mapConstant:${f}`,
    function mapConstant(this: KernelThis, x: number[], xOffset: number, c: number): number {
      return this.combine(x[xOffset + this.thread.x], c);
    },
    ["operand", "number"],
    [combinations[f]],
  ),
);

const sixIntegers = ["integer", "integer", "integer", "integer", "integer", "integer"] as const;
const threeIntegers = ["integer", "integer", "integer"] as const;

/** zipKernels[rank − 1][f]: the operands' places over up to three merged axes. */
const zipKernels = places.map((place, rank) =>
  each(combinations, (f) =>
    kernel(
      `zip:${f}:${rank + 1}`,
      function zip(
        this: KernelThis,
        x: number[],
        xOffset: number,
        y: number[],
        yOffset: number,
        n0: number,
        n1: number,
        x0: number,
        x1: number,
        x2: number,
        y0: number,
        y1: number,
        y2: number,
      ): number {
        return this.combine(
          x[xOffset + this.place(this.thread.x, n0, n1, x0, x1, x2)],
          y[yOffset + this.place(this.thread.x, n0, n1, y0, y1, y2)],
        );
      },
      ["operand", "operand", "integer", "integer", ...sixIntegers],
      [combinations[f], place],
    ),
  ),
);

const whereKernels = places.map((place, rank) =>
  kernel(
    `where:${rank + 1}`,
    function where(
      this: KernelThis,
      condition: number[],
      conditionOffset: number,
      x: number[],
      xOffset: number,
      y: number[],
      yOffset: number,
      n0: number,
      n1: number,
      c0: number,
      c1: number,
      c2: number,
      x0: number,
      x1: number,
      x2: number,
      y0: number,
      y1: number,
      y2: number,
    ): number {
      if (condition[conditionOffset + this.place(this.thread.x, n0, n1, c0, c1, c2)] > 0) {
        return x[xOffset + this.place(this.thread.x, n0, n1, x0, x1, x2)];
      }
      return y[yOffset + this.place(this.thread.x, n0, n1, y0, y1, y2)];
    },
    ["operand", "operand", "operand", "integer", "integer", ...sixIntegers, ...threeIntegers],
    [place],
  ),
);

const truncated = kernel(
  "cast:int32",
  function castToInteger(this: KernelThis, x: number[], xOffset: number): number {
    // NaN, which no comparison holds for, becomes 0.
    if (x[xOffset + this.thread.x] >= 0) {
      return Math.floor(x[xOffset + this.thread.x]);
    }
    if (x[xOffset + this.thread.x] < 0) {
      return Math.ceil(x[xOffset + this.thread.x]);
    }
    return 0.0;
  },
  ["operand"],
);

const truth = kernel(
  "cast:bool",
  function castToBool(this: KernelThis, x: number[], xOffset: number): number {
    if (x[xOffset + this.thread.x] === 0) {
      return 0.0;
    }
    return 1.0;
  },
  ["operand"],
);

/** Whole numbers and truth values live in floats: where f leaves their kind, they are brought back to it. */
function settled(gpu: Runtime, operation: string, made: GpuStorage, f: UnaryName | BinaryName | "where"): GpuStorage {
  const { dtype } = made;
  if (dtype === "float32" || comparisons.has(f as BinaryName)) return made;
  const closed: readonly string[] =
    dtype === "int32"
      ? ["neg", "abs", "relu", "add", "sub", "mul", "maximum", "minimum"]
      : ["abs", "relu", "mul", "maximum", "minimum"];
  if (closed.includes(f)) return made;
  const result = gpu.launch(operation, dtype === "int32" ? truncated : truth, [whole(made)], made.length, dtype);
  made.release();
  return result;
}

const resultType = (f: BinaryName, x: Operand): DType => (comparisons.has(f) ? "bool" : x.storage.dtype);

export function map(gpu: Runtime, f: UnaryName, x: Operand): GpuStorage {
  return settled(gpu, f, gpu.launch(f, mapKernels[f], [x], sizeOf(x.shape), x.storage.dtype), f);
}

export function mapBackward(gpu: Runtime, f: UnaryName, x: Operand, y: Operand, gy: Operand): GpuStorage {
  return gpu.launch(`${f} backward`, backwardKernels[f], [x, y, gy], sizeOf(x.shape));
}

export function mapConstant(gpu: Runtime, f: BinaryName, x: Operand, c: number): GpuStorage {
  return settled(gpu, f, gpu.launch(f, constantKernels[f], [x, c], sizeOf(x.shape), resultType(f, x)), f);
}

/** The axes of a result over which the operands are broadcast; operands whose axes stay too many are spread out first. */
function aligned(
  gpu: Runtime,
  operation: string,
  operands: readonly Operand[],
  shape: readonly number[],
): { axes: MergedAxis[]; operands: readonly Operand[]; made: GpuStorage[] } {
  const strides = operands.map((operand) => broadcastStrides(operand.shape, shape));
  const axes = mergedAxes(shape, strides);
  if (axes.length <= places.length) return { axes, operands, made: [] };
  const made = operands.map((operand, p) => copy(gpu, operand, { shape, strides: strides[p], start: 0 }, operation));
  const own = rowMajor(shape);
  return {
    axes: mergedAxes(
      shape,
      operands.map(() => own),
    ),
    operands: made.map(whole),
    made,
  };
}

export function zip(gpu: Runtime, f: BinaryName, x: Operand, y: Operand, shape: readonly number[]): GpuStorage {
  const { axes, operands, made } = aligned(gpu, f, [x, y], shape);
  const z = gpu.launch(
    f,
    zipKernels[axes.length - 1][f],
    [...operands, ...innerSizes(axes), ...stridesOf(axes, 0), ...stridesOf(axes, 1)],
    sizeOf(shape),
    resultType(f, x),
  );
  for (const spread of made) spread.release();
  return settled(gpu, f, z, f);
}

export function where(gpu: Runtime, condition: Operand, x: Operand, y: Operand, shape: readonly number[]): GpuStorage {
  const { axes, operands, made } = aligned(gpu, "where", [condition, x, y], shape);
  const z = gpu.launch(
    "where",
    whereKernels[axes.length - 1],
    [...operands, ...innerSizes(axes), ...stridesOf(axes, 0), ...stridesOf(axes, 1), ...stridesOf(axes, 2)],
    sizeOf(shape),
    x.storage.dtype,
  );
  for (const spread of made) spread.release();
  return z;
}

export function cast(gpu: Runtime, x: Operand, dtype: DType): GpuStorage {
  if (dtype === "int32" && x.storage.dtype === "float32")
    return gpu.launch("cast", truncated, [x], sizeOf(x.shape), dtype);
  if (dtype === "bool" && x.storage.dtype !== "bool") return gpu.launch("cast", truth, [x], sizeOf(x.shape), dtype);
  return gpu.duplicate("cast", x, dtype);
}

/** x ← x + y */
export function accumulate(gpu: Runtime, x: Operand, y: Operand): void {
  const flat = [sizeOf(x.shape)];
  const sum = zip(gpu, "add", { ...x, shape: flat }, { ...y, shape: flat }, flat);
  gpu.write("accumulate", x, sum);
}

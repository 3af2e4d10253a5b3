/** Moving numbers without changing them: strided copies, joining, padding. */
import type { StridedLayout } from "../backend.js";
import { type Operand, sizeOf } from "../storage.js";
import { type MergedAxis, mergedAxes } from "../strides.js";
import { innerSizes, places, quotient, remainder, stridesOf, whole as wholeNumber } from "./indexing.js";
import { joined, joinedAtOnce } from "./join.js";
import { type KernelThis, kernel } from "./kernel.js";
import { type Runtime, whole } from "./runtime.js";
import type { GpuStorage } from "./storage.js";

/** y[i] = x[start + place(i)] for up to three axes, one kernel for each number of them */
const strided = places.map((place, rank) =>
  kernel(
    `copy:${rank + 1}`,
    function copy(
      this: KernelThis,
      x: number[],
      xOffset: number,
      start: number,
      n0: number,
      n1: number,
      s0: number,
      s1: number,
      s2: number,
    ): number {
      return x[xOffset + start + this.place(this.thread.x, n0, n1, s0, s1, s2)];
    },
    ["operand", "integer", "integer", "integer", "integer", "integer", "integer"],
    [place],
  ),
);

/** The same for up to six axes: three inside, three outside, `inner` elements apart */
const stridedTwice = kernel(
  "copy:6",
  function copy(
    this: KernelThis,
    x: number[],
    xOffset: number,
    start: number,
    inner: number,
    n0: number,
    n1: number,
    s0: number,
    s1: number,
    s2: number,
    m0: number,
    m1: number,
    t0: number,
    t1: number,
    t2: number,
  ): number {
    return x[
      xOffset +
        start +
        this.place(this.remainder(this.thread.x, inner), n0, n1, s0, s1, s2) +
        this.place(this.quotient(this.thread.x, inner), m0, m1, t0, t1, t2)
    ];
  },
  ["operand", ...new Array<"integer">(12).fill("integer")],
  [places[2], remainder, quotient],
);

/** y[i] = x[places[i]], for arrays whose axes are too many for arithmetic: the host counts the places out. */
const listed = kernel(
  "copy:listed",
  function copyListed(
    this: KernelThis,
    x: number[],
    xOffset: number,
    start: number,
    list: number[],
    listOffset: number,
  ): number {
    return x[xOffset + start + this.whole(list[listOffset + this.thread.x])];
  },
  ["operand", "integer", "operand"],
  [wholeNumber],
);

/** out[i₀, …] = x[start + Σ iₐ strideₐ] */
export function copy(
  gpu: Runtime,
  x: Operand,
  { shape, strides, start }: StridedLayout,
  operation = "copy",
): GpuStorage {
  const length = sizeOf(shape);
  const { dtype } = x.storage;
  const axes = mergedAxes(shape, [strides]);
  if (axes.length === 1 && (axes[0].strides[0] === 1 || length === 1)) {
    return gpu.duplicate(operation, { storage: x.storage, offset: x.offset + start, shape });
  }
  const known = gpu.knownIntegers(whole(x.storage));
  if (known !== null) {
    return gpu.upload(
      countedOut(axes, length).map((place) => known[x.offset + start + place]),
      dtype,
    );
  }
  if (axes.length <= strided.length) {
    return gpu.launch(
      operation,
      strided[axes.length - 1],
      [x, start, ...innerSizes(axes), ...stridesOf(axes, 0)],
      length,
      dtype,
    );
  }
  if (axes.length <= 6) {
    const inside = axes.slice(0, 3);
    const outside = axes.slice(3);
    const inner = sizeOf(inside.map(({ size }) => size));
    return gpu.launch(
      operation,
      stridedTwice,
      [
        x,
        start,
        inner,
        ...innerSizes(inside),
        ...stridesOf(inside, 0),
        ...innerSizes(outside),
        ...stridesOf(outside, 0),
      ],
      length,
      dtype,
    );
  }
  const list = gpu.upload(countedOut(axes, length), "int32");
  const y = gpu.launch(operation, listed, [x, start, whole(list)], length, dtype);
  list.release();
  return y;
}

/** Every element's place, in order: an odometer on the host. */
function countedOut(axes: readonly MergedAxis[], length: number): Int32Array {
  const list = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    let left = i;
    for (const { size, strides } of axes) {
      list[i] += (left % size) * strides[0];
      left = Math.floor(left / size);
    }
  }
  return list;
}

/**
 * Joins parts[i][outer, lengths[i], inner] along the middle axis: whole parts where outer = 1, else by kernels that take
 * four at a time, and then the results.
 */
export function concat(
  gpu: Runtime,
  parts: readonly Operand[],
  { outer, lengths, inner }: { outer: number; lengths: readonly number[]; inner: number },
): GpuStorage {
  const { dtype } = parts[0].storage;
  if (outer === 1) return gpu.joined("concat", parts, dtype);
  let pieces = parts.map((part, i) => ({ operand: part, row: lengths[i] * inner, made: null as GpuStorage | null }));
  while (pieces.length > 1) {
    const next: typeof pieces = [];
    for (let i = 0; i < pieces.length; i += joinedAtOnce) {
      const group = pieces.slice(i, i + joinedAtOnce);
      const row = group.reduce((total, piece) => total + piece.row, 0);
      while (group.length < joinedAtOnce) group.push({ operand: gpu.constant(0), row: 0, made: null });
      const made = gpu.launch(
        "concat",
        joined,
        [...group.map(({ operand }) => operand), ...group.map((piece) => piece.row)],
        outer * row,
        dtype,
      );
      for (const piece of group) piece.made?.release();
      next.push({ operand: whole(made), row, made });
    }
    pieces = next;
  }
  return pieces[0].made ?? gpu.duplicate("concat", pieces[0].operand);
}

/** y[o, j, i] = x[o, (j − before) / step, i] where that is a place of x, else value */
const padded = kernel(
  "pad",
  function pad(
    this: KernelThis,
    x: number[],
    xOffset: number,
    lengthX: number,
    lengthY: number,
    inner: number,
    before: number,
    stride: number,
    direction: number,
    value: number,
  ): number {
    const outer = this.quotient(this.thread.x, lengthY * inner);
    const j = this.remainder(this.quotient(this.thread.x, inner), lengthY);
    const i = this.remainder(this.thread.x, inner);
    const distance = (this.whole(j) - before) * direction;
    if (distance < 0) {
      return value;
    }
    if (this.remainder(distance, stride) > 0) {
      return value;
    }
    if (this.quotient(distance, stride) >= lengthX) {
      return value;
    }
    return x[xOffset + (this.whole(outer) * lengthX + this.quotient(distance, stride)) * inner + this.whole(i)];
  },
  ["operand", "integer", "integer", "integer", "integer", "integer", "integer", "number"],
  [quotient, remainder, wholeNumber],
);

/** y of `shape`, `value` everywhere but for x, which starts at `before` and lies `steps` apart: one axis after the other. */
export function pad(
  gpu: Runtime,
  x: Operand,
  shape: readonly number[],
  before: readonly number[],
  steps: readonly number[],
  value: number,
): GpuStorage {
  if (sizeOf(x.shape) === 0) return gpu.filled(sizeOf(shape), value, x.storage.dtype);
  const reached = [...x.shape];
  let made: GpuStorage | null = null;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const step = steps[axis] ?? 1;
    if (reached[axis] === shape[axis] && (step === 1 || shape[axis] === 1)) continue;
    const lengthX = reached[axis];
    reached[axis] = shape[axis];
    const from: Operand = made === null ? x : whole(made);
    const inner = sizeOf(reached.slice(axis + 1));
    const next: GpuStorage = gpu.launch(
      "pad",
      padded,
      [from, lengthX, shape[axis], inner, before[axis], Math.abs(step), Math.sign(step), value],
      sizeOf(reached),
      x.storage.dtype,
    );
    made?.release();
    made = next;
  }
  return made ?? gpu.duplicate("pad", x);
}

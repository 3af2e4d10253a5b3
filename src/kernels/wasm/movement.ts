import type { AxisLayout, Backend } from "../backend.js";
import { type Operand, sizeOf } from "../storage.js";
import { rowMajor, spread } from "../strides.js";
import type { Engine } from "./engine.js";
import type { WasmStorage } from "./storage.js";

type Movement = Pick<Backend, "copy" | "concat" | "pad" | "padInto" | "gather" | "scatterAdd" | "scatterAddInto">;

/** In place of an element's bytes: float32 is added, not copied. */
const ADDED = 0;

/** Operations that move elements, and the one that adds them where they arrive. */
export function movement(engine: Engine): Movement {
  const { kernels, walk } = engine;

  /** to[…] = from[…] over `shape`, each with its strides in elements; to[…] += from[…] where `bytes` is {@link ADDED}. */
  function move(
    bytes: number,
    from: number,
    fromStrides: readonly number[],
    to: number,
    toStrides: readonly number[],
    shape: readonly number[],
  ): void {
    walk.strided(shape, [fromStrides, toStrides]);
    kernels.moveStrided(
      bytes,
      from,
      walk.steps[0],
      walk.rowSteps[0],
      to,
      walk.steps[1],
      walk.rowSteps[1],
      walk.length,
      walk.rows,
      walk.planes,
      walk.address,
      walk.axisCount,
    );
  }

  /** A new storage of x's dtype; a float64 operand of the other back end arrives here as float32. */
  const like = (x: Operand, length: number): WasmStorage =>
    engine.allocate(length, x.storage.dtype === "float64" ? "float32" : x.storage.dtype);

  function addRows(x: Operand, indices: Operand, { outer, length, inner }: AxisLayout, y: number): void {
    const count = sizeOf(indices.shape);
    if (outer * count * inner > 0) {
      kernels.scatterAdd(engine.address(x), engine.address(indices), y, outer, length, inner, count);
    }
  }

  return {
    copy(x, { shape, strides, start }) {
      const from = engine.address(x);
      const size = sizeOf(shape);
      const y = like(x, size);
      if (size > 0) move(y.elementBytes, from + start * y.elementBytes, strides, y.address, rowMajor(shape), shape);
      return y;
    },

    concat(parts, { outer, lengths, inner }) {
      const addresses = parts.map((part) => engine.address(part));
      const row = lengths.reduce((total, n) => total + n, 0) * inner;
      const y = like(parts[0], outer * row);
      let before = 0;
      parts.forEach((_, p) => {
        const width = lengths[p] * inner;
        if (outer * width > 0) {
          move(y.elementBytes, addresses[p], [width, 1], y.address + before * y.elementBytes, [row, 1], [outer, width]);
        }
        before += width;
      });
      return y;
    },

    pad(x, shape, before, steps, value) {
      const from = engine.address(x);
      const y = like(x, sizeOf(shape));
      if (value === 0) kernels.clear(y.address, y.bytes);
      else if (y.dtype === "float32") kernels.fill(y.address, value, y.length);
      else y.array().fill(value);
      if (sizeOf(x.shape) === 0) return y;
      const { start, strides } = spread(shape, before, steps);
      move(y.elementBytes, from, rowMajor(x.shape), y.address + start * y.elementBytes, strides, x.shape);
      return y;
    },

    padInto(x, before, steps, into) {
      const from = engine.address(x);
      const to = engine.address(into);
      into.storage.version++;
      if (sizeOf(x.shape) === 0) return;
      const { start, strides } = spread(into.shape, before, steps);
      move(ADDED, from, rowMajor(x.shape), to + start * 4, strides, x.shape);
    },

    gather(x, indices, { outer, length, inner }) {
      const from = engine.address(x);
      const at = engine.address(indices);
      const count = sizeOf(indices.shape);
      const y = like(x, outer * count * inner);
      if (y.length > 0) kernels.gather(from, at, y.address, outer, length, inner, count);
      return y;
    },

    scatterAdd(x, indices, layout) {
      const y = engine.allocate(layout.outer * layout.length * layout.inner);
      kernels.clear(y.address, y.bytes);
      addRows(x, indices, layout, y.address);
      return y;
    },

    scatterAddInto(x, indices, layout, into) {
      addRows(x, indices, layout, engine.address(into));
      into.storage.version++;
    },
  };
}

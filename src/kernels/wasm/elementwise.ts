import type { Backend, Reduction } from "../backend.js";
import { type BinaryName, comparisons, type UnaryName } from "../scalar.js";
import { sizeOf } from "../storage.js";
import type { Engine } from "./engine.js";

// Numbered as in assembly/map.ts, assembly/zip.ts and assembly/reduce.ts.
const unaryNumbers: Record<UnaryName, number> = {
  neg: 0,
  exp: 1,
  log: 2,
  sqrt: 3,
  abs: 4,
  tanh: 5,
  sigmoid: 6,
  relu: 7,
  softplus: 8,
};
const binaryNumbers: Record<BinaryName, number> = {
  add: 0,
  sub: 1,
  mul: 2,
  div: 3,
  pow: 4,
  maximum: 5,
  minimum: 6,
  equal: 7,
  notEqual: 8,
  less: 9,
  lessEqual: 10,
  greater: 11,
  greaterEqual: 12,
};
export const reductionNumbers: Record<Reduction, number> = {
  sum: 0,
  max: 1,
  min: 2,
  sumOfSquares: 3,
  argmax: 4,
  argmin: 5,
};

type Elementwise = Pick<Backend, "map" | "mapBackward" | "zip" | "where" | "mapConstant" | "reduce">;

/** Functions of single elements, with broadcasting, and reductions. */
export function elementwise(engine: Engine): Elementwise {
  const { kernels, walk, memory } = engine;
  const constant = memory.allocate(64);

  return {
    map(f, x) {
      const size = sizeOf(x.shape);
      const from = engine.address(x);
      const y = engine.allocate(size);
      kernels.map(unaryNumbers[f], from, y.address, size);
      return y;
    },

    mapBackward(f, x, y, gy) {
      const size = sizeOf(x.shape);
      const gx = engine.allocate(size);
      kernels.mapBackward(unaryNumbers[f], engine.address(x), engine.address(y), engine.address(gy), gx.address, size);
      return gx;
    },

    zip(f, x, y, shape) {
      const size = sizeOf(shape);
      const left = engine.address(x);
      const right = engine.address(y);
      const z = engine.allocate(size, comparisons.has(f) ? "bool" : "float32");
      if (size === 0) return z;
      const leftSize = sizeOf(x.shape);
      const rightSize = sizeOf(y.shape);
      const number = binaryNumbers[f];
      if ((leftSize === size || leftSize === 1) && (rightSize === size || rightSize === 1)) {
        kernels.zip(number, left, leftSize === size ? 1 : 0, right, rightSize === size ? 1 : 0, z.address, size);
      } else {
        walk.broadcast(shape, [x.shape, y.shape]);
        kernels.zipBroadcast(
          number,
          left,
          walk.steps[0],
          walk.rowSteps[0],
          right,
          walk.steps[1],
          walk.rowSteps[1],
          z.address,
          walk.length,
          walk.rows,
          walk.planes,
          walk.address,
          walk.axisCount,
        );
      }
      return z;
    },

    where(condition, x, y, shape) {
      const size = sizeOf(shape);
      const choice = engine.address(condition);
      const ifTrue = engine.address(x);
      const ifFalse = engine.address(y);
      const z = engine.allocate(size, x.storage.dtype === "int32" ? "int32" : "float32");
      if (size === 0) return z;
      walk.broadcast(shape, [condition.shape, x.shape, y.shape]);
      kernels.where(
        choice,
        walk.steps[0],
        walk.rowSteps[0],
        ifTrue,
        walk.steps[1],
        walk.rowSteps[1],
        ifFalse,
        walk.steps[2],
        walk.rowSteps[2],
        z.address,
        walk.length,
        walk.rows,
        walk.planes,
        walk.address,
        walk.axisCount,
      );
      return z;
    },

    mapConstant(f, x, c) {
      const size = sizeOf(x.shape);
      const from = engine.address(x);
      const z = engine.allocate(size, comparisons.has(f) ? "bool" : "float32");
      if (f === "pow" && c === 2) {
        kernels.zip(binaryNumbers.mul, from, 1, from, 1, z.address, size);
        return z;
      }
      memory.float32[constant >>> 2] = c;
      kernels.zip(binaryNumbers[f], from, 1, constant, 0, z.address, size);
      return z;
    },

    reduce(f, x, { outer, length, inner }) {
      const from = engine.address(x);
      const y = engine.allocate(outer * inner, f === "argmax" || f === "argmin" ? "int32" : "float32");
      if (outer * inner > 0) kernels.reduce(reductionNumbers[f], from, y.address, outer, length, inner);
      return y;
    },
  };
}

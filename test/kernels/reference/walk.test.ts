import fc from "fast-check";
import { expect, test } from "vitest";
import { broadcastWalk, Walk } from "../../../src/kernels/reference/walk.js";
import { sizeOf } from "../../../src/kernels/storage.js";
import { rowMajor } from "../../../src/kernels/strides.js";

/** Every position that a walk visits, one list an operand. */
function visited(walk: Walk): number[][] {
  const positions: number[][] = walk.strides.map(() => []);
  for (let row = 0; row < walk.rows; row++, walk.next()) {
    for (let k = 0; k < walk.length; k++) {
      positions.forEach((list, p) => {
        list.push(walk.starts[p] + k * walk.strides[p]);
      });
    }
  }
  return positions;
}

/** The index of the n-th element of a shape, by division. */
const unravel = (n: number, shape: readonly number[]): number[] =>
  rowMajor(shape).map((stride, axis) => Math.floor(n / stride) % shape[axis]);

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 });

test("a walk visits start + Σ index · stride in row-major order, for any shape and strides", () => {
  const operands = shapes.chain((shape) => {
    const strides = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: shape.length, maxLength: shape.length });
    return fc.tuple(fc.constant(shape), fc.array(strides, { minLength: 1, maxLength: 3 }), fc.integer());
  });
  fc.assert(
    fc.property(operands, ([shape, strides, start]) => {
      const expected = strides.map((own) =>
        Array.from({ length: sizeOf(shape) }, (_, n) =>
          unravel(n, shape).reduce((total, index, axis) => total + index * own[axis], start),
        ),
      );
      const starts = strides.map(() => start);
      expect(visited(new Walk(shape, strides, starts))).toEqual(expected);
    }),
  );
});

test("a broadcast walk repeats an operand along the axes where it has size 1 or none", () => {
  const operands = shapes.chain((shape) => {
    const operand = fc.tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }));
    return fc.tuple(fc.constant(shape), fc.array(operand, { minLength: 1, maxLength: 3 }));
  });
  fc.assert(
    fc.property(operands, ([shape, choices]) => {
      const own = choices.map(([missing, single]) => shape.slice(missing).map((n, axis) => (single[axis] ? 1 : n)));
      const expected = own.map((operand) =>
        Array.from({ length: sizeOf(shape) }, (_, n) => {
          const index = unravel(n, shape).slice(shape.length - operand.length);
          return rowMajor(operand).reduce(
            (at, stride, axis) => at + (operand[axis] === 1 ? 0 : stride * index[axis]),
            0,
          );
        }),
      );
      expect(visited(broadcastWalk(shape, own))).toEqual(expected);
    }),
  );
});

test("operands of one shape are a single row, whatever the rank", () => {
  const walk = broadcastWalk([2, 3, 4], [[2, 3, 4], [1, 1, 1], []]);
  expect([walk.rows, walk.length, walk.strides]).toEqual([1, 24, [1, 0, 0]]);
});

test("a bias added to [batch, time, features] walks rows of its own length", () => {
  const walk = broadcastWalk([2, 3, 4], [[2, 3, 4], [4]]);
  expect([walk.rows, walk.length, walk.strides]).toEqual([6, 4, [1, 1]]);
});

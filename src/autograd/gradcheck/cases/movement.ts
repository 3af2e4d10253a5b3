import type { Tensor } from "../../../tensor/tensor.js";
import { broadcastTo } from "../../operations/broadcast.js";
import { castOp } from "../../operations/cast.js";
import { concat, stack } from "../../operations/concat.js";
import { gather, scatterAdd } from "../../operations/gather.js";
import { permute, transpose } from "../../operations/permute.js";
import { max, min, type ReduceOptions, sum } from "../../operations/reduce.js";
import { alias, reshape } from "../../operations/reshape.js";
import { at, pad, slice, split } from "../../operations/slice.js";
import { type Cases, type Draw, use } from "./case.js";

const normal =
  (...shape: number[]) =>
  (d: Draw) => [d.normal(...shape)];
const distinct =
  (...shape: number[]) =>
  (d: Draw) => [d.distinct(...shape)];

const extreme = (fn: (x: Tensor, options?: ReduceOptions) => Tensor): Cases => [
  use("everything", distinct(2, 3), (x) => fn(x)),
  use("first axis", distinct(3, 4), (x) => fn(x, { axis: 0 })),
  use("last axis, kept", distinct(3, 4), (x) => fn(x, { axis: -1, keepDims: true })),
  use("middle axis", distinct(2, 3, 2), (x) => fn(x, { axis: 1 })),
  use("two axes", distinct(2, 3, 2), (x) => fn(x, { axis: [0, 2] })),
  use("length-1 axis", distinct(3, 1), (x) => fn(x, { axis: 1 })),
];

export const reductionCases = {
  sum: [
    use("everything", normal(2, 3), (x) => sum(x)),
    use("first axis", normal(2, 3), (x) => sum(x, { axis: 0 })),
    use("negative axis, kept", normal(2, 3), (x) => sum(x, { axis: -1, keepDims: true })),
    use("two axes apart", normal(2, 3, 2), (x) => sum(x, { axis: [0, -1] })),
    use("no axes", normal(2, 2), (x) => sum(x, { axis: [] })),
    use("length-1 axis", normal(2, 1), (x) => sum(x, { axis: 1 })),
    use("empty axis", normal(2, 0), (x) => sum(x, { axis: 1 })),
    use("squared", normal(2, 3), (x) => sum(x.mul(x), { axis: 1 })),
    use("beside itself", normal(2, 3), (x) => x.mul(sum(x, { axis: 1, keepDims: true }))),
  ],
  max: extreme(max),
  min: extreme(min),
} as const satisfies Record<string, Cases>;

export const movementCases = {
  permute: [
    use("three axes", normal(2, 3, 4), (x) => permute(x, [2, 0, 1])),
    use("transposed", normal(2, 3), (x) => transpose(x)),
    use("negative axes", normal(2, 3, 2), (x) => permute(x, [-1, -3, -2])),
    use("times itself", normal(2, 2), (x) => x.mul(transpose(x))),
  ],
  reshape: [
    use("flattened", normal(2, 3), (x) => reshape(x, [-1])),
    use("with new axes", normal(2, 3), (x) => reshape(x, [3, 1, 2])),
    use("a view written over and over", normal(2, 3), (x) => reshape(x, [3, 2]).add(reshape(x, [3, 2]).exp())),
    use("empty", normal(0, 3), (x) => reshape(x, [3, 0])),
  ],
  alias: [
    use("once", normal(3), (x) => alias(x)),
    use("beside the original", normal(3), (x) => alias(x).mul(x).add(alias(x))),
  ],
  broadcastTo: [
    use("a new leading axis", normal(3), (x) => broadcastTo(x, [2, 3])),
    use("a length-1 axis", normal(2, 1), (x) => broadcastTo(x, [2, 3])),
    use("both", normal(2, 1), (x) => broadcastTo(x, [2, 2, 3])),
    use("scalar", normal(), (x) => broadcastTo(x, [2, 2]).exp()),
    use("to nothing", normal(1, 2), (x) => broadcastTo(x, [0, 2])),
  ],
  section: [
    use("rows", normal(4, 2), (x) => slice(x, [1, 3])),
    use("one row", normal(3, 2), (x) => at(x, -1)),
    use("one element", normal(3), (x) => at(x, 1)),
    use("overlapping", normal(4, 2), (x) => slice(x, [0, 3]).mul(slice(x, [1, 4]))),
    use("every row apart", normal(3, 2), (x) => stack(split(x, 3).map((row, i) => row.mul(i + 1).exp()))),
    use("nothing", normal(3, 2), (x) => slice(x, [1, 1])),
  ],
  slice: [
    use("columns", normal(2, 4), (x) => slice(x, null, [1, 3])),
    use("with a step", normal(2, 5), (x) => slice(x, null, [0, 5, 2])),
    use("reversed", normal(2, 4), (x) => slice(x, null, [null, null, -1])),
    use("negative bounds and step, both axes", normal(4, 4), (x) => slice(x, [-1, -4, -2], [-3, -1])),
    use("one column", normal(2, 3), (x) => at(x, 1, { axis: 1 })),
    use("overlapping", normal(2, 4), (x) => slice(x, null, [0, 3]).mul(slice(x, null, [1, 4]))),
    use("nothing", normal(2, 3), (x) => slice(x, null, [2, 2])),
  ],
  pad: [
    use("all around", normal(2, 2), (x) =>
      pad(x, [
        [1, 0],
        [0, 2],
      ]),
    ),
    use("with a value", normal(2), (x) => pad(x, [[1, 1]], 3).exp()),
    use("nothing", normal(0, 2), (x) => pad(x, [[1, 1]])),
  ],
  concat: [
    use(
      "rows",
      (d) => [d.normal(1, 2), d.normal(2, 2)],
      (x, y) => concat([x, y]),
    ),
    use(
      "columns",
      (d) => [d.normal(2, 1), d.normal(2, 3)],
      (x, y) => concat([x, y], { axis: -1 }),
    ),
    use(
      "stacked",
      (d) => [d.normal(2), d.normal(2)],
      (x, y) => stack([x, y], { axis: 1 }),
    ),
    use("one tensor twice", normal(2, 2), (x) => concat([x, x.exp(), x], { axis: 1 })),
    use(
      "with an empty part",
      (d) => [d.normal(0, 2), d.normal(2, 2)],
      (x, y) => concat([x, y]),
    ),
  ],
  gather: [
    use(
      "rows, one of them twice",
      (d) => [d.normal(4, 2), d.indices([3, 1, 3])],
      (x, i) => gather(x, i),
    ),
    use(
      "indices of rank 2",
      (d) => [d.normal(3, 2), d.indices([0, 2, 2, 1], [2, 2])],
      (x, i) => gather(x, i),
    ),
    use(
      "last axis",
      (d) => [d.normal(2, 4), d.indices([1, 1, 0])],
      (x, i) => gather(x, i, { axis: -1 }),
    ),
    use(
      "added to the original",
      (d) => [d.normal(3), d.indices([2, 2, 0])],
      (x, i) => gather(x, i).mul(x),
    ),
    use(
      "no index",
      (d) => [d.normal(3, 2), d.indices([])],
      (x, i) => gather(x, i),
    ),
  ],
  scatterAdd: [
    use(
      "rows, two to one place",
      (d) => [d.normal(3, 2), d.indices([3, 0, 3])],
      (x, i) => scatterAdd(x, i, { length: 4 }),
    ),
    use(
      "last axis",
      (d) => [d.normal(2, 3), d.indices([1, 1, 0])],
      (x, i) => scatterAdd(x, i, { axis: 1, length: 3 }).exp(),
    ),
    use(
      "indices of rank 2",
      (d) => [d.normal(2, 2, 2), d.indices([0, 2, 2, 1], [2, 2])],
      (x, i) => scatterAdd(x, i, { length: 3 }),
    ),
  ],
  cast: [
    use("to its own dtype", normal(2, 2), (x) => castOp([x], { dtype: x.dtype })),
    use("beside itself", normal(3), (x) => castOp([x], { dtype: x.dtype }).mul(x)),
  ],
} as const satisfies Record<string, Cases>;

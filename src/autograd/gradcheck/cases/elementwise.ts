import type { Tensor } from "../../../tensor/tensor.js";
import * as arithmetic from "../../operations/arithmetic.js";
import * as elementwise from "../../operations/elementwise.js";
import { at } from "../../operations/slice.js";
import { where } from "../../operations/where.js";
import { type Cases, type Draw, type GradcheckCase, use } from "./case.js";

type Kind = "normal" | "positive" | "nonzero" | "distinct";
type Binary = (x: Tensor, y: Tensor) => Tensor;

/** Both shapes the same, broadcasting on either side and on both, an empty axis, one tensor on both sides, views. */
function pairs(fn: Binary, left: Kind, right: Kind, shared: readonly GradcheckCase[]): Cases {
  const draw = (a: readonly number[], b: readonly number[]) => (d: Draw) => [d[left](...a), d[right](...b)];
  return [
    use("equal shapes", draw([2, 3], [2, 3]), fn),
    use("left broadcast", draw([3], [2, 3]), fn),
    use("right broadcast", draw([2, 3], [2, 1]), fn),
    use("both broadcast", draw([2, 1, 3], [4, 1]), fn),
    use("scalar on the left", draw([], [2, 2]), fn),
    use("length-1 axes", draw([1, 1], [1]), fn),
    use("empty axis", draw([0, 3], [3]), fn),
    use("views", draw([2, 3], [2, 3]), (x, y) => fn(at(x, 1), at(y, 0))),
    ...shared,
  ];
}

/** x together with x. */
const squared = (fn: Binary, kind: Kind): GradcheckCase =>
  use(
    "one tensor on both sides",
    (d) => [d[kind](2, 3)],
    (x) => fn(x, x),
  );

/** x together with its own transposed-by-broadcast self: used twice, in two shapes. */
const outer = (fn: Binary, kind: Kind): GradcheckCase =>
  use(
    "one tensor on both sides, broadcast",
    (d) => [d[kind](3, 1)],
    (x) => fn(x, x.reshape([1, 3])),
  );

const unary = (fn: (x: Tensor) => Tensor, kind: Kind): Cases => [
  use("matrix", (d) => [d[kind](2, 3)], fn),
  use("scalar", (d) => [d[kind]()], fn),
  use("empty", (d) => [d[kind](2, 0)], fn),
  use(
    "view",
    (d) => [d[kind](3, 2)],
    (x) => fn(at(x, 1)),
  ),
  use(
    "used twice",
    (d) => [d[kind](3)],
    (x) => fn(x).mul(x),
  ),
];

const constant = (fn: (x: Tensor) => Tensor, kind: Kind): Cases => [
  use("many of either sign", (d) => [d[kind](4, 4)], fn),
  use("matrix", (d) => [d[kind](2, 3)], fn),
  use("empty", (d) => [d[kind](0)], fn),
  use(
    "used twice",
    (d) => [d[kind](3)],
    (x) => fn(x).mul(x),
  ),
];

const { add, sub, mul, div, pow, maximum, minimum } = arithmetic;

export const arithmeticCases = {
  add: pairs(add, "normal", "normal", [squared(add, "normal"), outer(add, "normal")]),
  sub: pairs(sub, "normal", "normal", [squared(sub, "normal"), outer(sub, "normal")]),
  mul: pairs(mul, "normal", "normal", [squared(mul, "normal"), outer(mul, "normal")]),
  div: pairs(div, "normal", "nonzero", [squared(div, "positive"), outer(div, "positive")]),
  pow: pairs(pow, "positive", "normal", [squared(pow, "positive"), outer(pow, "positive")]),
  maximum: pairs(maximum, "distinct", "nonzero", [squared(maximum, "distinct")]),
  minimum: pairs(minimum, "distinct", "nonzero", [squared(minimum, "distinct")]),
  addConstant: constant((x) => add(x, 1.5), "normal"),
  subConstant: constant((x) => sub(x, 1.5), "normal"),
  mulConstant: constant((x) => mul(x, -2.5), "normal"),
  divConstant: constant((x) => div(x, -4), "normal"),
  powConstant: [
    use(
      "cube",
      (d) => [d.normal(2, 3)],
      (x) => pow(x, 3),
    ),
    use(
      "root",
      (d) => [d.positive(4)],
      (x) => pow(x, 0.5),
    ),
    use(
      "inverse",
      (d) => [d.nonzero(4)],
      (x) => pow(x, -1),
    ),
    use(
      "first power",
      (d) => [d.normal(4)],
      (x) => pow(x, 1),
    ),
    use(
      "power 0",
      (d) => [d.normal(4)],
      (x) => pow(x, 0),
    ),
  ],
  maximumConstant: constant((x) => maximum(x, 0), "nonzero"),
  minimumConstant: constant((x) => minimum(x, 0), "nonzero"),
} as const satisfies Record<string, Cases>;

export const elementwiseCases = {
  neg: unary(elementwise.neg, "normal"),
  exp: unary(elementwise.exp, "normal"),
  log: unary(elementwise.log, "positive"),
  sqrt: unary(elementwise.sqrt, "positive"),
  abs: unary(elementwise.abs, "nonzero"),
  tanh: unary(elementwise.tanh, "normal"),
  sigmoid: unary(elementwise.sigmoid, "normal"),
  relu: unary(elementwise.relu, "nonzero"),
  softplus: unary(elementwise.softplus, "normal"),
  clamp: [
    use(
      "both sides",
      (d) => [d.distinct(3, 4)],
      (x) => elementwise.clamp(x, { min: -0.7, max: 0.8 }),
    ),
    use(
      "from below",
      (d) => [d.distinct(8)],
      (x) => elementwise.clamp(x, { min: -0.2 }),
    ),
    use(
      "from above",
      (d) => [d.distinct(8)],
      (x) => elementwise.clamp(x, { max: 0.3 }),
    ),
  ],
  where: [
    use("equal shapes", (d) => [d.mask([1, 0, 0, 1, 1, 0], [2, 3]), d.normal(2, 3), d.normal(2, 3)], where),
    use("condition broadcast", (d) => [d.mask([1, 0, 1]), d.normal(2, 3), d.normal(2, 3)], where),
    use("both sides broadcast", (d) => [d.mask([1, 0, 1, 0, 0, 1], [2, 3]), d.normal(3), d.normal(2, 1)], where),
    use(
      "one tensor on both sides",
      (d) => [d.mask([1, 0]), d.normal(2)],
      (c, x) => where(c, x, x.mul(2)),
    ),
    use(
      "a number on one side",
      (d) => [d.mask([1, 0]), d.normal(2)],
      (c, x) => where(c, 3, x),
    ),
  ],
} as const satisfies Record<string, Cases>;

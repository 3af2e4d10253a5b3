import { DTypeError } from "../../errors.js";
import type { BinaryName } from "../../kernels/scalar.js";
import { broadcastShapes } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import { type Call, defineOp, type Kind, type OperationFunction, type OperationRule, plus } from "../operation.js";

type NoOptions = Record<never, never>;
const none: NoOptions = {};

type Gradients = (call: Call<NoOptions>, gy: Tensor) => readonly (Tensor | null)[];
type Tangent = (call: Call<NoOptions>, tangents: readonly (Tensor | null)[]) => Tensor;

/** A quotient of whole numbers is none. */
const takenBy = (name: BinaryName): Kind => (name === "div" ? "float" : "number");

/** An operation on two tensors with NumPy broadcasting; the engine sums the gradients over repeated axes. */
function defineBinary(
  name: BinaryName,
  backward: Gradients,
  tangent: Tangent,
  backwardKernel?: OperationRule<NoOptions>["backwardKernel"],
): OperationFunction<NoOptions> {
  return defineOp<NoOptions>(name, {
    takes: [takenBy(name)],
    shape: ([x, y]) => broadcastShapes(name, x.shape, y.shape),
    forward: (kernels, [x, y], _, shape) => kernels.zip(name, x, y, shape),
    backward,
    tangent,
    backwardKernel,
  });
}

/** z = x + y.   x̄ = z̄, ȳ = z̄ */
export const addOp = defineBinary(
  "add",
  (_, gz) => [gz, gz],
  (_, [tx, ty]) => plus(tx, ty),
  (_kernels, _call, gz) => [gz, gz],
);

/** z = x − y.   x̄ = z̄, ȳ = −z̄ */
export const subOp = defineBinary(
  "sub",
  (call, gz) => [gz, call.needs(1) ? gz.neg() : null],
  (_, [tx, ty]) => plus(tx, ty?.neg()),
);

/** z = x ⊙ y.   x̄ = z̄ ⊙ y, ȳ = z̄ ⊙ x */
export const mulOp = defineBinary(
  "mul",
  (call, gz) => {
    const [x, y] = call.inputs;
    return [call.needs(0) ? gz.mul(y) : null, call.needs(1) ? gz.mul(x) : null];
  },
  ({ inputs: [x, y] }, [tx, ty]) => plus(tx?.mul(y), ty?.mul(x)),
);

/** z = x / y.   x̄ = z̄ / y, ȳ = −z̄ ⊙ z / y;   forward (tx − z ty) / y */
export const divOp = defineBinary(
  "div",
  (call, gz) => {
    const y = call.inputs[1];
    return [call.needs(0) ? gz.div(y) : null, call.needs(1) ? gz.mul(call.output).div(y).neg() : null];
  },
  ({ inputs: [, y], output: z }, [tx, ty]) => plus(tx, ty?.mul(z).neg()).div(y),
);

/** z = x^y.   x̄ = z̄ ⊙ y ⊙ x^(y − 1), ȳ = z̄ ⊙ z ⊙ ln x, and 0 where x = 0 */
export const powOp = defineBinary(
  "pow",
  (call, gz) => {
    const [x, y] = call.inputs;
    // At 0⁰ the exponent −1 would make 0 · ∞ of the next derivative.
    const gx = (): Tensor => gz.mul(y).mul(x.pow(x.abs().add(y.abs()).equal(0).where(0, y.sub(1))));
    const gy = (): Tensor => {
      const zero = x.equal(0);
      return gz.mul(zero.where(0, call.output.mul(zero.where(1, x).log())));
    };
    return [call.needs(0) ? gx() : null, call.needs(1) ? gy() : null];
  },
  ({ inputs: [x, y], output: z }, [tx, ty]) =>
    plus(tx?.mul(y.equal(0).where(0, y.mul(x.pow(y.sub(1))))), ty?.mul(x.equal(0).where(0, z.mul(x.log())))),
);

/** Unless a side loses, its tangent; on a tie half of each. */
function winnersTangent(
  loses: (x: Tensor, y: Tensor) => Tensor,
): (call: Call<NoOptions>, tangents: readonly (Tensor | null)[]) => Tensor {
  return ({ inputs: [x, y] }, [tx, ty]) => {
    const share = (a: Tensor, b: Tensor, t: Tensor): Tensor => a.equal(b).where(t.mul(0.5), loses(a, b).where(0, t));
    return plus(tx && share(x, y, tx), ty && share(y, x, ty));
  };
}

/** The share of z̄ that each side of a maximum or minimum gets: none where it loses, half on a tie. So NaN is not hidden. */
function winnersShare(call: Call<NoOptions>, gz: Tensor, loses: (x: Tensor, y: Tensor) => Tensor): (Tensor | null)[] {
  const [x, y] = call.inputs;
  const half = gz.mul(0.5);
  const tie = x.equal(y);
  const share = (a: Tensor, b: Tensor): Tensor => tie.where(half, loses(a, b).where(0, gz));
  return [call.needs(0) ? share(x, y) : null, call.needs(1) ? share(y, x) : null];
}

/** z = max(x, y).   z̄ goes to the larger; half to each on a tie. */
export const maximumOp = defineBinary(
  "maximum",
  (call, gz) => winnersShare(call, gz, (a, b) => a.less(b)),
  winnersTangent((a, b) => a.less(b)),
);

/** z = min(x, y).   z̄ goes to the smaller; half to each on a tie. */
export const minimumOp = defineBinary(
  "minimum",
  (call, gz) => winnersShare(call, gz, (a, b) => a.greater(b)),
  winnersTangent((a, b) => a.greater(b)),
);

export interface Constant {
  readonly c: number;
}

/** An operation on a tensor and one number. */
function defineConstant(
  name: BinaryName,
  gradient: (x: Tensor, c: number, gy: Tensor) => Tensor,
  slope: (x: Tensor, c: number) => Tensor | number,
): OperationFunction<Constant> {
  return defineOp<Constant>(`${name}Constant`, {
    takes: [takenBy(name)],
    shape: ([x], { c }) => {
      if (x.dtype === "int32" && !Number.isInteger(c)) {
        throw new DTypeError(`${name}: ${c} is no int32: convert ${x.describe()} to a float with cast()`);
      }
      return x.shape;
    },
    forward: (kernels, [x], { c }) => kernels.mapConstant(name, x, c),
    backward: ({ inputs, options }, gy) => [gradient(inputs[0], options.c, gy)],
    tangent: ({ inputs: [x], options: { c } }, [t]) => (t as Tensor).mul(slope(x, c)),
  });
}

/** 1 where both conditions hold, ½ where one does, 0 elsewhere. */
const averageOf = (a: Tensor, b: Tensor, like: Tensor): Tensor => a.cast(like.dtype).add(b.cast(like.dtype)).mul(0.5);

/** y = x + c.   x̄ = ȳ */
export const addConstantOp = defineConstant(
  "add",
  (_x, _c, gy) => gy,
  () => 1,
);
/** y = x − c.   x̄ = ȳ */
export const subConstantOp = defineConstant(
  "sub",
  (_x, _c, gy) => gy,
  () => 1,
);
/** y = c x.   x̄ = c ȳ */
export const mulConstantOp = defineConstant(
  "mul",
  (_x, c, gy) => gy.mul(c),
  (_x, c) => c,
);
/** y = x / c.   x̄ = ȳ / c */
export const divConstantOp = defineConstant(
  "div",
  (_x, c, gy) => gy.div(c),
  (_x, c) => 1 / c,
);
/** y = x^c.   x̄ = c x^(c − 1) ȳ */
export const powConstantOp = defineConstant(
  "pow",
  (x, c, gy) => (c === 0 ? gy.mul(0) : gy.mul(x.pow(c - 1).mul(c))),
  (x, c) => (c === 0 ? 0 : x.pow(c - 1).mul(c)),
);
/** y = max(x, c).   x̄ = 0 where x < c, half of ȳ on a tie, else ȳ */
export const maximumConstantOp = defineConstant(
  "maximum",
  (x, c, gy) => x.equal(c).where(gy.mul(0.5), x.less(c).where(0, gy)),
  (x, c) => averageOf(x.greater(c), x.greaterEqual(c), x),
);
/** y = min(x, c).   x̄ = 0 where x > c, half of ȳ on a tie, else ȳ */
export const minimumConstantOp = defineConstant(
  "minimum",
  (x, c, gy) => x.equal(c).where(gy.mul(0.5), x.greater(c).where(0, gy)),
  (x, c) => averageOf(x.less(c), x.lessEqual(c), x),
);

/** One number as a tensor that goes with another. */
export function scalarLike(like: Tensor, value: number): Tensor {
  const scalar = new Tensor(like.kernels.zeros(1, like.dtype), [], like.device);
  if (!Object.is(value, 0)) scalar.kernels.fill(scalar, value);
  return scalar;
}

function arithmetic(pair: OperationFunction<NoOptions>, constant: OperationFunction<Constant>) {
  return (x: Tensor | number, y: Tensor | number): Tensor => {
    if (typeof y === "number") return constant([x instanceof Tensor ? x : scalarOf(pair, x)], { c: y });
    return pair([typeof x === "number" ? scalarLike(y, x) : x, y], none);
  };
}

function scalarOf(pair: OperationFunction<NoOptions>, x: number): never {
  throw new TypeError(`${pair.operation}: one side must be a tensor, got ${x} and another number`);
}

/** x + y, broadcast. Either side may be a number. */
export const add = arithmetic(addOp, addConstantOp);
/** x − y, broadcast. */
export const sub = arithmetic(subOp, subConstantOp);
/** x ⊙ y, element by element, broadcast. */
export const mul = arithmetic(mulOp, mulConstantOp);
/** x / y, broadcast. */
export const div = arithmetic(divOp, divConstantOp);
/** x to the power of y, broadcast. */
export const pow = arithmetic(powOp, powConstantOp);
/** The larger of x and y, broadcast. */
export const maximum = arithmetic(maximumOp, maximumConstantOp);
/** The smaller of x and y, broadcast. */
export const minimum = arithmetic(minimumOp, minimumConstantOp);

function defineComparison(name: BinaryName): (x: Tensor, y: Tensor | number) => Tensor {
  const pair = defineOp<NoOptions>(name, {
    takes: ["any"],
    shape: ([x, y]) => broadcastShapes(name, x.shape, y.shape),
    forward: (kernels, [x, y], _, shape) => kernels.zip(name, x, y, shape),
  });
  const constant = defineOp<Constant>(`${name}Constant`, {
    takes: ["any"],
    shape: ([x]) => x.shape,
    forward: (kernels, [x], { c }) => kernels.mapConstant(name, x, c),
  });
  return (x, y) => (typeof y === "number" ? constant([x], { c: y }) : pair([x, y], none));
}

/** x = y as bool, broadcast. */
export const equal = defineComparison("equal");
/** x ≠ y as bool, broadcast. */
export const notEqual = defineComparison("notEqual");
/** x < y as bool, broadcast. */
export const less = defineComparison("less");
/** x ≤ y as bool, broadcast. */
export const lessEqual = defineComparison("lessEqual");
/** x > y as bool, broadcast. */
export const greater = defineComparison("greater");
/** x ≥ y as bool, broadcast. */
export const greaterEqual = defineComparison("greaterEqual");

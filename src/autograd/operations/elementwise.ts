import type { UnaryName } from "../../kernels/scalar.js";
import { Tensor } from "../../tensor/tensor.js";
import { type Call, defineOp, type OperationFunction } from "../operation.js";
import { scalarLike } from "./arithmetic.js";

type NoOptions = Record<never, never>;
const none: NoOptions = {};

/**
 * A function of each element. The fast road takes its derivative from the table of scalar functions.
 * @param slope dy/dx, for forward mode
 */
function defineUnary(
  name: UnaryName,
  backward: (call: Call<NoOptions>, gy: Tensor) => Tensor,
  slope: (x: Tensor, y: Tensor) => Tensor | number,
): OperationFunction<NoOptions> {
  return defineOp<NoOptions>(name, {
    takes: ["float"],
    shape: ([x]) => x.shape,
    forward: (kernels, [x]) => kernels.map(name, x),
    backward: (call, gy) => [backward(call, gy)],
    tangent: ({ inputs: [x], output: y }, [t]) => (t as Tensor).mul(slope(x, y)),
    backwardKernel: (kernels, { inputs, output }, gy) => [
      new Tensor(kernels.mapBackward(name, inputs[0], output, gy), output.shape, output.device),
    ],
  });
}

/** y = −x.   x̄ = −ȳ */
export const negOp = defineUnary(
  "neg",
  (_, gy) => gy.neg(),
  () => -1,
);
/** y = eˣ.   x̄ = ȳ ⊙ y */
export const expOp = defineUnary(
  "exp",
  ({ output: y }, gy) => gy.mul(y),
  (_x, y) => y,
);
/** y = ln x.   x̄ = ȳ / x */
export const logOp = defineUnary(
  "log",
  ({ inputs: [x] }, gy) => gy.div(x),
  (x) => x.pow(-1),
);
/** y = √x.   x̄ = ȳ / 2y */
export const sqrtOp = defineUnary(
  "sqrt",
  ({ output: y }, gy) => gy.div(y.mul(2)),
  (x) => x.pow(-0.5).mul(0.5),
);
/** y = |x|.   x̄ = ȳ sign x, and 0 at 0 */
export const absOp = defineUnary(
  "abs",
  ({ inputs: [x] }, gy) => x.greater(0).where(gy, x.less(0).where(gy.neg(), 0)),
  (x) => x.greater(0).cast(x.dtype).sub(x.less(0).cast(x.dtype)),
);
/** y = tanh x.   x̄ = ȳ ⊙ (1 − y²) */
export const tanhOp = defineUnary(
  "tanh",
  ({ output: y }, gy) => gy.sub(gy.mul(y).mul(y)),
  (_x, y) => y.mul(y).neg().add(1),
);
/** y = σ(x).   x̄ = ȳ ⊙ y ⊙ (1 − y) */
export const sigmoidOp = defineUnary(
  "sigmoid",
  ({ output: y }, gy) => gy.mul(y.sub(y.mul(y))),
  (x, y) => y.mul(x.neg().sigmoid()),
);
/** y = max(x, 0).   x̄ = 0 where x ≤ 0, else ȳ */
export const reluOp = defineUnary(
  "relu",
  ({ inputs: [x] }, gy) => x.lessEqual(0).where(0, gy),
  (x) => x.lessEqual(0).where(0, scalarLike(x, 1)),
);
/** y = ln(1 + eˣ).   x̄ = ȳ ⊙ σ(x) */
export const softplusOp = defineUnary(
  "softplus",
  ({ inputs: [x] }, gy) => gy.mul(x.sigmoid()),
  (x) => x.sigmoid(),
);

const unaryFunction =
  (operation: OperationFunction<NoOptions>) =>
  (x: Tensor): Tensor =>
    operation([x], none);

/** −x */
export const neg = unaryFunction(negOp);
/** eˣ */
export const exp = unaryFunction(expOp);
/** Natural logarithm; NaN below 0, −Infinity at 0. */
export const log = unaryFunction(logOp);
/** Square root; NaN below 0. */
export const sqrt = unaryFunction(sqrtOp);
/** |x|; its derivative at 0 is taken as 0. */
export const abs = unaryFunction(absOp);
/** Hyperbolic tangent. */
export const tanh = unaryFunction(tanhOp);
/** 1 / (1 + e^−x) */
export const sigmoid = unaryFunction(sigmoidOp);
/** max(x, 0); its derivative at 0 is taken as 0. */
export const relu = unaryFunction(reluOp);
/** ln(1 + eˣ), without overflow. */
export const softplus = unaryFunction(softplusOp);

/** Restricts each element to [min, max]; either may be left out. The gradient is 1 inside, edges included, else 0. */
export const clampOp = defineOp<{ min: number; max: number }>("clamp", {
  takes: ["float"],
  shape: ([x]) => x.shape,
  forward: (kernels, [x], { min, max }) => {
    const raised = kernels.mapConstant("maximum", x, min);
    const clamped = kernels.mapConstant("minimum", { storage: raised, offset: 0, shape: x.shape }, max);
    raised.release();
    return clamped;
  },
  backward: ({ inputs: [x], options: { min, max } }, gy) => [
    x.greaterEqual(min).where(x.lessEqual(max).where(gy, 0), 0),
  ],
  tangent: ({ inputs: [x], options: { min, max } }, [t]) => x.less(min).where(0, x.greater(max).where(0, t as Tensor)),
});

/** See {@link clampOp}. */
export const clamp = (x: Tensor, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = {}): Tensor =>
  clampOp([x], { min, max });

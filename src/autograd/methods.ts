import { GraphError } from "../errors.js";
import type { DType } from "../kernels/storage.js";
import type { Device } from "../tensor/devices.js";
import type { Shape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { type BackwardOptions, backward } from "./backward.js";
import { type GradientHook, isLeaf, nodeOf } from "./node.js";
import * as arithmetic from "./operations/arithmetic.js";
import { broadcastTo } from "./operations/broadcast.js";
import { cast, to } from "./operations/cast.js";
import { concat } from "./operations/concat.js";
import { type CrossEntropyOptions, crossEntropy } from "./operations/cross-entropy.js";
import { type DropoutOptions, dropout } from "./operations/dropout.js";
import * as elementwise from "./operations/elementwise.js";
import { gather, scatterAdd } from "./operations/gather.js";
import { matmul } from "./operations/matmul.js";
import { permute, transpose } from "./operations/permute.js";
import * as reduce from "./operations/reduce.js";
import { reshape } from "./operations/reshape.js";
import * as slices from "./operations/slice.js";
import { logSoftmax, softmax } from "./operations/softmax.js";
import { where } from "./operations/where.js";

/** A number or a tensor: the other side of an arithmetic method. */
type Other = Tensor | number;

/**
 * Every operation as a method of {@link Tensor}: `x.add(y)` is `add(x, y)`. The functions say what each does.
 */
interface TensorMethods {
  add(y: Other): Tensor;
  sub(y: Other): Tensor;
  mul(y: Other): Tensor;
  div(y: Other): Tensor;
  pow(y: Other): Tensor;
  maximum(y: Other): Tensor;
  minimum(y: Other): Tensor;
  equal(y: Other): Tensor;
  notEqual(y: Other): Tensor;
  less(y: Other): Tensor;
  lessEqual(y: Other): Tensor;
  greater(y: Other): Tensor;
  greaterEqual(y: Other): Tensor;
  neg(): Tensor;
  exp(): Tensor;
  log(): Tensor;
  sqrt(): Tensor;
  abs(): Tensor;
  tanh(): Tensor;
  sigmoid(): Tensor;
  relu(): Tensor;
  softplus(): Tensor;
  clamp(bounds?: { min?: number; max?: number }): Tensor;
  /** On a bool tensor: x where true, y elsewhere. */
  where(x: Other, y: Other): Tensor;
  sum(options?: reduce.ReduceOptions): Tensor;
  mean(options?: reduce.ReduceOptions): Tensor;
  max(options?: reduce.ReduceOptions): Tensor;
  min(options?: reduce.ReduceOptions): Tensor;
  argmax(options?: { axis?: number; keepDims?: boolean }): Tensor;
  argmin(options?: { axis?: number; keepDims?: boolean }): Tensor;
  matmul(b: Tensor, options?: { transposeA?: boolean; transposeB?: boolean }): Tensor;
  transpose(axis1?: number, axis2?: number): Tensor;
  permute(axes: readonly number[]): Tensor;
  reshape(shape: Shape): Tensor;
  broadcastTo(shape: Shape): Tensor;
  slice(...ranges: readonly (slices.SliceRange | null)[]): Tensor;
  at(index: number, options?: { axis?: number }): Tensor;
  split(parts: number | readonly number[], options?: { axis?: number }): Tensor[];
  pad(widths: readonly (readonly [number, number])[], value?: number): Tensor;
  /** This tensor and others, joined along an axis. */
  concat(others: readonly Tensor[], options?: { axis?: number }): Tensor;
  gather(indices: Tensor, options?: { axis?: number }): Tensor;
  scatterAdd(indices: Tensor, options: { axis?: number; length: number }): Tensor;
  softmax(options?: { axis?: number; mask?: Tensor | null }): Tensor;
  logSoftmax(options?: { axis?: number }): Tensor;
  crossEntropy(targets: Tensor, options?: CrossEntropyOptions): Tensor;
  dropout(options?: DropoutOptions): Tensor;
  cast(dtype: DType): Tensor;
  to(device: Device): Promise<Tensor>;

  /** Back-propagates from this tensor into the `.grad` of every leaf. A non-scalar needs the gradient to start from. */
  backward(gradient?: Tensor, options?: BackwardOptions): void;
  /** The same numbers, cut off from the graph. A view. */
  detach(): Tensor;
  /** Keeps this intermediate's gradient in `.grad` after `backward()`. */
  retainGrad(): this;
  /**
   * Calls `hook` with ∂loss/∂this in every backward pass; a tensor that it returns is passed on instead.
   * Returns a function that takes the hook away again.
   */
  registerHook(hook: GradientHook): () => void;
  /** True if no recorded operation made this tensor. */
  isLeaf(): boolean;
}

declare module "../tensor/tensor.js" {
  interface Tensor extends TensorMethods {}
}

/** Makes a method of a function that takes the tensor first. */
const method = <Rest extends readonly unknown[], Result>(fn: (x: Tensor, ...rest: Rest) => Result) =>
  function (this: Tensor, ...rest: Rest): Result {
    return fn(this, ...rest);
  };

const operationMethods = {
  add: method(arithmetic.add),
  sub: method(arithmetic.sub),
  mul: method(arithmetic.mul),
  div: method(arithmetic.div),
  pow: method(arithmetic.pow),
  maximum: method(arithmetic.maximum),
  minimum: method(arithmetic.minimum),
  equal: method(arithmetic.equal),
  notEqual: method(arithmetic.notEqual),
  less: method(arithmetic.less),
  lessEqual: method(arithmetic.lessEqual),
  greater: method(arithmetic.greater),
  greaterEqual: method(arithmetic.greaterEqual),
  neg: method(elementwise.neg),
  exp: method(elementwise.exp),
  log: method(elementwise.log),
  sqrt: method(elementwise.sqrt),
  abs: method(elementwise.abs),
  tanh: method(elementwise.tanh),
  sigmoid: method(elementwise.sigmoid),
  relu: method(elementwise.relu),
  softplus: method(elementwise.softplus),
  clamp: method(elementwise.clamp),
  where: method(where),
  sum: method(reduce.sum),
  mean: method(reduce.mean),
  max: method(reduce.max),
  min: method(reduce.min),
  argmax: method(reduce.argmax),
  argmin: method(reduce.argmin),
  matmul: method(matmul),
  transpose: method(transpose),
  permute: method(permute),
  reshape: method(reshape),
  broadcastTo: method(broadcastTo),
  slice: method(slices.slice),
  at: method(slices.at),
  split: method(slices.split),
  pad: method(slices.pad),
  concat: method((x, others: readonly Tensor[], options?: { axis?: number }) => concat([x, ...others], options)),
  gather: method(gather),
  scatterAdd: method(scatterAdd),
  softmax: method(softmax),
  logSoftmax: method(logSoftmax),
  crossEntropy: method(crossEntropy),
  dropout: method(dropout),
  cast: method(cast),
  to: method(to),
};

function nodeForHook(x: Tensor, method: string) {
  const node = nodeOf(x);
  if (!node) {
    throw new GraphError(`${method}: ${x.describe()} has no gradient: set requiresGrad before the forward pass`);
  }
  return node;
}

const graphMethods: Omit<TensorMethods, keyof typeof operationMethods> & ThisType<Tensor> = {
  backward(gradient, options) {
    backward(this, gradient, options);
  },
  detach() {
    return this.view(this.shape);
  },
  retainGrad() {
    nodeForHook(this, "retainGrad").retain = true;
    return this;
  },
  registerHook(hook) {
    const node = nodeForHook(this, "registerHook");
    // Of its own, so that taking it away leaves the same function registered a second time.
    const mine: GradientHook = (gradient) => hook(gradient);
    node.hooks = [...(node.hooks ?? []), mine];
    return () => {
      const rest = node.hooks?.filter((other) => other !== mine) ?? [];
      node.hooks = rest.length > 0 ? rest : null;
    };
  },
  isLeaf() {
    return isLeaf(this);
  },
};

Object.assign(Tensor.prototype, operationMethods, graphMethods);

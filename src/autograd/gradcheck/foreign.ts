import { DataError, ShapeError } from "../../errors.js";
import { tensor } from "../../tensor/create.js";
import { type Shape, showShape, sizeOf } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { TensorFunction } from "../functional.js";
import { defineOp } from "../operation.js";

/** A function of another library, or by hand: numbers in, numbers out. */
export interface ForeignFunction {
  /** How messages call it. */
  readonly name?: string;
  readonly forward: (inputs: readonly Float64Array[]) => ArrayLike<number>;
  /** ∂(Σ gradient ⊙ output)/∂input for each input. */
  readonly backward: (inputs: readonly Float64Array[], gradient: Float64Array) => readonly ArrayLike<number>[];
  /** The output's shape; one axis where it is left out. */
  readonly shape?: (inputs: readonly Shape[]) => Shape;
}

/**
 * Makes a function of tensors of a foreign one, so that `gradcheck` can check it like any other. Its gradient cannot be
 * differentiated again: to check that, give the gradient as a foreign function of its own.
 */
export function foreign({ name = "foreign", forward, backward, shape }: ForeignFunction): TensorFunction {
  interface Options {
    readonly value: Float64Array;
    readonly shape: Shape;
  }
  const numbers = (inputs: readonly Tensor[]): Float64Array[] =>
    inputs.map((input) => Float64Array.from(input.dataSync()));
  const operation = defineOp<Options>(name, {
    takes: ["float"],
    shape: (_, options) => options.shape,
    forward: (kernels, [x], { value }) => kernels.upload(Float64Array.from(value), x.dtype),
    backward: ({ inputs }, gy) => {
      const gradients = backward(numbers(inputs), Float64Array.from(gy.dataSync()));
      return inputs.map((input, i) => {
        const gradient = Float64Array.from(gradients[i] ?? []);
        if (gradient.length !== input.size) {
          throw new ShapeError(
            `${name}: backward gave ${gradient.length} numbers for input ${i}, which is ${showShape(input.shape)} (${input.size})`,
          );
        }
        return tensor(gradient, { shape: input.shape, dtype: input.dtype });
      });
    },
  });
  return (...inputs) => {
    if (inputs.length === 0) throw new DataError(`${name}: give at least one input`);
    const value = Float64Array.from(forward(numbers(inputs)));
    const outputShape = shape?.(inputs.map((input) => input.shape)) ?? [value.length];
    if (sizeOf(outputShape) !== value.length) {
      throw new ShapeError(
        `${name}: forward gave ${value.length} numbers, which do not fill ${showShape(outputShape)}`,
      );
    }
    return operation(inputs, { value, shape: outputShape });
  };
}

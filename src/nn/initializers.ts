import { DataError } from "../errors.js";
import { tensor, zeros } from "../tensor/create.js";
import { defaults } from "../tensor/devices.js";
import { type Random, sharedRandom } from "../tensor/random.js";
import { type Shape, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { ParameterOptions } from "./module.js";

/** Draws a parameter's first values. */
export type Initializer = (shape: Shape, options: ParameterOptions) => Tensor;

const upload = (values: Float64Array, shape: Shape, { dtype = defaults().dtype, device }: ParameterOptions): Tensor =>
  tensor(values, { shape, dtype, device });

/** Zeros: the usual bias. */
export const zero: Initializer = (shape, { dtype, device }) => zeros(shape, { dtype, device });

/** Uniform in [−bound, bound). */
export const uniform =
  (bound: number): Initializer =>
  (shape, options) => {
    const { random = sharedRandom() } = options;
    const values = Float64Array.from({ length: sizeOf(shape) }, () => (2 * random.uniform() - 1) * bound);
    return upload(values, shape, options);
  };

/** Normal with mean 0. */
export const gaussian =
  (standardDeviation: number): Initializer =>
  (shape, options) => {
    const { random = sharedRandom() } = options;
    const values = Float64Array.from({ length: sizeOf(shape) }, () => random.normal() * standardDeviation);
    return upload(values, shape, options);
  };

/** Uniform with variance 2 / (in + out), for a weight [out, in] (Glorot & Bengio 2010). */
export const xavierUniform: Initializer = (shape, options) => {
  const [rows, columns] = matrixSizes("xavierUniform", shape);
  return uniform(Math.sqrt(6 / (rows + columns)))(shape, options);
};

/**
 * A matrix with orthonormal columns (or rows, if there are fewer): it keeps lengths, so a state's gradient neither
 * vanishes nor explodes at first (Saxe 2014).
 * @param blocks stacked square matrices in one weight, as the gates of a recurrent cell; each is drawn on its own
 */
export const orthogonal =
  (blocks = 1): Initializer =>
  (shape, options) => {
    const { random = sharedRandom() } = options;
    const [rows, columns] = matrixSizes("orthogonal", shape);
    const block = rows / blocks;
    if (!Number.isInteger(block)) {
      throw new DataError(`orthogonal: ${rows} rows are not ${blocks} blocks of the same size`);
    }
    const values = new Float64Array(rows * columns);
    for (let b = 0; b < blocks; b++) {
      const start = b * block * columns;
      const tall = block >= columns;
      const vectors = tall ? orthonormal(columns, block, random) : orthonormal(block, columns, random);
      for (let r = 0; r < block; r++) {
        for (let c = 0; c < columns; c++) {
          values[start + r * columns + c] = tall ? vectors[c][r] : vectors[r][c];
        }
      }
    }
    return upload(values, shape, options);
  };

function matrixSizes(name: string, shape: Shape): [rows: number, columns: number] {
  if (shape.length !== 2) throw new DataError(`${name}: needs a matrix [out, in], got ${shape.length} axes`);
  return [shape[0], shape[1]];
}

/** `count` orthonormal vectors of `length` ≥ count: Gram–Schmidt on normal draws, each projected out twice. */
function orthonormal(count: number, length: number, random: Random): Float64Array[] {
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length }, () => random.normal());
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors) {
        const overlap = dot(vector, other);
        for (let i = 0; i < length; i++) vector[i] -= overlap * other[i];
      }
    }
    const norm = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((x) => x / norm));
  }
  return vectors;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

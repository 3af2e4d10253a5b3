import { DataError, DTypeError } from "../../errors.js";
import { arrayTypes } from "../../kernels/storage.js";
import { tensor } from "../../tensor/create.js";
import { isFloat } from "../../tensor/devices.js";
import { type Random, sharedRandom } from "../../tensor/random.js";
import type { Tensor } from "../../tensor/tensor.js";
import { mul } from "./arithmetic.js";

export interface DropoutOptions {
  /** Share of the elements set to 0, in [0, 1). Default 0.5. */
  p?: number;
  /** Off, x passes through unchanged. Default on. */
  training?: boolean;
  /** Where the choice comes from; the shared generator if none is given. */
  random?: Random;
}

/** Sets each element to 0 with probability p and scales the others by 1 / (1 − p) (Srivastava 2014).   x̄ = ȳ ⊙ mask */
export function dropout(x: Tensor, { p = 0.5, training = true, random = sharedRandom() }: DropoutOptions = {}): Tensor {
  if (!(p >= 0 && p < 1)) throw new DataError(`dropout: p must lie in [0, 1), got ${p}`);
  if (!isFloat(x.dtype)) throw new DTypeError(`dropout: ${x.describe()} is no float: convert it with cast()`);
  if (!training || p === 0) return x;
  const mask = new arrayTypes[x.dtype](x.size);
  const scale = 1 / (1 - p);
  for (let i = 0; i < mask.length; i++) mask[i] = random.uniform() < p ? 0 : scale;
  return mul(x, tensor(mask, { shape: x.shape, dtype: x.dtype, device: x.device }));
}

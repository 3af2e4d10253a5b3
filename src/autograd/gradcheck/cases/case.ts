import type { DType } from "../../../kernels/storage.js";
import { tensor } from "../../../tensor/create.js";
import type { Device } from "../../../tensor/devices.js";
import { Random } from "../../../tensor/random.js";
import { type Shape, sizeOf } from "../../../tensor/shape.js";
import type { Tensor } from "../../../tensor/tensor.js";

/** One use of an operation at one point, for any dtype and device. */
export interface GradcheckCase {
  readonly title: string;
  readonly inputs: (draw: Draw) => Tensor[];
  readonly fn: (...inputs: Tensor[]) => Tensor;
}

/** At least one. */
export type Cases = readonly [GradcheckCase, ...GradcheckCase[]];

/**
 * Draws inputs. The numbers are the same for every dtype and device, and fit float32 exactly, so that two back ends
 * compute from the very same point.
 */
export class Draw {
  private readonly random: Random;

  constructor(
    readonly dtype: DType,
    readonly device: Device,
    seed: number,
  ) {
    this.random = new Random(seed);
  }

  private fill(shape: Shape, next: (i: number) => number): Tensor {
    const numbers = Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(next(i)));
    return tensor(numbers, { shape, dtype: this.dtype, device: this.device });
  }

  /** Standard normal numbers. */
  normal(...shape: number[]): Tensor {
    return this.fill(shape, () => this.random.normal());
  }

  /** Around 500, where eˣ alone would overflow float32. */
  large(...shape: number[]): Tensor {
    return this.fill(shape, () => 500 + this.random.normal());
  }

  /** Between 0.5 and 2. */
  positive(...shape: number[]): Tensor {
    return this.fill(shape, () => 0.5 + 1.5 * this.random.uniform());
  }

  /** Of either sign, and at least 0.25 away from 0: for functions with a kink or a pole there. */
  nonzero(...shape: number[]): Tensor {
    return this.fill(shape, () => (this.random.uniform() < 0.5 ? -1 : 1) * (0.25 + this.random.uniform()));
  }

  /** No two closer than 0.125: for functions with a kink at a tie. */
  distinct(...shape: number[]): Tensor {
    const n = sizeOf(shape);
    const places = this.random.shuffle(Array.from({ length: n }, (_, i) => i - n / 2));
    return this.fill(shape, (i) => 0.25 * (places[i] as number) + 0.125 * this.random.uniform());
  }

  indices(values: readonly number[], shape: Shape = [values.length]): Tensor {
    return tensor(Int32Array.from(values), { shape, dtype: "int32", device: this.device });
  }

  mask(values: readonly (0 | 1)[], shape: Shape = [values.length]): Tensor {
    return tensor(Uint8Array.from(values), { shape, dtype: "bool", device: this.device });
  }
}

/** A case in short. */
export const use = (title: string, inputs: GradcheckCase["inputs"], fn: GradcheckCase["fn"]): GradcheckCase => ({
  title,
  inputs,
  fn,
});

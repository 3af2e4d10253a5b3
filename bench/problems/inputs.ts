import { Random } from "backflow";

/** One array that goes into a kernel. */
export interface Input {
  readonly data: Float32Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Random inputs with outliers, the same for the same seed on every machine; all floats are float32 numbers. */
export class Inputs {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Fills a shape from a function of the generator. */
  filled(shape: readonly number[], draw: (random: Random) => number): Input {
    return { data: Float32Array.from({ length: sizeOf(shape) }, () => draw(this.#random)), shape };
  }

  /** Standard normal, times `scale`; one in a hundred a thousand times as large. */
  factors(shape: readonly number[], scale = 1): Input {
    return this.filled(shape, (random) => random.normal() * scale * (random.uniform() < 0.01 ? 1000 : 1));
  }

  /** Standard normal, times `scale`, without outliers: weights and states. */
  normal(shape: readonly number[], scale = 1): Input {
    return this.filled(shape, (random) => random.normal() * scale);
  }

  /** Scores for a softmax: one in a hundred is so large or small that its exponential leaves float32. */
  scores(shape: readonly number[]): Input {
    return this.filled(shape, (random) => {
      if (random.uniform() >= 0.01) return 2 * random.normal();
      return random.uniform() < 0.5 ? 90 + 10 * random.normal() : -200;
    });
  }

  /** What hurts a tanh: mostly normal, one in ten close to 0, one in ten far out, and zeros. */
  arguments(shape: readonly number[]): Input {
    return this.filled(shape, (random) => {
      const kind = random.uniform();
      const sign = random.uniform() < 0.5 ? -1 : 1;
      if (kind < 0.1) return sign * 10 ** (-1 - 9 * random.uniform());
      if (kind < 0.2) return sign * (5 + 195 * random.uniform());
      return kind < 0.21 ? 0 : 2 * random.normal();
    });
  }
}

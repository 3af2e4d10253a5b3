import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { DataError } from "../errors.js";

/** The whole state of a {@link Random}: plain numbers, so that a checkpoint can hold it. */
export interface RandomState {
  readonly generator: readonly number[];
  /** The second value of the last Box–Muller pair, not yet handed out. */
  readonly spareNormal: number | null;
}

/** Seeded random numbers (xoroshiro128+). The same seed gives the same numbers on every machine. */
export class Random {
  private generator;
  private spareNormal: number | null = null;

  /** @param seed an integer; every generator of a run derives from one. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new DataError(`seed must be an integer, got ${seed}`);
    this.generator = xoroshiro128plus(seed);
  }

  /** A number in [0, 1). */
  uniform(): number {
    return uniformFloat64(this.generator);
  }

  /** An integer in [0, end). */
  integer(end: number): number {
    return uniformInt(this.generator, 0, end - 1);
  }

  /** A standard normal number, mean 0 and variance 1 (Box–Muller). */
  normal(): number {
    if (this.spareNormal !== null) {
      const spare = this.spareNormal;
      this.spareNormal = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** One of the items, each as likely as the next. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)] as T;
  }

  /** A new array with the items in random order (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const item = shuffled[i] as T;
      shuffled[i] = shuffled[j] as T;
      shuffled[j] = item;
    }
    return shuffled;
  }

  /** A generator of its own, so that one part of a run can draw more without changing another part. */
  fork(): Random {
    return new Random(this.integer(0x7fffffff));
  }

  state(): RandomState {
    return { generator: [...this.generator.getState()], spareNormal: this.spareNormal };
  }

  /** Continues exactly where {@link state} was read. */
  restore(state: RandomState): void {
    this.generator = xoroshiro128plusFromState(state.generator);
    this.spareNormal = state.spareNormal;
  }
}

let shared = new Random(0);

/** Seeds the generator that `randn`, `rand`, initialisers and dropout use when none is given. */
export function seed(value: number): void {
  shared = new Random(value);
}

/** The generator used where none is given. */
export const sharedRandom = (): Random => shared;

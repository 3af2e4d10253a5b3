import { unitsOff } from "backflow/kernels";

/** What a result has to be: float64 numbers, and how far off float32 ones may be. */
export interface Expected {
  readonly name: string;
  readonly values: ArrayLike<number>;
  /**
   * What a unit in the last place is taken of where the value alone would be too strict, because it is a sum of larger
   * terms: one number for all elements, or one for each.
   */
  readonly scale?: number | ArrayLike<number>;
  /** Units in the last place of float32. */
  readonly bound: number;
}

/** How a candidate's results compare with the truth. */
export interface Verification {
  readonly correct: boolean;
  /** The largest error, in units in the last place, and the bound of that result. Infinity where a number is none. */
  readonly ulp: number;
  readonly bound: number;
  /** The worst element, in words. */
  readonly where: string;
}

function compareOne(found: ArrayLike<number>, { name, values, scale = 0, bound }: Expected): Verification {
  if (found.length !== values.length) {
    const where = `${name} has ${found.length} numbers instead of ${values.length}`;
    return { correct: false, ulp: Number.POSITIVE_INFINITY, bound, where };
  }
  let ulp = 0;
  let worst = 0;
  for (let i = 0; i < values.length; i++) {
    const off = unitsOff(found[i], values[i], typeof scale === "number" ? scale : scale[i]);
    if (off > ulp || Number.isNaN(off)) {
      ulp = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
      worst = i;
      if (ulp === Number.POSITIVE_INFINITY) break;
    }
  }
  return { correct: ulp <= bound, ulp, bound, where: `${name}[${worst}] = ${found[worst]}, truth ${values[worst]}` };
}

/** Compares every number of every result with the truth, and tells the worst relative to what is allowed. */
export function verify(found: readonly ArrayLike<number>[], expected: readonly Expected[]): Verification {
  if (found.length !== expected.length) {
    const where = `${found.length} results instead of ${expected.length}`;
    return { correct: false, ulp: Number.POSITIVE_INFINITY, bound: 0, where };
  }
  const all = expected.map((one, i) => compareOne(found[i], one));
  return all.reduce((worst, one) => (one.ulp / one.bound > worst.ulp / worst.bound ? one : worst));
}

import type { Problem } from "../problems/problem.js";
import type { Result } from "../report/report.js";

/** Why a candidate is not worth starting at a problem; null where it is. */
export type Forecast = (problem: Problem, device: string, variant: string) => string | null;

/** So many times over the limit a call has to be expected before it is not even tried. */
const MARGIN = 2;
/** From so many milliseconds on a call shows what its arithmetic takes, not what a launch does. */
const ARITHMETIC = 20;

const keyOf = (suite: string, device: string, variant: string): string => [suite, device, variant].join("\n");

interface Seen {
  readonly problem: string;
  readonly flops: number;
  readonly rate: number;
  readonly call: number;
}

/**
 * Foresees calls far over the limit, in seconds, from what the same candidate has done in its suite so far: at the rate
 * of the problem nearest in work whose call was long, as a kernel may do more than the arithmetic that is counted; where
 * none was long, at the best rate it has shown, so that whatever might do is tried.
 */
export function forecastFrom(results: readonly Result[], limit: number): Forecast {
  return ({ suite, work: { flops } }, device, variant) => {
    const key = keyOf(suite, device, variant);
    const seen = results.flatMap(({ phases, work, problem, ...result }): Seen[] => {
      const call = phases?.run.median ?? result.call;
      if (call === undefined || keyOf(result.suite, result.device, result.variant) !== key || !(work.flops > 0))
        return [];
      return [{ problem, flops: work.flops, rate: work.flops / call, call }];
    });
    const long = seen.filter(({ call }) => call >= ARITHMETIC);
    const distance = (one: Seen): number => Math.abs(Math.log(one.flops / flops));
    const [guide] =
      long.length > 0 ? long.sort((a, b) => distance(a) - distance(b)) : seen.sort((a, b) => b.rate - a.rate);
    if (guide === undefined) return null;
    const expected = flops / guide.rate / 1000;
    if (!(expected > MARGIN * limit)) return null;
    const rate = `at the ${long.length > 0 ? "rate" : "best rate"} it has shown (${guide.problem})`;
    return `a call would take ${expected.toFixed(0)} s or more ${rate}, over the limit of ${limit} s: --limit ${Math.ceil(expected)} tries it`;
  };
}

/** Samples of one measurement, in milliseconds, by round: what lies in one round was measured back to back. */
export type Rounds = readonly (readonly number[])[];

/** The middle of a measurement and how far it spreads, in milliseconds. */
export interface Summary {
  readonly median: number;
  /** First and third quartile. */
  readonly q1: number;
  readonly q3: number;
  /** How many samples there are. */
  readonly samples: number;
  readonly rounds: Rounds;
}

/** The quantile q of sorted values, linear between neighbours (Hyndman & Fan 1996, type 7). */
export function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

export const median = (values: readonly number[]): number => quantile(ascending(values), 0.5);

export function summarize(rounds: Rounds): Summary {
  const sorted = ascending(rounds.flat());
  return {
    median: quantile(sorted, 0.5),
    q1: quantile(sorted, 0.25),
    q3: quantile(sorted, 0.75),
    samples: sorted.length,
    rounds,
  };
}

/** How two measurements stand to each other: the ratio of their medians, b to a, and a 95 % interval around it. */
export interface Comparison {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** What can be said about b: `same` where the interval holds 1 or the difference is below what is worth a word. */
  readonly verdict: "faster" | "slower" | "same";
}

/** Uniform numbers in [0, 1): mulberry32. The page of results shares this file, so nothing larger is taken in for it. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Differences smaller than this are called the same, however sure: the layout of code in memory alone makes as much. */
const worthAWord = 0.02;
const resamples = 1000;

/**
 * Draws rounds with replacement, then samples within each. A machine drifts between rounds, so samples of one round
 * are alike, and drawing them as if they were independent would give an interval that is far too narrow.
 */
function resample(rounds: Rounds, uniform: () => number): number {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(uniform() * items.length)];
  const drawn: number[] = [];
  for (let i = 0; i < rounds.length; i++) {
    const round = pick(rounds);
    for (let j = 0; j < round.length; j++) drawn.push(pick(round));
  }
  return median(drawn);
}

/** Compares two measurements by a hierarchical bootstrap of the ratio of medians (percentile interval). */
export function compare(a: Rounds, b: Rounds, seed = 1): Comparison {
  const uniform = generator(seed);
  const filled = (rounds: Rounds): Rounds => rounds.filter((round) => round.length > 0);
  const [before, after] = [filled(a), filled(b)];
  const ratios = Array.from({ length: resamples }, () => resample(after, uniform) / resample(before, uniform));
  const sorted = ascending(ratios);
  const ratio = median(b.flat()) / median(a.flat());
  const [low, high] = [quantile(sorted, 0.025), quantile(sorted, 0.975)];
  const same = (low <= 1 && high >= 1) || Math.abs(ratio - 1) < worthAWord;
  return { ratio, low, high, verdict: same ? "same" : ratio < 1 ? "faster" : "slower" };
}

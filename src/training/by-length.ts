import { DataError } from "../errors.js";

export interface LengthGroup<T> {
  /** Shortest and longest length in the group. */
  readonly shortest: number;
  readonly longest: number;
  readonly items: readonly T[];
}

/**
 * Items in groups by length, to report a metric by sentence length: edges `[10, 20]` give 1–10, 11–20 and, where
 * something is longer, 21–∞. Groups without items stay, so that two models' tables have the same rows.
 *
 * @param edges the longest length of each group, rising
 * @throws DataError where the edges do not rise
 */
export function groupByLength<T>(
  items: readonly T[],
  lengthOf: (item: T) => number,
  edges: readonly number[],
): LengthGroup<T>[] {
  if (edges.some((edge, index) => !(edge > (index === 0 ? 0 : edges[index - 1])))) {
    throw new DataError(`groupByLength: edges must rise from 1, got ${edges.join(", ")}`);
  }
  const last = edges.at(-1) ?? 0;
  const ends = items.some((item) => lengthOf(item) > last) ? [...edges, Number.POSITIVE_INFINITY] : edges;
  return ends.map((longest, index) => {
    const shortest = index === 0 ? 1 : ends[index - 1] + 1;
    return { shortest, longest, items: items.filter((item) => within(lengthOf(item), index, shortest, longest)) };
  });
}

/** The first group also takes what is shorter than 1: nothing is lost. */
const within = (length: number, index: number, shortest: number, longest: number): boolean =>
  length <= longest && (index === 0 || length >= shortest);

import type { EncodedPair } from "../data/batches.js";
import type { Translator } from "../models/translator.js";
import { scope } from "../tensor/scope.js";
import { type PathTerms, pathGradients, pathTerms } from "./path-split.js";
import { type Direction, directions, norm, type StateLayout, stateLayout, stateOffset } from "./states.js";
import { Trace, type TraceOptions } from "./trace.js";

export interface DecayPoint {
  readonly direction: Direction;
  readonly j: number;
  /** Recurrent steps from h_j to the state that a fixed summary is made of: the last one of its direction. */
  readonly distance: number;
  /** ‖h̄_j‖, this direction's part of it. */
  readonly norm: number;
}

export interface Decay {
  readonly points: DecayPoint[];
  /** Of ln ‖h̄_j‖ against distance by least squares, in nats a step: 0 is no decay. NaN with fewer than two distances. */
  readonly slope: number;
  readonly intercept: number;
}

/** How the gradient falls off with the way that it would have to go without attention. */
export async function decay(
  model: Translator,
  pair: EncodedPair,
  options: Pick<TraceOptions, "change"> = {},
): Promise<Decay> {
  const { gradients, layout } = scope(() => {
    const trace = new Trace(model, pair, options);
    return { gradients: pathGradients(trace, trace.loss()), layout: stateLayout(trace) };
  });
  return decayOf(await pathTerms(gradients), layout);
}

export function decayOf({ total }: PathTerms, layout: StateLayout): Decay {
  const points = directions.flatMap((direction) =>
    total.map((state, j): DecayPoint => {
      const start = stateOffset(layout, direction);
      const part = state.subarray(start, start + layout.parts * layout.hidden);
      return { direction, j, distance: direction === "forward" ? total.length - 1 - j : j, norm: norm(part) };
    }),
  );
  const alive = points.filter((point) => point.norm > 0);
  return { points, ...fitLine(alive.map(({ distance, norm: size }) => [distance, Math.log(size)])) };
}

/** y = intercept + slope · x by least squares. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): { slope: number; intercept: number } {
  const mean = (pick: 0 | 1): number => points.reduce((sum, point) => sum + point[pick], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  return { slope, intercept: meanY - slope * meanX };
}

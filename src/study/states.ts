import type { Tensor } from "../tensor/tensor.js";
import type { Trace } from "./trace.js";

/** Where the encoder's states lie in a vector: forward beside backward, an LSTM's c beside its h. */
export interface StateLayout {
  readonly hidden: number;
  /** 1; 2 for an LSTM, whose state is h and c. */
  readonly parts: number;
}

export const directions = ["forward", "backward"] as const;
export type Direction = (typeof directions)[number];

export function stateLayout(trace: Trace): StateLayout {
  const { shape } = trace.value("encoder.forward.state[0]");
  return { hidden: shape.at(-1) as number, parts: shape.length === 3 ? 2 : 1 };
}

/** Numbers in the encoder's state at one word. */
export const stateSize = ({ hidden, parts }: StateLayout): number => 2 * parts * hidden;

/** Where a direction's h begins; its c follows. */
export const stateOffset = ({ hidden, parts }: StateLayout, direction: Direction): number =>
  direction === "forward" ? 0 : parts * hidden;

export const stateSite = (direction: Direction, j: number): string => `encoder.${direction}.state[${j}]`;
export const recurrenceSite = (direction: Direction, j: number): string => `encoder.${direction}.recurrence[${j}]`;

/** The sites of all states, forward ones first. */
export const stateSites = (length: number): string[] =>
  directions.flatMap((direction) => Array.from({ length }, (_, j) => stateSite(direction, j)));

/** The sites at which a state enters the next step of its direction, and the word whose state it is. */
export const recurrences = (length: number): { site: string; direction: Direction; j: number }[] =>
  directions.flatMap((direction) =>
    Array.from({ length: length - 1 }, (_, i) => {
      const j = direction === "forward" ? i : i + 1;
      return { site: recurrenceSite(direction, j), direction, j };
    }),
  );

/** A tensor's numbers; zeros of the given length for a gradient that does not exist. */
export async function numbers(tensor: Tensor | null, length: number): Promise<Float64Array> {
  return tensor ? Float64Array.from(await tensor.data()) : new Float64Array(length);
}

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

export const norm = (a: ArrayLike<number>): number => Math.sqrt(dot(a, a));

/** A flat array as rows. */
export const rowsOf = (values: ArrayLike<number>, columns: number): number[][] =>
  Array.from({ length: values.length / columns }, (_, row) =>
    Array.from({ length: columns }, (_, column) => values[row * columns + column]),
  );

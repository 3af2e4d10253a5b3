/** How the learning rate goes down over a run. */
export type ScheduleName = "constant" | "linear" | "cosine";

/** What the base learning rate is multiplied by, given how much of the run is done, 0 to 1. */
export const schedules: Readonly<Record<ScheduleName, (progress: number) => number>> = {
  constant: () => 1,
  linear: (progress) => 1 - progress,
  /** ½ (1 + cos πp): Loshchilov & Hutter 2017, without restarts. */
  cosine: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
};

/** How long to train: whichever comes first. */
export interface Budget {
  readonly steps: number | null;
  readonly seconds: number | null;
}

/** The share of the budget that is used up, 0 to 1; 0 for a budget without end. */
export function progressOf(budget: Budget, steps: number, seconds: number): number {
  const shares = [
    budget.steps === null ? 0 : steps / budget.steps,
    budget.seconds === null ? 0 : seconds / budget.seconds,
  ];
  return Math.min(1, Math.max(...shares));
}

/** The clock does not count for the learning rate before so much of the time is used up. */
const HEAD_START = 0.1;

/**
 * The share of the budget that the learning rate goes by. Where steps end the run, with time to spare, the clock has no
 * part in it, not even while the first steps are slow: the same seed gives the same weights.
 */
export function scheduledProgress(budget: Budget, steps: number, seconds: number): number {
  if (budget.steps === null || budget.seconds === null) return progressOf(budget, steps, seconds);
  const late = (seconds / budget.seconds - HEAD_START) / (1 - HEAD_START);
  return Math.min(1, Math.max(steps / budget.steps, late));
}

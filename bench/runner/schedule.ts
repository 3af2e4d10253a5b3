/** So much of a problem's time may go by before its first round; no candidate is begun later. */
const VERIFYING = 0.75;

/** When a problem has to be done, and from when on it begins no candidate. */
export interface ProblemTime {
  readonly until: number;
  readonly latest: number;
}

/**
 * The time of one problem: of what is left, the part that it plans beside the later ones. One that takes longer than
 * planned may also use half of what nobody has planned.
 * @param own what it plans, in milliseconds like all of these
 * @param later what the problems after it plan
 */
export function timeFor(own: number, later: number, now: number, end: number): ProblemTime {
  const left = Math.max(0, end - now);
  const share = own + later > 0 ? own / (own + later) : 1;
  const room = Math.max(share * left, (left - later) / 2);
  return { until: now + room, latest: now + VERIFYING * room };
}

/** Something to be timed. */
export interface TimedCase {
  readonly name: string;
  /** Does `calls` calls; a promise where the device has to be waited for. */
  readonly run: () => unknown;
  readonly waits: boolean;
  /** How many calls one run makes. */
  readonly calls: number;
  /** How much of the time of a round it gets; 1 where left out. */
  readonly share?: number;
  /** Where it is timed elsewhere: takes the seconds, gives milliseconds a call. The rest does not count then. */
  readonly sample?: (seconds: number) => Promise<number[]>;
}

/** Times every case in the given order for its share of so many seconds; milliseconds a call, a list a case. */
export type Timer = (cases: readonly TimedCase[], seconds: number) => Promise<number[][]>;

/** A sample takes at least this long, so that the clock's resolution does not show: milliseconds. */
const shortestSample = 2;

/** Times one case without any library: for browsers. */
async function timeCase({ run, waits, calls, sample }: TimedCase, seconds: number): Promise<number[]> {
  if (sample) return sample(seconds);
  const samples: number[] = [];
  const end = performance.now() + seconds * 1000;
  do {
    const start = performance.now();
    let runs = 0;
    do {
      const result = run();
      if (waits) await result;
      runs++;
    } while (performance.now() - start < shortestSample);
    samples.push((performance.now() - start) / (runs * calls));
  } while (performance.now() < end);
  return samples;
}

export const plainTimer: Timer = async (cases, seconds) => {
  const samples: number[][] = [];
  for (const one of cases) samples.push(await timeCase(one, seconds * (one.share ?? 1)));
  return samples;
};

/** Times what runs here by `timer`, and what runs elsewhere there, each in its turn. */
export async function timeRound(cases: readonly TimedCase[], timer: Timer, seconds: number): Promise<number[][]> {
  const here = cases.filter(({ sample }) => !sample);
  const elsewhere = cases.filter(({ sample }) => sample);
  const samples = new Map<TimedCase, number[]>();
  (await timer(here, seconds)).forEach((list, i) => {
    samples.set(here[i], list);
  });
  (await plainTimer(elsewhere, seconds)).forEach((list, i) => {
    samples.set(elsewhere[i], list);
  });
  return cases.map((one) => samples.get(one) ?? []);
}

/** How much two windows of a warm-up may differ to be called stable. */
const stable = 0.05;

/**
 * Runs a case until it no longer gets faster: compilers of several tiers, caches and clock frequencies settle. Gives
 * the milliseconds a call takes then.
 */
export async function warmUp(one: TimedCase, seconds: { atLeast: number; atMost: number }): Promise<number> {
  const start = performance.now();
  let last = Number.POSITIVE_INFINITY;
  for (;;) {
    const window = (await timeCase(one, seconds.atLeast / 2)).sort((a, b) => a - b);
    const now = window[window.length >> 1];
    const elapsed = (performance.now() - start) / 1000;
    const settled = Math.abs(now / last - 1) < stable;
    if ((settled && elapsed >= seconds.atLeast) || elapsed >= seconds.atMost) return now;
    last = now;
  }
}

import type { Candidate, Prepared, Problem } from "../problems/problem.js";
import type { Result } from "../report/report.js";
import type { BenchDevice } from "./devices.js";
import { type Contestant, type Entrant, enter, phasesOf, type RunOptions, result } from "./entrant.js";
import type { Forecast } from "./forecast.js";
import { type TimedCase, timeRound } from "./timer.js";

/** Another engine, in a process of its own. */
export interface PeerEngine {
  readonly name: string;
  prepare(problem: Problem): Promise<Prepared>;
}

/** Lets signals and the page in: everything else here may run without a pause. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** A case, where its samples go, and in how many rounds it takes part. */
interface Slot {
  readonly one: TimedCase;
  readonly into: number[][];
  readonly rounds: number;
}

/** However late it is, a candidate gets this share of its time. */
const leastShare = 0.1;

/** What all slots can have of their time so that the problem is done in time: 1 where all of it. */
function shareLeft(slots: readonly Slot[], { seconds, until = Number.POSITIVE_INFINITY }: RunOptions): number {
  const needed = slots.reduce((sum, { one, rounds }) => sum + rounds * (one.share ?? 1) * seconds, 0);
  const left = (until - performance.now()) / 1000;
  return Math.min(1, Math.max(leastShare, left / needed));
}

/**
 * Measures every candidate at one problem. All are verified first; those that are right take turns, in an order that
 * moves on by one every round, so that a machine that drifts hits all alike.
 */
export async function runProblem(
  problem: Problem,
  devices: readonly BenchDevice[],
  options: RunOptions,
  peers: readonly PeerEngine[] = [],
  forecast?: Forecast,
): Promise<Result[]> {
  const { only = () => true } = options;
  const candidates: [Contestant, Candidate][] = [
    ...devices.flatMap((device) =>
      problem.candidates(device).map((candidate): [Contestant, Candidate] => [device, candidate]),
    ),
    ...peers
      .filter(() => problem.job)
      .map((peer): [Contestant, Candidate] => [
        { name: peer.name, activate: () => {} },
        { variant: "default", prepare: () => peer.prepare(problem) },
      ]),
  ];
  const entries: (Entrant | Result)[] = [];
  for (const [device, candidate] of candidates.filter(([, { variant }]) => only(variant))) {
    options.onProgress?.(`verifying ${device.name} ${candidate.variant}`);
    await turn();
    if (options.signal?.aborted) break;
    const reason = forecast?.(problem, device.name, candidate.variant) ?? null;
    entries.push(
      reason === null
        ? await enter(problem, device, candidate, options)
        : result(problem, device, candidate, { status: "skipped", reason }),
    );
  }
  const entrants = entries.filter((entry): entry is Entrant => "prepared" in entry);
  const slots: Slot[] = entrants.flatMap(({ cases, samples, roundsOf }) =>
    cases.map(([phase, one]) => ({ one, into: samples[phase], rounds: roundsOf(phase) })),
  );
  const share = shareLeft(slots, options);
  if (share < 1) options.onShortened?.(share);
  for (let round = 0; round < options.rounds && slots.length > 0; round++) {
    options.onProgress?.(`round ${round + 1} of ${options.rounds}`);
    await turn();
    if (options.signal?.aborted) break;
    const shift = Math.floor((round * slots.length) / options.rounds);
    const order = [...slots.slice(shift), ...slots.slice(0, shift)].filter(({ rounds }) => round < rounds);
    const timed = order.map(({ one }) => one);
    const samples = await timeRound(timed, options.timer, share * options.seconds);
    order.forEach(({ into }, i) => {
      into.push(samples[i]);
    });
  }
  return entries.flatMap((entry) => {
    if (!("prepared" in entry)) return [entry];
    const { ulp, bound } = entry.verification;
    const error = { ulp, bound };
    entry.prepared.close();
    // Interrupted before its first turn.
    if (entry.samples.run.length === 0) return [];
    const phases = phasesOf(entry);
    return [result(problem, entry.device, entry.candidate, { status: "timed", reason: null, error, phases })];
  });
}

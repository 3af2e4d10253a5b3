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

/** What a warm-up takes, in rounds. */
const warmUpRounds = 2;

/** What candidates that need so many seconds can have of them, so that the problem is done in time: 1 where all. */
function shareLeft(needed: number, until: number, least: number): number {
  const left = (until - performance.now()) / 1000;
  return Math.min(1, Math.max(least, left / needed));
}

const rank = ({ variant }: Candidate): number => (variant === "default" ? 0 : 1);

function candidatesOf(
  problem: Problem,
  devices: readonly BenchDevice[],
  peers: readonly PeerEngine[],
  only: (variant: string) => boolean,
): [Contestant, Candidate][] {
  const ours = devices.flatMap((device) =>
    problem.candidates(device).map((candidate): [Contestant, Candidate] => [device, candidate]),
  );
  const theirs = (problem.job ? peers : []).map((peer): [Contestant, Candidate] => [
    { name: peer.name, activate: () => {} },
    { variant: "default", prepare: () => peer.prepare(problem) },
  ]);
  return [...ours, ...theirs].filter(([, { variant }]) => only(variant));
}

const secondsOf = (contestants: readonly Contestant[], { rounds, seconds }: Pick<RunOptions, "rounds" | "seconds">) =>
  (rounds + warmUpRounds) * seconds * contestants.reduce((sum, { share = 1 }) => sum + share, 0);

/** How many seconds a problem plans to take: warm-ups and rounds of all candidates, whatever may be foreseen of some. */
export function plannedSeconds(
  problem: Problem,
  devices: readonly BenchDevice[],
  peers: readonly PeerEngine[],
  options: RunOptions,
): number {
  const candidates = candidatesOf(problem, devices, peers, options.only ?? (() => true));
  return secondsOf(
    candidates.map(([device]) => device),
    options,
  );
}

/** How every reason ends that says that the time was up. */
export const MORE_MINUTES = "--minutes gives more";

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
  const { only = () => true, until = Number.POSITIVE_INFINITY, latest = Number.POSITIVE_INFINITY } = options;
  const chosen = candidatesOf(problem, devices, peers, only).map(([device, candidate]) => {
    const reason = forecast?.(problem, device.name, candidate.variant) ?? null;
    return { device, candidate, reason };
  });
  const begun = chosen.filter(({ reason }) => reason === null).map(({ device }) => device);
  const planned = shareLeft(secondsOf(begun, options), until, leastShare);
  const seconds = planned * options.seconds;
  // Where time is short, what is left out are other kernels for the same on a GPU.
  const inTurn = [...chosen].sort((a, b) => rank(a.candidate) - rank(b.candidate));
  const found = new Map<Candidate, Entrant | Result>();
  for (const { device, candidate, reason: foreseen } of inTurn) {
    options.onProgress?.(`verifying ${device.name} ${candidate.variant}`);
    await turn();
    if (options.signal?.aborted) break;
    const reason = foreseen ?? (performance.now() > latest ? `no time was left: ${MORE_MINUTES}` : null);
    found.set(
      candidate,
      reason === null
        ? await enter(problem, device, candidate, { ...options, seconds })
        : result(problem, device, candidate, { status: "skipped", reason }),
    );
  }
  const entries = chosen.flatMap(({ candidate }) => found.get(candidate) ?? []);
  const entrants = entries.filter((entry): entry is Entrant => "prepared" in entry);
  const slots: Slot[] = entrants.flatMap(({ cases, samples, roundsOf }) =>
    cases.map(([phase, one]) => ({ one, into: samples[phase], rounds: roundsOf(phase) })),
  );
  const needed = slots.reduce((sum, { one, rounds }) => sum + rounds * (one.share ?? 1) * seconds, 0);
  const share = shareLeft(needed, until, leastShare / planned);
  if (planned * share < 1) options.onShortened?.(planned * share);
  for (let round = 0; round < options.rounds && slots.length > 0; round++) {
    options.onProgress?.(`round ${round + 1} of ${options.rounds}`);
    await turn();
    if (options.signal?.aborted || (round > 0 && performance.now() > until)) break;
    const shift = Math.floor((round * slots.length) / options.rounds);
    const order = [...slots.slice(shift), ...slots.slice(0, shift)].filter(({ rounds }) => round < rounds);
    const timed = order.map(({ one }) => one);
    const samples = await timeRound(timed, options.timer, share * seconds);
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

import type { BenchDevice } from "./devices.js";
import type { Candidate, Prepared, Problem } from "./problem.js";
import type { Phases, Result } from "./report.js";
import { type Rounds, summarize } from "./statistics.js";
import { type TimedCase, type Timer, timeRound, warmUp } from "./timer.js";
import { type Verification, verify } from "./verify.js";

export interface RunOptions {
  readonly timer: Timer;
  /** How often all candidates take their turns. */
  readonly rounds: number;
  /** Seconds a candidate runs in a round. */
  readonly seconds: number;
  /** A call longer than this many seconds is timed once. */
  readonly limit: number;
  /** Only variants that it accepts. */
  readonly only?: (variant: string) => boolean;
  readonly onProgress?: (text: string) => void;
}

type Phase = "run" | "upload" | "readBack" | "total" | "wait";

/** Another engine, in a process of its own. */
export interface PeerEngine {
  readonly name: string;
  prepare(problem: Problem): Promise<Prepared>;
}

/** Whose turn it is: a device of ours, or a peer. */
type Contestant = Pick<BenchDevice, "name" | "activate">;

/** A candidate that computes the truth, ready to be timed. */
interface Entrant {
  readonly device: Contestant;
  readonly candidate: Candidate;
  readonly prepared: Prepared;
  readonly verification: Verification;
  readonly cases: readonly (readonly [phase: Phase, timed: TimedCase])[];
  readonly samples: Record<Phase, number[][]>;
}

const seconds = (ms: number): number => ms / 1000;

/** How many calls are handed to the device before it is waited for: enough that the wait does not show. */
function callsPerWait(call: number, wait: number): number {
  return Math.max(1, Math.min(64, Math.ceil((8 * wait) / Math.max(call - wait, wait / 16))));
}

async function timeOf(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The cases of a candidate: its call, and the other phases where it has them. */
async function casesOf(name: string, prepared: Prepared): Promise<(readonly [Phase, TimedCase])[]> {
  const { complete, upload, readBack, total, sample } = prepared;
  if (sample) return [["run", { name: `${name} run`, run: () => {}, waits: false, calls: 1, sample }]];
  const waits = complete !== null;
  let calls = 1;
  if (complete) {
    await complete();
    const wait = await timeOf(complete);
    const call = await timeOf(() => {
      prepared.run();
      return complete();
    });
    calls = callsPerWait(call, wait);
  }
  const run = (): unknown => {
    for (let i = 0; i < calls; i++) prepared.run();
    return complete?.();
  };
  const timed = (phase: Phase, work: () => unknown, callsEach = 1) =>
    [
      phase,
      { name: `${name} ${phase}`, run: work, waits, calls: callsEach, share: phase === "run" ? 1 : 0.3 },
    ] as const;
  const cases = [timed("run", run, calls)];
  if (upload) {
    const uploaded = (): unknown => {
      upload();
      return complete?.();
    };
    cases.push(timed("upload", uploaded));
  }
  if (readBack) cases.push(timed("readBack", readBack));
  if (total) cases.push(timed("total", total));
  if (complete) cases.push(timed("wait", complete));
  return cases;
}

const result = (
  { suite, name, family, size, work }: Problem,
  device: Contestant,
  { variant }: Candidate,
  rest: Pick<Result, "status" | "reason"> & Partial<Pick<Result, "error" | "phases">>,
): Result => ({
  suite,
  problem: name,
  family,
  size,
  work,
  device: device.name,
  variant,
  error: null,
  phases: null,
  ...rest,
});

function failed(problem: Problem, device: Contestant, candidate: Candidate, error: unknown): Result {
  const reason = error instanceof Error ? error.message : String(error);
  return result(problem, device, candidate, { status: "failed", reason });
}

function phasesOf({ prepared, samples }: Entrant): Phases {
  const summary = (rounds: Rounds) => (rounds.length > 0 ? summarize(rounds) : null);
  const run = summarize(samples.run);
  const [readBack, wait] = [summary(samples.readBack), summary(samples.wait)];
  const laterCall = run.median + (readBack?.median ?? wait?.median ?? 0);
  return {
    build: Math.max(0, prepared.firstCall - laterCall),
    upload: summary(samples.upload),
    run,
    readBack,
    total: summary(samples.total),
    wait,
  };
}

/** Prepares a candidate, holds it against the truth, and gives either its place in the race or why it has none. */
async function enter(
  problem: Problem,
  device: Contestant,
  candidate: Candidate,
  options: RunOptions,
): Promise<Entrant | Result> {
  let prepared: Prepared | null = null;
  try {
    device.activate();
    prepared = await candidate.prepare();
    const verification = verify(await prepared.results(), await problem.expected());
    const error = { ulp: verification.ulp, bound: verification.bound };
    if (!verification.correct) {
      prepared.close();
      return result(problem, device, candidate, { status: "wrong", reason: verification.where, error });
    }
    const { complete, run, sample } = prepared;
    const call = sample
      ? (await sample(0))[0]
      : await timeOf(() => {
          run();
          return complete?.();
        });
    const samples = { run: [], upload: [], readBack: [], total: [], wait: [] };
    const entrant = { device, candidate, prepared, verification, cases: [], samples };
    if (seconds(call) > options.limit) {
      prepared.close();
      const phases = phasesOf({ ...entrant, samples: { ...samples, run: [[call]] } });
      const reason = `a single call of ${seconds(call).toFixed(1)} s, over the limit of ${options.limit} s`;
      return result(problem, device, candidate, { status: "slow", reason, error, phases });
    }
    const cases = await casesOf(`${device.name} ${candidate.variant}`, prepared);
    for (const [, one] of cases) {
      const least = options.seconds * (one.share ?? 1);
      await warmUp(one, { atLeast: least, atMost: 8 * least });
    }
    return { ...entrant, cases };
  } catch (error) {
    prepared?.close();
    return failed(problem, device, candidate, error);
  }
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
    entries.push(await enter(problem, device, candidate, options));
  }
  const entrants = entries.filter((entry): entry is Entrant => "prepared" in entry);
  const slots = entrants.flatMap(({ cases, samples }) => cases.map(([phase, one]) => ({ one, into: samples[phase] })));
  for (let round = 0; round < options.rounds && slots.length > 0; round++) {
    options.onProgress?.(`round ${round + 1} of ${options.rounds}`);
    const shift = Math.floor((round * slots.length) / options.rounds);
    const order = [...slots.slice(shift), ...slots.slice(0, shift)];
    const timed = order.map(({ one }) => one);
    const samples = await timeRound(timed, options.timer, options.seconds);
    order.forEach(({ into }, i) => {
      into.push(samples[i]);
    });
  }
  return entries.map((entry) => {
    if (!("prepared" in entry)) return entry;
    const { ulp, bound } = entry.verification;
    const error = { ulp, bound };
    entry.prepared.close();
    return result(problem, entry.device, entry.candidate, {
      status: "timed",
      reason: null,
      error,
      phases: phasesOf(entry),
    });
  });
}

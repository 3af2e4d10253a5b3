import type { Candidate, Prepared, Problem } from "../problems/problem.js";
import type { Phases, Result } from "../report/report.js";
import type { BenchDevice } from "./devices.js";
import { type Rounds, summarize } from "./statistics.js";
import { type TimedCase, type Timer, warmUp } from "./timer.js";
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
  /** Ends the measurement early. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (text: string) => void;
  /** When the problem has to be done, on the clock of performance.now(): where it would not be, rounds become shorter. */
  readonly until?: number;
  /** From when on no candidate is begun, on the same clock: those whose turn comes later are skipped. */
  readonly latest?: number;
  /** Called with the share of its time that a candidate gets then. */
  readonly onShortened?: (share: number) => void;
}

export type Phase = "run" | "upload" | "readBack" | "total" | "wait";

/** Whose turn it is: a device of ours, or a peer. */
export type Contestant = Pick<BenchDevice, "name" | "activate"> & {
  /** How much of a candidate's time, and of the limit of a call, it gets; 1 where left out. */
  readonly share?: number;
};

/** A candidate that computes the truth, ready to be timed. */
export interface Entrant {
  readonly device: Contestant;
  readonly candidate: Candidate;
  readonly prepared: Prepared;
  readonly verification: Verification;
  readonly cases: readonly (readonly [phase: Phase, timed: TimedCase])[];
  readonly samples: Record<Phase, number[][]>;
  /** In how many rounds a phase takes part. */
  readonly roundsOf: (phase: Phase) => number;
}

/** How much of a call's time the other phases get. */
const otherShare = 0.25;
/** A first call, compilation in it, may take so many times the limit of a call. */
const patience = 4;
/** A call is long from so many times on that a candidate has in a round; then so many rounds have to do. */
const longCall = 3;
const longRounds = 2;
/** What is not the call itself does not differ from kernel to kernel: it takes part in so much of the rounds. */
const otherRounds = 0.5;
/** A warm-up takes at most so many times what a candidate has in a round: on a busy machine nothing ever settles. */
const longestWarmUp = 4;

const seconds = (ms: number): number => ms / 1000;

/**
 * How many calls are handed to the device before it is waited for: enough that the wait does not show, and no more than
 * so many milliseconds take, as on a busy machine a wait may look as long as a call.
 */
function callsPerWait(call: number, wait: number, most: number): number {
  return Math.max(1, Math.min(64, Math.floor(most / call), Math.ceil((8 * wait) / Math.max(call - wait, wait / 16))));
}

async function timeOf(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * The cases of a candidate: its call, and the other phases where it has them. They are the same for all kernels of a
 * device, so that only the library's own is asked for them. It has `time` milliseconds in a round.
 */
async function casesOf(
  name: string,
  prepared: Prepared,
  { onlyRun, share, time }: { readonly onlyRun: boolean; readonly share: number; readonly time: number },
): Promise<(readonly [Phase, TimedCase])[]> {
  const { complete, upload, readBack, total, sample } = prepared;
  if (sample) return [["run", { name: `${name} run`, run: () => {}, waits: false, calls: 1, share, sample }]];
  const waits = complete !== null;
  let calls = 1;
  if (complete) {
    await complete();
    const wait = await timeOf(complete);
    const call = await timeOf(() => {
      prepared.run();
      return complete();
    });
    calls = callsPerWait(call, wait, time / 2);
  }
  const run = (): unknown => {
    for (let i = 0; i < calls; i++) prepared.run();
    return complete?.();
  };
  const timed = (phase: Phase, work: () => unknown, callsEach = 1) =>
    [
      phase,
      {
        name: `${name} ${phase}`,
        run: work,
        waits,
        calls: callsEach,
        share: phase === "run" ? share : share * otherShare,
      },
    ] as const;
  const cases = [timed("run", run, calls)];
  if (complete) cases.push(timed("wait", complete));
  if (onlyRun) return cases;
  if (upload) {
    const uploaded = (): unknown => {
      upload();
      return complete?.();
    };
    cases.push(timed("upload", uploaded));
  }
  if (readBack) cases.push(timed("readBack", readBack));
  if (total) cases.push(timed("total", total));
  return cases;
}

export const result = (
  { suite, name, family, size, work }: Problem,
  device: Contestant,
  { variant }: Candidate,
  rest: Pick<Result, "status" | "reason"> & Partial<Pick<Result, "error" | "phases" | "call">>,
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
  const call = error instanceof NoAnswer ? error.after : undefined;
  return result(problem, device, candidate, { status: "failed", reason, call });
}

export function phasesOf({ prepared, samples }: Entrant): Phases {
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

/** Another engine was given up, as it gave no answer for so many milliseconds. */
export class NoAnswer extends Error {
  constructor(readonly after: number) {
    super(`no answer within ${seconds(after)} s`);
  }
}

/** Prepares a candidate, holds it against the truth, and gives either its place in the race or why it has none. */
export async function enter(
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
    const { complete, run, sample, firstCall } = prepared;
    const { share = 1 } = device;
    const callOnce = async (): Promise<number> => {
      if (sample) return (await sample(0))[0];
      return timeOf(() => {
        run();
        return complete?.();
      });
    };
    if (!verification.correct) {
      // A call without compilation foresees how long larger ones would take.
      const call = seconds(firstCall) > options.limit ? firstCall : await callOnce();
      prepared.close();
      return result(problem, device, candidate, { status: "wrong", reason: verification.where, error, call });
    }
    const limit = options.limit * share;
    const samples = { run: [], upload: [], readBack: [], total: [], wait: [] };
    const entrant = { device, candidate, prepared, verification, cases: [], samples, roundsOf: () => 0 };
    const tooSlow = (call: number, what: string): Result => {
      entrant.prepared.close();
      const phases = phasesOf({ ...entrant, samples: { ...samples, run: [[call]] } });
      const reason = `a single call of ${seconds(call).toFixed(1)} s${what}, over the limit of ${limit} s`;
      return result(problem, device, candidate, { status: "slow", reason, error, phases });
    };
    if (seconds(firstCall) > patience * limit) return tooSlow(firstCall, ", compilation in it");
    const call = await callOnce();
    if (seconds(call) > limit) return tooSlow(call, "");
    const name = `${device.name} ${candidate.variant}`;
    const time = 1000 * share * options.seconds;
    const cases = await casesOf(name, prepared, { onlyRun: candidate.variant !== "default", share, time });
    const long = call > longCall * time;
    // A long call has warmed up by now.
    for (const [, one] of long ? [] : cases) {
      const least = options.seconds * (one.share ?? 1);
      await warmUp(one, { atLeast: least, atMost: longestWarmUp * least });
    }
    const rounds = long ? Math.min(options.rounds, longRounds) : options.rounds;
    return { ...entrant, cases, roundsOf: (phase) => (phase === "run" ? rounds : Math.ceil(rounds * otherRounds)) };
  } catch (error) {
    prepared?.close();
    return failed(problem, device, candidate, error);
  }
}

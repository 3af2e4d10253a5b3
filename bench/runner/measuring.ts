import { DeviceError } from "backflow";
import type { BenchReport, Result } from "../report/report.js";

/** What a measurement tells while it goes on. */
export interface MeasuringEvents {
  onProgress(text: string): void;
  /** The report before its first result. */
  onReady(report: BenchReport): void;
  onProblem(results: readonly Result[]): void;
}

/** A measurement in another process, or in a browser, so that nothing it does can keep this one from ending it. */
export interface Measuring {
  readonly report: Promise<BenchReport>;
  /** Ends it at the next opportunity, with what it has. */
  stop(): void;
  /** Ends it now, without a report. */
  kill(): void | Promise<void>;
}

/** It ends by itself at its minutes, all but what it has begun; it is ended from outside after so much more. */
const GRACE = { share: 0.05, seconds: 15 };

interface Following extends MeasuringEvents {
  readonly minutes: number;
  /** Ends the measurement early, with what it has. */
  readonly signal: AbortSignal;
  /** The same, waiting for nothing. */
  readonly atOnce: AbortSignal;
}

class Ended extends Error {}

/** Says when and why a measurement has to be ended from outside; a promise that only ever fails. */
function ending(minutes: number, atOnce: AbortSignal, cleanUp: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (reason: string): void => reject(new Ended(reason));
    const seconds = 60 * minutes * (1 + GRACE.share) + GRACE.seconds;
    // A longer timer would fire at once.
    const timer = setTimeout(
      () => end(`ended after ${(seconds / 60).toFixed(1)} minutes, as its time was up`),
      Math.min(1000 * seconds, 2 ** 31 - 1),
    );
    cleanUp.addEventListener("abort", () => clearTimeout(timer));
    atOnce.addEventListener("abort", () => end("ended at once"), { signal: cleanUp });
  });
}

/**
 * Follows a measurement to its end, or to that of its minutes. What ended it early stands in the report, which has all
 * that was measured until then.
 * @returns the report, and the error that ended it, if one did
 * @throws that error, or a DeviceError where it was ended, if no device was ready yet
 */
export async function follow(
  start: (events: MeasuringEvents) => Measuring,
  { minutes, signal, atOnce, onProgress, onReady, onProblem }: Following,
): Promise<{ report: BenchReport; error: Error | null }> {
  let begun: BenchReport | null = null;
  let at = "the start";
  const results: Result[] = [];
  const measuring = start({
    onProgress: (text) => {
      at = text;
      onProgress(text);
    },
    onReady: (report) => {
      begun = report;
      onReady(report);
    },
    onProblem: (found) => {
      results.push(...found);
      onProblem(found);
    },
  });
  const over = new AbortController();
  signal.addEventListener("abort", () => measuring.stop(), { signal: over.signal });
  try {
    const report = await Promise.race([measuring.report, ending(minutes, atOnce, over.signal)]);
    return { report, error: null };
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    if (begun === null) throw error instanceof Ended ? new DeviceError(`${error.message}, before any result`) : error;
    const why = error instanceof Ended ? error.message : `ended by an error (${error.message})`;
    const report: BenchReport = { ...(begun as BenchReport), results, interrupted: `${why}, at ${at}` };
    return { report, error: error instanceof Ended ? null : error };
  } finally {
    over.abort();
    await measuring.kill();
  }
}

import { describe, expect, it } from "vitest";
import { follow, type Measuring, type MeasuringEvents } from "../../../bench/runner/measuring.js";
import { report, timed } from "../report/sample-report.js";

const results = [timed({ device: "wasm", ms: 1 })];
const ready = report([]);
const whole = report(results);

/** A measurement that has told one problem, and then does what it is told to. */
function measuring(ending: Promise<typeof whole>) {
  const calls: string[] = [];
  const start = (events: MeasuringEvents): Measuring => {
    events.onReady(ready);
    events.onProblem(results);
    events.onProgress("2 of 3, matmul NN 20·20·20: round 1 of 5");
    return { report: ending, stop: () => calls.push("stop"), kill: () => void calls.push("kill") };
  };
  return { start, calls };
}

const quiet = { onProgress: () => {}, onReady: () => {}, onProblem: () => {} };
const never = new Promise<typeof whole>(() => {});
const options = {
  ...quiet,
  minutes: 1,
  signal: new AbortController().signal,
  atOnce: new AbortController().signal,
};

describe("following a measurement", () => {
  it("gives its report, and ends what is left of it", async () => {
    const { start, calls } = measuring(Promise.resolve(whole));
    expect(await follow(start, options)).toEqual({ report: whole, error: null });
    expect(calls).toEqual(["kill"]);
  });

  it("that hangs is killed when its time is up, and what it has told is a report that says so", async () => {
    const { start, calls } = measuring(never);
    // The seconds of grace taken back: it is up at once.
    const { report: found, error } = await follow(start, { ...options, minutes: -15 / 60 / 1.05 });
    expect(error).toBeNull();
    expect(found.results).toEqual(results);
    expect(found.interrupted).toBe(
      "ended after 0.0 minutes, as its time was up, at 2 of 3, matmul NN 20·20·20: round 1 of 5",
    );
    expect(calls).toEqual(["kill"]);
  });

  it("interrupted, it is asked to stop; interrupted again, it is killed and waited for no longer", async () => {
    const { start, calls } = measuring(never);
    const [first, second] = [new AbortController(), new AbortController()];
    const following = follow(start, { ...options, signal: first.signal, atOnce: second.signal });
    first.abort();
    expect(calls).toEqual(["stop"]);
    second.abort();
    expect((await following).report.interrupted).toMatch(/^ended at once, at 2 of 3/);
    expect(calls).toEqual(["stop", "kill"]);
  });

  it("that dies leaves what it has told, and the error", async () => {
    const death = new Error("the process that measures ended by SIGSEGV");
    const { start } = measuring(Promise.reject(death));
    const { report: found, error } = await follow(start, options);
    expect(error).toBe(death);
    expect(found.results).toEqual(results);
    expect(found.interrupted).toContain("ended by an error (the process that measures ended by SIGSEGV), at 2 of 3");
  });

  it("that dies before it was ready is an error", async () => {
    const start = () => ({ report: Promise.reject(new Error("no device")), stop: () => {}, kill: () => {} });
    await expect(follow(start, options)).rejects.toThrow("no device");
    const hanging = () => ({ report: never, stop: () => {}, kill: () => {} });
    const now = new AbortController();
    const following = follow(hanging, { ...options, atOnce: now.signal });
    now.abort();
    await expect(following).rejects.toThrow("ended at once, before any result");
  });
});

import { describe, expect, it } from "vitest";
import { bennyTimer } from "../../../bench/runner/benny-timer.js";

describe("benny as a timer", () => {
  it("gives milliseconds a call, for cases that return at once and for those to wait for", async () => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 4));
    const one = { name: "", run: pause, waits: true, calls: 2 };
    const [waited, counted] = await bennyTimer([one, { ...one, run: () => Math.sqrt(2), waits: false }], 0.01);
    expect(Math.min(...waited)).toBeGreaterThan(1.5);
    expect(Math.min(...counted)).toBeGreaterThan(0);
  });

  it("without cases ends at once", async () => {
    expect(await bennyTimer([], 1)).toEqual([]);
  });
});

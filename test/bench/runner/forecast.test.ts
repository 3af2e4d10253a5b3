import { describe, expect, it } from "vitest";
import { forecastFrom } from "../../../bench/runner/forecast.js";
import { runProblem } from "../../../bench/runner/run-problem.js";
import { plainTimer } from "../../../bench/runner/timer.js";
import { tanhProblem } from "../../../bench/suites/tanh.js";
import { timed } from "../report/sample-report.js";

/** 2 · 1024 operations in a millisecond: 1 GFLOP would take 488 s. */
const seen = [timed({ device: "wasm", ms: 1, size: 10 }), timed({ device: "wasm", ms: 0.5, size: 10 })];
const problem = (flops: number) => ({ ...tanhProblem("forward", [4], 1), suite: "matmul", work: { flops, bytes: 1 } });

describe("a forecast", () => {
  it("skips what is far over the limit even at the best rate seen, and says what to do", () => {
    // 4 million operations a second at best.
    expect(forecastFrom(seen, 1)(problem(40e6), "wasm", "default")).toBe(
      "a call would take 10 s or more at the best rate it has shown (NN 10·10·10), over the limit of 1 s: --limit 10 tries it",
    );
  });

  it("goes by the nearest problem whose call was long, as a kernel may do more than is counted", () => {
    // 2000 operations in 50 ms, and in 1 ms: the second says nothing of one that is far larger.
    const long = [...seen, timed({ device: "wasm", ms: 50, size: 10, problem: "long" })];
    expect(forecastFrom(long, 1)(problem(120e3), "wasm", "default")).toContain(
      "3 s or more at the rate it has shown (long)",
    );
    expect(forecastFrom(seen, 1)(problem(120e3), "wasm", "default")).toBeNull();
  });

  it("goes by one call of a candidate that was wrong or given up", () => {
    const wrong = { ...timed({ device: "wasm", ms: 1, size: 10 }), status: "wrong", phases: null, call: 40 } as const;
    expect(forecastFrom([wrong], 1)(problem(120e3), "wasm", "default")).toContain("a call would take 2 s or more");
    expect(forecastFrom([{ ...wrong, call: undefined }], 1)(problem(120e3), "wasm", "default")).toBeNull();
  });

  it("lets whatever may do be tried: near the limit, another suite, device or variant", () => {
    const forecast = forecastFrom(seen, 1);
    expect(forecast(problem(7e6), "wasm", "default")).toBeNull();
    expect(forecast(problem(40e6), "gpu cpu", "default")).toBeNull();
    expect(forecast(problem(40e6), "wasm", "naive")).toBeNull();
    expect(forecast({ ...problem(40e6), suite: "tanh" }, "wasm", "default")).toBeNull();
  });

  it("leaves a skipped candidate in the results, with the reason", async () => {
    const peer = { name: "a peer", prepare: () => Promise.reject(new Error("never asked")) };
    const options = { timer: plainTimer, rounds: 1, seconds: 0.001, limit: 1 };
    const results = await runProblem(tanhProblem("forward", [4], 1), [], options, [peer], () => "far too slow");
    expect(results).toMatchObject([{ device: "a peer", status: "skipped", reason: "far too slow", phases: null }]);
  });
});

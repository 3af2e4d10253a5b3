import { DataError } from "backflow";
import { describe, expect, it } from "vitest";
import { markdown } from "../../../bench/report/formats.js";
import { json, parseReport } from "../../../bench/report/report-file.js";
import { runSuites } from "../../../bench/runner/run-suites.js";
import { plainTimer } from "../../../bench/runner/timer.js";
import { tanhProblem } from "../../../bench/suites/tanh.js";

const problems = [100, 200, 300].map((size) => tanhProblem("forward", [size], 1));
const run = { timer: plainTimer, rounds: 2, seconds: 0.001, limit: 1 };
const facts = { created: "", commit: "", machine: {}, versions: {}, options: {} };
const devices = { kinds: ["reference"], threads: [1] } as const;

describe("running suites", () => {
  it("interrupted, it keeps what was measured as a whole report that says where it ended", async () => {
    const controller = new AbortController();
    const report = await runSuites({
      problems,
      devices,
      facts,
      run: { ...run, signal: controller.signal },
      onProblem: () => controller.abort(),
    });
    expect(report.results.map(({ problem }) => problem)).toEqual(["forward [100]"]);
    expect(report.interrupted).toBe("ended early, at problem 1 of 3: tanh forward [100]");
    expect(parseReport(json(report), "a.json")).toEqual(report);
    expect(markdown(report)).toContain("- ended early, at problem 1 of 3");
  });

  it("interrupted before a candidate had a turn, it has no result of it", async () => {
    const signal = AbortSignal.abort();
    const { results } = await runSuites({ problems, devices, facts, run: { ...run, signal } });
    expect(results).toEqual([]);
  });

  it("without any time left, every candidate is listed as skipped, and the report says so", async () => {
    const { results, notes } = await runSuites({ problems, devices, facts, run, minutes: 0.0001 });
    expect(results.map(({ status, reason }) => [status, reason])).toEqual(
      Array(3).fill(["skipped", expect.stringMatching(/--minutes gives more$/)]),
    );
    expect(notes?.[0]).toMatch(/^3 problems in \d+\.\d seconds$/);
    expect(notes?.at(-1)).toBe("for 3 of 3 candidates no time was left: --minutes gives more");
  });

  it("a truth that cannot be computed is told with every candidate, and the next problem is run", async () => {
    const broken = { ...problems[0], expected: () => Promise.reject(new Error("no truth")) };
    const { results } = await runSuites({ problems: [broken, problems[1]], devices, facts, run });
    expect(results.map(({ status, reason }) => [status, reason])).toEqual([
      ["failed", "no truth"],
      ["timed", null],
    ]);
  });

  it("without any device that is here, one line says why", async () => {
    const none = { kinds: ["gpu"], modes: ["headlessgl"], threads: [1] } as const;
    await expect(runSuites({ problems, devices: none, facts, run })).rejects.toThrow(DataError);
  });
});

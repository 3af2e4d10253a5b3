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

  it("in too little time, rounds are shorter, every candidate has its times, and the report says so", async () => {
    const long = { ...run, seconds: 0.2 };
    const { results, notes } = await runSuites({ problems, devices, facts, run: long, minutes: 0.001 });
    expect(results.map(({ status }) => status)).toEqual(["timed", "timed", "timed"]);
    expect(notes?.[0]).toMatch(/^3 problems in \d+\.\d seconds$/);
    expect(notes?.[1]).toBe("to be done in 0.001 minutes, some rounds were down to 10 % of their time");
  });

  it("without any device that is here, one line says why", async () => {
    const none = { kinds: ["gpu"], modes: ["headlessgl"], threads: [1] } as const;
    await expect(runSuites({ problems, devices: none, facts, run })).rejects.toThrow(DataError);
  });
});

import { describe, expect, it } from "vitest";
import { comparison, comparisonLines } from "../../../bench/report/comparison.js";
import { report, timed } from "./sample-report.js";

describe("comparing two runs", () => {
  const before = report([
    timed({ device: "wasm", ms: 1 }),
    timed({ device: "reference", ms: 10 }),
    timed({ device: "gpu cpu", ms: 5 }),
    timed({ device: "gone", ms: 5 }),
  ]);
  const after = report([
    timed({ device: "wasm", ms: 2 }),
    timed({ device: "reference", ms: 10.1 }),
    { ...timed({ device: "gpu cpu", ms: 5 }), status: "wrong", reason: "c[0] = 1, truth 2", phases: null },
    timed({ device: "new", ms: 5 }),
  ]);

  it("says what became slower or faster, what is the same, what is no longer right, and what has no partner", () => {
    expect(comparisonLines(comparison(before, after))).toEqual([
      "slower:",
      "  matmul | NN 10·10·10 | wasm | default: 1 → 2 ms, +100 % (95 % from +100 % to +100 %)",
      "not timed:",
      "  matmul | NN 10·10·10 | gpu cpu | default: was timed, is wrong: c[0] = 1, truth 2",
      "1 result of the first not run in the second",
      "1 result of the second not run in the first",
      "1 of 3 the same within noise, 0 faster, 1 slower",
    ]);
    expect(comparisonLines(comparison(after, before))[1]).toContain("2 → 1 ms, −50 %");
  });

  it("warns of another machine, other versions and a peak that moved", () => {
    const other = {
      ...after,
      machine: { ...after.machine, cpu: "another CPU" },
      ceilings: after.ceilings.map((ceiling) => ({ ...ceiling, gflops: 8 })),
    };
    expect(comparison(before, other).caveats).toEqual([
      "cpu was a CPU, is another CPU",
      "wasm: the measured peak itself was 10.0 GFLOP/s, is 8.0: take times of it with care",
    ]);
  });
});

import { DataError } from "backflow";
import { describe, expect, it } from "vitest";
import { csv, markdown, ms } from "../../../bench/report/formats.js";
import { rates } from "../../../bench/report/report.js";
import { json, parseReport } from "../../../bench/report/report-file.js";
import { report, timed } from "./sample-report.js";

describe("formats of a benchmark", () => {
  const sample = report([
    timed({ device: "wasm", ms: 1 }),
    timed({ device: "reference", ms: 10 }),
    {
      ...timed({ device: "gpu cpu", ms: 1 }),
      status: "wrong",
      reason: 'c[3] = 1, "truth", 2',
      phases: null,
      error: { ulp: Number.POSITIVE_INFINITY, bound: 4 },
    },
  ]);

  it("JSON comes back as it was, an infinite error included", () => {
    expect(parseReport(json(sample), "a.json")).toEqual(sample);
  });

  it("what is no result is refused by name", () => {
    expect(() => parseReport("{", "a.json")).toThrow(new DataError("a.json is no JSON"));
    expect(() => parseReport("{}", "a.json")).toThrow("a.json is no result of");
  });

  it("CSV has a line a result, quotes what needs it, and leaves a wrong one without a time", () => {
    const lines = csv(sample).trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^suite,problem,size,device,variant,status,reason,/);
    expect(lines[1]).toMatch(/^matmul,NN 10·10·10,10,wasm,default,timed,,1,8,2000,1200,1,/);
    expect(lines[3]).toContain('wrong,"c[3] = 1, ""truth"", 2",Infinity,4,2000,1200,,,');
  });

  it("Markdown says wrong instead of a time, and how far behind the fastest a candidate is", () => {
    const text = markdown(sample);
    expect(text).toContain("### matmul: NN 10·10·10");
    expect(text).toMatch(/\| wasm \| default \| 1 \[1–1\] \| 20 \| fastest \|/);
    expect(text).toMatch(/\| reference \| default \| 10 \[10–10\] \| 20 \| 10× \|/);
    expect(text).toMatch(/\| gpu cpu \| default \| WRONG: c\[3\] = 1, "truth", 2 \|/);
  });

  it("rates are the work over the median, and shares are of the device's own ceiling", () => {
    const [wasm] = sample.results;
    // 2000 operations and 1200 bytes in 1 ms, of 10 GFLOP/s and 4 GB/s.
    expect(rates(wasm, sample.ceilings)).toEqual({
      gflops: 0.002,
      flopShare: 0.0002,
      gigabytes: 0.0012,
      byteShare: 0.0003,
    });
  });

  it("milliseconds are written with three digits", () => {
    expect([0, 0.00012, 0.0123456, 12.3456, 1234.5].map(ms)).toEqual(["0", "1.2e-4", "0.0123", "12.3", "1235"]);
  });
});

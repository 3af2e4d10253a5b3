import { describe, expect, it } from "vitest";
import { exponent } from "../../../bench/speed/power-law.js";
import { scalingPlot } from "../../../bench/speed/scaling-plot.js";
import { stepFlops } from "../../../bench/speed/step-flops.js";
import { trainingStep } from "../../../bench/suites/training-step.js";

const size = { embedding: 8, hidden: 8, batch: 4, source: 3, target: 3, vocabulary: 20 };

describe("how a step grows", () => {
  it("finds the exponent of a power law, and of points around it", () => {
    const law = [1, 2, 4, 8].map((x) => [x, 3 * x ** 1.5] as const);
    expect(exponent(law)).toBeCloseTo(1.5, 12);
    expect(exponent(law.map(([x, y], i) => [x, y * (i % 2 ? 1.01 : 0.99)]))).toBeCloseTo(1.5, 1);
  });

  it("counts arithmetic that doubles with the batch, and quadruples at most with the hidden size", () => {
    const large = { ...size, batch: 4096 };
    expect(stepFlops({ ...large, batch: 8192 }) / stepFlops(large)).toBeCloseTo(2, 2);
    const ratio = stepFlops({ ...large, hidden: 2048 }) / stepFlops({ ...large, hidden: 1024 });
    expect(ratio).toBeGreaterThan(3.9);
    expect(ratio).toBeLessThan(4);
  });

  it("takes steps of a size whose source and target differ", () => {
    const { step } = trainingStep({ ...size, source: 5 }, 0).build({ device: "cpu", dtype: "float32" });
    expect(() => [step(), step()]).not.toThrow();
  });

  it("draws one SVG that needs nothing else, with a panel for each dimension", () => {
    const line = { values: [1, 2, 4], milliseconds: [1, 3, 5], flops: [1, 2, 4], time: 1.16, arithmetic: 1 };
    const svg = scalingPlot([
      { ...line, dimension: "batch" },
      { ...line, dimension: "vocabulary" },
    ]);
    expect(svg).toMatch(/^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).not.toMatch(/href|url\(|<script/);
    expect(svg).toContain("vocabulary");
    expect(svg).toContain("x^1.16");
  });
});

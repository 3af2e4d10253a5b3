import { describe, expect, it } from "vitest";
import { crossovers, crossoverTable } from "../../../bench/report/crossover.js";
import { timed } from "./sample-report.js";

/** The CPU takes size³, the GPU 64² · size: they meet at 64. Total times, twice the run in these samples, too. */
const at = (size: number, gpu = 64 * 64 * size) => [
  timed({ device: "wasm ×1", ms: 2 * size ** 3, problem: `NN ${size}`, size }),
  timed({ device: "wasm ×2", ms: size ** 3, problem: `NN ${size}`, size }),
  timed({ device: "gpu webgpu", ms: gpu, problem: `NN ${size}`, size }),
];

describe("crossover", () => {
  it("is where the lines through the times meet on logarithmic axes, against the fastest CPU", () => {
    const found = crossovers([...at(16), ...at(256)]);
    expect(found.map(({ span }) => span)).toEqual(["run", "total"]);
    for (const { at: size } of found) expect(size).toBeCloseTo(64, 9);
    expect(crossoverTable(found)).toEqual({
      heading: "From which size on the GPU is faster than wasm ×1 and wasm ×2",
      columns: ["kernel", "time", "gpu webgpu"],
      rows: [
        ["matmul: NN square", "data resident", "from about 64 on"],
        ["matmul: NN square", "with upload and read-back", "from about 64 on"],
      ],
    });
  });

  it("says so where the GPU is always or never faster within what was measured", () => {
    expect(crossovers([...at(128), ...at(256)]).map((one) => one.at)).toEqual(["always", "always"]);
    const never = crossovers([...at(16), ...at(32)]);
    expect(never.map((one) => one.at)).toEqual(["never", "never"]);
    expect(crossoverTable(never)?.rows[0]).toEqual(["matmul: NN square", "data resident", "not up to 32"]);
    // Faster once, then slower again: not overtaken for good.
    expect(crossovers([...at(16, 1), ...at(32)])[0].at).toBe("never");
  });

  it("needs two sizes, and times of both", () => {
    expect(crossovers(at(16))).toEqual([]);
    expect(crossovers([...at(16), ...at(256)].filter(({ device }) => device.startsWith("gpu")))).toEqual([]);
  });
});

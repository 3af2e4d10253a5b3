import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { type KernelParity, kernelsHold, kernelTable } from "../../src/cli/gradcheck-kernels.js";

const row = { operation: "softmax", cases: 8, ulp: 3.78, bound: 5, worst: "", failures: [] };
const broken = { ...row, ulp: 7.25, failures: ["[5,7,1]: 7.25 ulp (allowed 5): result 0 [26]"] };
const parity = (rows: KernelParity["modes"][number]["rows"]): KernelParity => ({
  modes: [
    { mode: "webgpu", adapter: "a card", rows: [row] },
    { mode: "cpu", adapter: "this CPU", rows },
  ],
  skipped: [{ mode: "webgl2", reason: "no WebGL2 context can be made" }],
});

describe("the table of the GPU's kernels", () => {
  it("has a column for every mode that ran, and names the others with the reason", () => {
    const table = stripVTControlCharacters(kernelTable(parity([row])));
    expect(table).toMatch(/webgpu │ +cpu │/);
    expect(table).toMatch(/│ softmax │ +8 │ +5 │ +3\.78 │ 3\.78 │/);
    expect(table).toContain("webgpu ran on a card");
    expect(table).toContain("webgl2 skipped: no WebGL2 context can be made");
    expect(kernelsHold(parity([row]))).toBe(true);
  });

  it("does not hold where one kernel exceeds its bound in one mode, and says where", () => {
    const table = stripVTControlCharacters(kernelTable(parity([broken])));
    expect(table).toContain("7.25 !");
    expect(table).toContain("softmax in mode cpu: [5,7,1]: 7.25 ulp (allowed 5)");
    expect(table).toContain("1 cases out of bounds");
    expect(kernelsHold(parity([broken]))).toBe(false);
  });
});

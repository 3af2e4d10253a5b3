import type { Result } from "../report/report.js";
import { cell, type MakeTable, percent, table, timeOf, times } from "./cells.js";

const walkSteps = [
  ["1 scalar", "scalar, one output at a time", "b is read down its columns: a new cache line for every multiply-add"],
  ["2 rows", "inner loops exchanged", "b and c are read in the order of memory"],
  ["3 vector", "four columns at once (SIMD)", "four lanes; c still goes to memory and back at every step"],
  ["4 tile", "tile of 4 × 8 in registers", "6 loads for 32 multiply-adds, and c is written once"],
  ["5 fused tile", "the same, fused multiply-add", "one instruction instead of two"],
  [
    "6 packed (the library's)",
    "both operands packed: the library's",
    "the tile walks its operands in order, whatever their layout: transposed ones cost the same",
  ],
] as const;

/** From scalar WebAssembly to the library's product. */
export const walk: MakeTable = (found) => {
  const step = (size: number, variant: string, device = "wasm ×1") =>
    found.result("walk", `NN ${size}·${size}·${size}`, device, variant);
  const library = "6 packed (the library's)";
  if (!step(512, library)) return null;
  const line = (name: string, why: string, results: (Result | null)[], before: Result | null): string[] => {
    const [small, large] = results;
    const [now, then] = [timeOf(large), timeOf(before)];
    const gain = now === null || then === null ? "" : times(then / now);
    return [name, cell(small), cell(large), gain, large ? percent(found.rate(large).share) : "", why];
  };
  const rows = walkSteps.map(([variant, name, why], i) => {
    const before = i === 0 ? null : step(512, walkSteps[i - 1][0]);
    return line(name, why, [step(256, variant), step(512, variant)], before);
  });
  const more = [256, 512].map((size) => step(size, library, "wasm ×2"));
  if (more[1]) rows.push(line("the same on two threads", "rows of c are divided among them", more, step(512, library)));
  return table(["step", "256, ms", "512, ms", "gain at 512 over the line above", "of the peak", "why"], rows);
};

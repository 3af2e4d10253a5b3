import { expect, it } from "vitest";
import { behaviours } from "./behaviours.js";
import type { SuiteResult } from "./suite.js";

/** One claim an operation and one a behaviour, about a suite that ran elsewhere. */
export function claims(mode: string, result: () => SuiteResult): void {
  it(`really runs in mode ${mode}`, () => {
    expect(result().mode).toBe(mode);
  });
  it("is as near to float64 as every operation's bound says", () => {
    const { rows } = result();
    expect(rows.length).toBeGreaterThan(70);
    const failures = rows.flatMap((row) => row.failures.map((failure) => `${row.operation}: ${failure}`));
    expect(failures.slice(0, 8)).toEqual([]);
  });
  for (const name of Object.keys(behaviours)) {
    it(name, () => expect(result().behaviours[name]).toBeNull());
  }
}

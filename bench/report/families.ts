import type { Result } from "./report.js";

/** Problems that differ in size alone, at two sizes or more: "matmul: NN square" with its results. */
export function families(results: readonly Result[]): [name: string, results: Result[]][] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const name = `${result.suite}: ${result.family}`;
    groups.set(name, [...(groups.get(name) ?? []), result]);
  }
  return [...groups].filter(([, own]) => new Set(own.map(({ size }) => size)).size > 1);
}

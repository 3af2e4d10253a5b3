import { type BenchReport, type Result, rates } from "../report/report.js";

/** The results of several reports; of one that several have, the first counts. */
export class Found {
  readonly #reports: readonly BenchReport[];

  constructor(reports: readonly BenchReport[]) {
    this.#reports = reports;
  }

  result(suite: string, problem: string, device: string, variant = "default"): Result | null {
    for (const { results } of this.#reports) {
      const one = results.find(
        (result) =>
          result.suite === suite &&
          result.problem === problem &&
          result.device === device &&
          result.variant === variant &&
          result.status !== "skipped",
      );
      if (one) return one;
    }
    return null;
  }

  /** The modes of gpu.js that have a result of a problem, with what runs each. */
  gpus(suite: string, problem: string): { device: string; words: string }[] {
    const modes = new Map<string, string>();
    for (const { devices, results } of this.#reports) {
      for (const { name, adapter } of devices) {
        const has = results.some(
          (one) => one.suite === suite && one.problem === problem && one.device === name && one.status !== "skipped",
        );
        if (!name.startsWith("gpu ") || modes.has(name) || !has) continue;
        const driver = adapter === "this CPU" ? "" : `, ${/swiftshader/i.test(adapter) ? "SwiftShader" : adapter}`;
        modes.set(name, `\`${name.slice(4)}\`${driver}`);
      }
    }
    return [...modes].map(([device, words]) => ({ device, words }));
  }

  /** GFLOP/s of a result, with the share of the peak measured in the same run. */
  rate(result: Result): { gflops: number | null; share: number | null } {
    const own = this.#reports.find(({ results }) => results.includes(result));
    const { gflops, flopShare } = rates(result, own?.ceilings ?? []);
    return { gflops, share: flopShare };
  }

  get reports(): readonly BenchReport[] {
    return this.#reports;
  }
}

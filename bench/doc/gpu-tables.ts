import type { Result } from "../report/report.js";
import { cell, type MakeTable, table, timeOf, times } from "./cells.js";

/** Names in a report, each with its words in the document. */
type Names = Readonly<Record<string, string>>;

/**
 * A row a variant, a column a problem and mode of the GPU: the time, and how many times as fast as the first variant it
 * is.
 */
export function variants(suite: string, problems: Names, names: Names): MakeTable {
  return (found) => {
    const columns = Object.entries(problems).flatMap(([problem, size]) =>
      found.gpus(suite, problem).map((gpu) => ({ problem, size, ...gpu })),
    );
    if (columns.length === 0) return null;
    const several = Object.keys(problems).length > 1;
    const head = columns.map(({ size, words }) => `${size}: ${words}`);
    const [first = ""] = Object.keys(names);
    const rows = Object.entries(names).map(([variant, words]) => [
      words,
      ...columns.map(({ problem, device }) => {
        const [result, plain] = [variant, first].map((one) => found.result(suite, problem, device, one));
        const [now, then] = [timeOf(result), timeOf(plain)];
        const gain = variant === first || now === null || then === null ? "" : ` (${times(then / now)})`;
        return `${cell(result, { quartiles: !several })}${gain}`;
      }),
    ]);
    return table(["variant, ms", ...head], rows);
  };
}

/** "y[5] = −0.12345678, truth −0.2" in fewer digits. */
function wrongWords(reason: string): string {
  const [, found, truth] = /= (\S+), truth (\S+)$/.exec(reason) ?? [];
  const short = (value: string): string => String(Number(Number(value).toPrecision(3)));
  return found === undefined || truth === undefined ? `wrong: ${reason}` : `wrong: ${short(found)} for ${short(truth)}`;
}

const tanhNames = {
  builtIn: "builtIn: the language's own",
  exponential: "exponential: 1 − 2 / (e²ˣ + 1)",
  expm1: "expm1: (e²ˣ − 1) / (e²ˣ + 1) without cancellation: the library's",
} as const;

/** Which tanh is right on which mode of the GPU. */
export const tanh: MakeTable = (found) => {
  const problem = "forward [64, 1024]";
  const gpus = found.gpus("tanh", problem);
  if (gpus.length === 0) return null;
  const verdict = (result: Result | null): string => {
    if (!result?.error) return "–";
    if (result.status === "wrong") return wrongWords(result.reason ?? "");
    return `right, ${Number(result.error.ulp.toPrecision(2))} units, ${cell(result)} ms`;
  };
  return table(
    ["variant", ...gpus.map(({ words }) => words)],
    Object.entries(tanhNames).map(([variant, words]) => [
      words,
      ...gpus.map(({ device }) => verdict(found.result("tanh", problem, device, variant))),
    ]),
  );
};

import { DataError } from "backflow";
import { isSuite, type SuiteName, suiteNames, suites } from "../suites/index.js";
import { walkProblems } from "../suites/walk.js";
import { ownProblems } from "./own-kernel.js";
import { isKernelFile, loadOwnKernel } from "./own-kernel-file.js";
import type { Problem } from "./problem.js";

/** Sorts the names given to the command; one that is nothing is told before anything is measured. */
export function chosen(names: readonly string[]): { suiteNames: SuiteName[]; walk: boolean; files: string[] } {
  const stranger = names.find((name) => name !== "walk" && !isKernelFile(name) && !isSuite(name));
  if (stranger !== undefined) {
    throw new DataError(
      `no suite "${stranger}": there are ${suiteNames.join(", ")}, walk; a kernel of your own is a .ts or .js file`,
    );
  }
  return { suiteNames: names.filter(isSuite), walk: names.includes("walk"), files: names.filter(isKernelFile) };
}

/** The problems of suites, of "walk" and of files with kernels. */
export async function chosenProblems(
  names: readonly string[],
  sizes: readonly number[] | null,
  seed: number,
): Promise<Problem[]> {
  const { suiteNames: known, walk, files } = chosen(names);
  const problems = known.flatMap((name) => suites[name](sizes, seed));
  if (walk) problems.push(...walkProblems(sizes, seed));
  for (const file of files) problems.push(...ownProblems(await loadOwnKernel(file), sizes, seed));
  return problems;
}

import type { Problem } from "../problems/problem.js";
import { attentionProblems } from "./attention.js";
import { cellProblems } from "./cells.js";
import { matmulProblems } from "./matmul.js";
import { softmaxProblems } from "./softmax.js";
import { tanhProblems } from "./tanh.js";
import { trainingStepProblems } from "./training-step.js";

/** Every suite: its problems at the given sizes, or at its own. What a size means is said beside each function. */
export const suites = {
  matmul: matmulProblems,
  softmax: softmaxProblems,
  tanh: tanhProblems,
  cells: cellProblems,
  attention: attentionProblems,
  step: trainingStepProblems,
} as const satisfies Record<string, (sizes: readonly number[] | null, seed: number) => Problem[]>;

export type SuiteName = keyof typeof suites;
export const suiteNames = Object.keys(suites) as SuiteName[];
export const isSuite = (name: string): name is SuiteName => Object.hasOwn(suites, name);

import { cases, Draw } from "../autograd/gradcheck/cases/index.js";
import { epsSweep } from "../autograd/gradcheck/sweep.js";
import type { OperationName } from "../autograd/operations/index.js";
import type { SweepRow } from "./gradcheck-page.js";

/** The eps sweep of each operation's first case, in float64 and in float32 on the CPU. */
export function sweepsOf(names: readonly OperationName[]): SweepRow[] {
  return names.flatMap((name) => {
    const [{ inputs, fn }] = cases[name];
    return (["float64", "float32"] as const).map((dtype) => ({
      title: `${name}, ${dtype}`,
      sweep: epsSweep(fn, inputs(new Draw(dtype, "cpu", 0))),
    }));
  });
}

import { isFloat } from "../../tensor/devices.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Failure, FailureKind } from "./report.js";
import type { Subject } from "./subject.js";

const same = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, i) => Object.is(value, b[i]));

function overlap(a: Tensor, b: Tensor): boolean {
  return a.storage === b.storage && a.offset < b.offset + b.size && b.offset < a.offset + a.size;
}

/**
 * What would make differences meaningless, looked for before any is taken. The value at the point comes back only if
 * nothing was found.
 */
export function inspect(subject: Subject, order: number): { centre: Float64Array | null; failures: Failure[] } {
  const failures: Failure[] = [];
  const fail = (kind: FailureKind, input: string | null, message: string): void => {
    failures.push({ kind, order, road: null, input, message, worst: null, wrong: null, cause: null });
  };
  const { targets } = subject;
  for (const { name, tensor } of targets) {
    if (tensor.dtype !== "float64") {
      fail("dtype", name, `${name} is ${tensor.dtype}, too coarse for a difference: give float64, or use epsSweep()`);
    }
  }
  for (const [a, b] of subject.sharing(overlap)) {
    fail("aliased", a, `${a} and ${b} share memory, so that moving one moves the other: give each its own numbers`);
  }
  for (const { name, values } of targets) {
    if (!values.every(Number.isFinite)) fail("non-finite", name, `${name} holds a NaN or infinity`);
  }
  if (failures.length > 0) return { centre: null, failures };

  const centre = subject.evaluate();
  for (const target of targets) {
    if (same(Float64Array.from(target.tensor.dataSync()), target.values)) continue;
    subject.place(target, target.values);
    fail("overwritten", target.name, `the function changed ${target.name}, its own input, in place`);
  }
  if (failures.length > 0) return { centre: null, failures };
  if (!centre.every(Number.isFinite)) fail("non-finite", null, "the output holds a NaN or infinity");
  if (!same(centre, subject.evaluate())) {
    fail("nondeterminism", null, "two runs on the same input gave two outputs: seed its random numbers, or eval()");
  }
  if (!subject.outputDTypes().every((dtype) => !isFloat(dtype) || dtype === "float64")) {
    fail("dtype", null, "the output is float32, too coarse for a difference: compute in float64, or use epsSweep()");
  }
  return { centre: failures.length > 0 ? null : centre, failures };
}

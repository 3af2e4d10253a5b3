import { type Device, type DType, scope, type Tensor } from "backflow";
import type { BenchDevice } from "../runner/devices.js";
import type { Expected } from "../runner/verify.js";
import type { Candidate, PeerJob, Prepared, Problem, Work } from "./problem.js";

/** How tensors are made for a device. */
export interface TensorKind {
  readonly device: Device;
  readonly dtype: DType;
}

/** A problem for tensors, run through the library's public functions. */
export interface StepProblem {
  readonly suite: string;
  readonly name: string;
  readonly family: string;
  readonly size: number;
  readonly work: Work;
  /** Units in the last place of each result's largest number that float32 may be off. */
  readonly bound: number;
  /** The same for other engines; null where it is not put to them. */
  readonly job: (() => PeerJob) | null;
  /** Puts inputs and parameters, the same for every device, where `kind` says. */
  build(kind: TensorKind): {
    /** One step; a tensor that is there when all of it is done. */
    step(): Tensor;
    /** The results to be held against the truth, by name. Called once, before any step. */
    check(): Record<string, Tensor>;
  };
}

async function numbersOf(tensors: Record<string, Tensor>): Promise<[name: string, values: ArrayLike<number>][]> {
  const entries: [string, ArrayLike<number>][] = [];
  for (const [name, tensor] of Object.entries(tensors)) entries.push([name, await tensor.data()]);
  return entries;
}

async function prepareStep(problem: StepProblem, device: BenchDevice): Promise<Prepared> {
  device.activate();
  const waits = device.mode === "webgpu" || device.mode === "webgl2" || device.mode === "headlessgl";
  const { step, check } = problem.build(device.tensors);
  const start = performance.now();
  const results = await numbersOf(scope(check));
  const firstCall = performance.now() - start;
  let latest: Tensor | null = null;
  return {
    firstCall,
    results: async () => results.map(([, values]) => values),
    run: () => {
      device.activate();
      latest?.dispose();
      latest = scope(step);
    },
    upload: null,
    readBack: null,
    total: null,
    complete: waits
      ? async () => {
          device.activate();
          await latest?.data();
        }
      : null,
    close: () => latest?.dispose(),
  };
}

/** What float64 makes of the same. */
export async function expectedOf(problem: StepProblem): Promise<readonly Expected[]> {
  const { check } = problem.build({ device: "cpu", dtype: "float64" });
  const results = await numbersOf(scope(check));
  return results.map(([name, values]) => {
    let scale = 0;
    for (let i = 0; i < values.length; i++) scale = Math.max(scale, Math.abs(values[i]));
    return { name, values, scale, bound: problem.bound };
  });
}

/** A step as the runner takes it. */
export function stepProblem(problem: StepProblem): Problem {
  let expected: Promise<readonly Expected[]> | null = null;
  const { suite, name, family, size, work, job } = problem;
  return {
    suite,
    name,
    family,
    size,
    work,
    job,
    expected: () => {
      expected ??= expectedOf(problem);
      return expected;
    },
    candidates: (device): Candidate[] => [{ variant: "default", prepare: () => prepareStep(problem, device) }],
  };
}

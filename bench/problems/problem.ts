import type { Backend, GpuBackend, Operand, Storage } from "backflow/kernels";
import type { BenchDevice } from "../runner/devices.js";
import type { Expected } from "../runner/verify.js";
import type { Input } from "./inputs.js";

/** What a problem asks of the hardware at least: arithmetic, and bytes in and out if every number crosses once. */
export interface Work {
  /** Floating-point operations; a multiply-add is two, an exponential or a tanh one. */
  readonly flops: number;
  readonly bytes: number;
}

/** A problem in words that other engines understand. */
export type Job =
  | { readonly task: "matmul"; readonly transposeA: boolean; readonly transposeB: boolean }
  | { readonly task: "softmax"; readonly axis: number }
  | { readonly task: "tanh" | "sigmoid" | "exp" | "add" | "mul" }
  | { readonly task: "logSoftmax" | "sum"; readonly axis: number }
  /** Of x, weight and bias, over the last axis. */
  | { readonly task: "layerNorm" }
  | ModelJob;

/**
 * A layer or a model, on inputs by name. What comes out is its output, or the gradients of those inputs, in that order,
 * of Σ output ⊙ weight. "rnnsearch" is a training step: the gradients of its first loss come out, then every call is a
 * whole step on fresh tokens.
 */
export interface ModelJob {
  readonly task: "gru" | "attention" | "rnnsearch";
  readonly gradients: readonly string[];
}

/** A job with what goes into it. */
export interface PeerJob {
  readonly kind: Job;
  readonly inputs: readonly (Input & { readonly name?: string })[];
}

/** One thing to compute, on given inputs. */
export interface Problem {
  readonly suite: string;
  /** Unique within the suite: kind, shapes. */
  readonly name: string;
  /** Problems that differ in size alone share it: "NN square", "gru forward". */
  readonly family: string;
  /** What the problem is plotted against and selected by: its largest axis. */
  readonly size: number;
  readonly work: Work;
  /** The results in float64, for the very inputs. Computed once and kept. */
  expected(): Promise<readonly Expected[]>;
  /** The same for other engines; null where it is only for tensors of this library. */
  readonly job: (() => PeerJob) | null;
  /** The ways to solve it on a device. */
  candidates(device: BenchDevice): readonly Candidate[];
}

/** One way to solve a problem on one device. */
export interface Candidate {
  /** The kernel's own name where a device has several; "default" for what the library runs. */
  readonly variant: string;
  /** Puts the inputs on the device and runs once: {@link Prepared.results} gives what came out. */
  prepare(): Promise<Prepared>;
}

/** A candidate that has its inputs and is compiled. */
export interface Prepared {
  /** Milliseconds the first call took, compilation included. */
  readonly firstCall: number;
  results(): Promise<readonly ArrayLike<number>[]>;
  /** One call on inputs that are there; its results are dropped. */
  run(): void;
  /** Times calls for so many seconds where they happen, in a process of their own: milliseconds a call. */
  readonly sample?: (seconds: number) => Promise<number[]>;
  /** The inputs to the device and dropped there; null where there is nothing to bring. */
  readonly upload: (() => void) | null;
  /** The results of one call back to the host. */
  readonly readBack: (() => Promise<unknown> | undefined) | null;
  /** Upload, one call, read-back. */
  readonly total: (() => Promise<unknown> | undefined) | null;
  /** Waits until the device has done everything asked so far; null where calls return when they are done. */
  readonly complete: (() => Promise<unknown>) | null;
  close(): void;
}

/** A problem for kernels: arrays in, arrays out. */
export interface KernelProblem {
  readonly suite: string;
  readonly name: string;
  readonly family: string;
  readonly size: number;
  readonly work: Work;
  readonly inputs: readonly Input[];
  /** Computes on any back end: the road the library takes. */
  compute(backend: Backend, inputs: readonly Operand[]): Storage[];
  readonly job?: Job;
  /** Other kernels for the same, by name. */
  readonly variants?: Record<string, (gpu: GpuBackend, inputs: readonly Operand[]) => Storage[]>;
  /** The truth, from the results of the float64 back end. */
  expect(reference: Backend, inputs: readonly Operand[], results: readonly ArrayLike<number>[]): readonly Expected[];
}

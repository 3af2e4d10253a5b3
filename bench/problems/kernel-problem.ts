import { type Operand, referenceBackend, type Storage } from "backflow/kernels";
import type { BenchDevice } from "../runner/devices.js";
import type { Expected } from "../runner/verify.js";
import type { Input } from "./inputs.js";
import type { Candidate, KernelProblem, Prepared, Problem } from "./problem.js";

type Compute = (inputs: readonly Operand[]) => Storage[];

const dtypes = { Float32Array: "float32", Int32Array: "int32", Uint8Array: "bool" } as const;

function upload({ backend }: Pick<BenchDevice, "backend">, { data, shape }: Input): Operand {
  const dtype = dtypes[data.constructor.name as keyof typeof dtypes];
  const storage = backend.upload(data, dtype === "float32" ? backend.float : dtype);
  storage.retain();
  return { storage, offset: 0, shape };
}

const whole = (storage: Storage): Operand => ({ storage, offset: 0, shape: [storage.length] });

function drop(storages: readonly Storage[]): void {
  for (const storage of storages) {
    storage.retain();
    storage.release();
  }
}

/** A kernel on one device: its inputs there, its first call made. */
export async function prepareKernel(
  inputs: readonly Input[],
  device: BenchDevice,
  compute: Compute,
): Promise<Prepared> {
  const { backend } = device;
  const waits = device.mode === "webgpu" || device.mode === "webgl2" || device.mode === "headlessgl";
  const operands = inputs.map((input) => upload(device, input));
  const readAll = (storages: readonly Storage[]): Promise<ArrayLike<number>[]> =>
    Promise.all(storages.map((storage) => backend.read(whole(storage))));
  const start = performance.now();
  let latest = compute(operands);
  for (const storage of latest) storage.retain();
  const first = await readAll(latest);
  const firstCall = performance.now() - start;

  const run = (): void => {
    const results = compute(operands);
    for (const storage of results) storage.retain();
    for (const storage of latest) storage.release();
    latest = results;
  };
  // A number of the result is copied by a kernel of its own and read: it cannot be there before the result is.
  const complete = async (): Promise<void> => {
    const copy = backend.copy(whole(latest[0]), { shape: [1], strides: [1], start: 0 });
    await backend.read(whole(copy));
    drop([copy]);
  };
  const total = (): Promise<unknown> | undefined => {
    const fresh = inputs.map((input) => upload(device, input));
    const results = compute(fresh);
    const finish = (): void => {
      drop(results);
      for (const operand of fresh) operand.storage.release();
    };
    if (waits) return readAll(results).then(finish);
    for (const storage of results) backend.readSync(whole(storage));
    finish();
    return undefined;
  };
  return {
    firstCall,
    results: async () => first,
    run,
    upload: () => {
      for (const input of inputs) upload(device, input).storage.release();
    },
    readBack: () => {
      if (waits) return readAll(latest);
      for (const storage of latest) backend.readSync(whole(storage));
      return undefined;
    },
    total,
    complete: waits ? complete : null,
    close: () => {
      for (const storage of latest) storage.release();
      for (const operand of operands) operand.storage.release();
    },
  };
}

/** What float64 makes of the inputs. */
async function expectedOf(problem: KernelProblem): Promise<readonly Expected[]> {
  const backend = referenceBackend();
  const operands = problem.inputs.map((input) => upload({ backend }, input));
  const results = problem.compute(backend, operands);
  const expected = problem.expect(
    backend,
    operands,
    results.map((storage) => backend.readSync(whole(storage))),
  );
  drop(results);
  for (const operand of operands) operand.storage.release();
  return expected;
}

/** A kernel problem as the runner takes it. */
export function kernelProblem(problem: KernelProblem): Problem {
  let expected: Promise<readonly Expected[]> | null = null;
  const { suite, name, family, size, work, inputs, variants, job } = problem;
  return {
    suite,
    name,
    family,
    size,
    work,
    job: job ? () => ({ kind: job, inputs }) : null,
    expected: () => {
      expected ??= expectedOf(problem);
      return expected;
    },
    candidates: (device): Candidate[] => {
      const { backend, gpu } = device;
      const ways: [variant: string, compute: Compute][] = [
        ["default", (operands) => problem.compute(backend, operands)],
      ];
      if (gpu) {
        for (const [variant, compute] of Object.entries(variants ?? {})) {
          ways.push([variant, (operands) => compute(gpu, operands)]);
        }
      }
      return ways.map(([variant, compute]) => ({ variant, prepare: () => prepareKernel(inputs, device, compute) }));
    },
  };
}

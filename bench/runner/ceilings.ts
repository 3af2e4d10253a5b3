import { type Backend, type GpuBackend, type KernelThis, kernel, type Operand, wasmBackend } from "backflow/kernels";
import type { BenchDevice } from "./devices.js";
import { plainTimer } from "./timer.js";
import { ceiling } from "./wasm-ceiling.js";

/** The most that a device has been seen to do, in this very run. */
export interface Ceiling {
  /** The device's name. */
  readonly device: string;
  /** Float32 multiply-adds in registers, a multiply-add counted as two. */
  readonly gflops: number;
  /** Arrays far larger than any cache, read and written: bytes both ways. */
  readonly gigabytes: number;
  /** The same for arrays that stay in a cache; a kernel on small inputs may exceed the number above, not this one. Null on a GPU. */
  readonly cachedGigabytes: number | null;
  readonly how: string;
}

/** The best rate of so many units a call, in 10⁹ a second. */
async function best(units: number, run: () => unknown, waits: boolean, calls = 1): Promise<number> {
  const one = { name: "ceiling", run, waits, calls };
  const [samples] = await plainTimer([one], 0.4);
  return units / Math.min(...samples) / 1e6;
}

function uploaded(backend: Backend, elements: number): Operand {
  const storage = backend.upload(new Float32Array(elements).fill(1), "float32");
  storage.retain();
  return { storage, offset: 0, shape: [elements] };
}

/** Copies of arrays of so many elements on the CPU. */
async function copyRate(backend: Backend, elements: number): Promise<number> {
  const [from, to] = [uploaded(backend, elements), uploaded(backend, elements)];
  const rate = await best(8 * elements, () => backend.assign(to, from), false);
  for (const { storage } of [from, to]) storage.release();
  return rate;
}

const mebi = 2 ** 20;

/** One thread of this CPU in WebAssembly, multiply-adds in registers. */
async function cpuPeak(): Promise<number> {
  // Without relaxed SIMD the second module does not compile: then multiply and add are two instructions.
  const rates = await Promise.allSettled([ceiling(false), ceiling(true)]);
  return Math.max(...rates.map((rate) => (rate.status === "fulfilled" ? rate.value : 0)));
}

/** What a kernel that runs on the CPU, on so many threads, is measured against. */
async function cpuCeiling(backend: Backend, peak: number, threads: number): Promise<Omit<Ceiling, "device">> {
  return {
    gflops: peak * threads,
    gigabytes: await copyRate(backend, 16 * mebi),
    cachedGigabytes: await copyRate(backend, mebi / 64),
    how: `twelve chains of multiply-add on four floats in WebAssembly, measured on one thread, times ${threads}; copies of 64 MiB, and of 64 KiB for the cache`,
  };
}

/** Eight chains of multiply-add in registers, `turns` times: 16 operations a turn. */
const chains = kernel(
  "bench:chains",
  function chains(this: KernelThis, turns: number, x: number, y: number): number {
    let a = 0.5;
    let b = 1.5;
    let c = 2.5;
    let d = 3.5;
    let e = 4.5;
    let f = 5.5;
    let g = 6.5;
    let h = 7.5;
    for (let i = 0; i < turns; i++) {
      a = a * x + y;
      b = b * x + y;
      c = c * x + y;
      d = d * x + y;
      e = e * x + y;
      f = f * x + y;
      g = g * x + y;
      h = h * x + y;
    }
    return a + b + (c + d) + (e + f + (g + h));
  },
  ["integer", "number", "number"],
);

const turns = 256;

/** Doubles the work until one launch takes 20 ms, then gives the best rate. */
async function gpuRate(gpu: GpuBackend, unitsPerElement: number, start: number, most: number, launch: Launch) {
  let rate = 0;
  for (let elements = start; ; elements *= 4) {
    const run = launch(gpu, elements);
    await run.once();
    const begin = performance.now();
    await run.once();
    const elapsed = performance.now() - begin;
    if (elapsed >= 20 || elements * 4 > most) {
      rate = await best(unitsPerElement * elements * 4, () => run.times(4), true);
      run.close();
      return rate;
    }
    run.close();
  }
}

interface Running {
  once(): Promise<unknown>;
  times(n: number): Promise<unknown>;
  close(): void;
}
type Launch = (gpu: GpuBackend, elements: number) => Running;

/** Launches handed over together and waited for by reading one number of the last. */
function running(gpu: GpuBackend, launchOne: () => Operand["storage"], close: () => void): Running {
  const times = async (n: number): Promise<void> => {
    for (let i = 0; i < n; i++) {
      const storage = launchOne();
      storage.retain();
      if (i === n - 1) {
        const copy = gpu.copy({ storage, offset: 0, shape: [storage.length] }, { shape: [1], strides: [1], start: 0 });
        copy.retain();
        await gpu.read({ storage: copy, offset: 0, shape: [1] });
        copy.release();
      }
      storage.release();
    }
  };
  return { once: () => times(1), times, close };
}

const chainLaunch: Launch = (gpu, elements) =>
  running(
    gpu,
    () => gpu.runtime.launch("chains", chains, [turns, 0.999, 0.001], elements),
    () => {},
  );

const streamLaunch: Launch = (gpu, elements) => {
  const x = uploaded(gpu, elements);
  return running(
    gpu,
    () => gpu.map("neg", x),
    () => x.storage.release(),
  );
};

async function gpuCeiling(gpu: GpuBackend): Promise<Omit<Ceiling, "device">> {
  return {
    gflops: await gpuRate(gpu, 16 * turns, 1024, 16 * mebi, chainLaunch),
    gigabytes: await gpuRate(gpu, 8, 64 * 1024, 16 * mebi, streamLaunch),
    cachedGigabytes: null,
    how: "the best of two simple kernels: eight chains of multiply-add a thread; y = −x over up to 64 MiB",
  };
}

const onCpu = ({ mode }: BenchDevice): boolean => mode === null || mode === "webasm" || mode === "cpu";

/** The ceilings of all devices. What runs on the CPU outside of WebAssembly is held against one WebAssembly thread too. */
export async function measureCeilings(devices: readonly BenchDevice[]): Promise<Ceiling[]> {
  const ceilings: Ceiling[] = [];
  const peak = devices.some(onCpu) ? await cpuPeak() : 0;
  const single = devices.some(onCpu) ? await cpuCeiling(wasmBackend(), peak, 1) : null;
  for (const device of devices) {
    if (device.kind === "wasm") {
      ceilings.push({ ...(await cpuCeiling(device.backend, peak, device.threads)), device: device.name });
    } else if (single && onCpu(device)) ceilings.push({ ...single, device: device.name });
    else if (device.gpu) ceilings.push({ ...(await gpuCeiling(device.gpu)), device: device.name });
  }
  return ceilings;
}

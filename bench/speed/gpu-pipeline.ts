/**
 * Whether gpu.js's `createPipeline`, which hands a whole chain of kernels to the device at once, beats launching them one
 * by one as the GPU back end does: `node dist/scripts/bench/speed/gpu-pipeline.js [webgpu|webasm|cpu]`.
 *
 * Both run the same chain, x ← tanh-like(x · 0.99 + 0.01) again and again, and read the end once. The pipeline takes its
 * arguments from the host and gives its results back to it, every time; a chain of launches leaves them on the device.
 */
import { type GpuMode, gpuBackend } from "../../src/kernels/index.js";

type Numbers = Float32Array;
/** The part of gpu.js that is used here; its own types describe nested arrays only. */
interface Library {
  new (settings: {
    mode: string;
  }): {
    createKernel(source: string, settings: object): { kernel: object };
    createPipeline(run: (x: unknown) => unknown): ((x: Numbers) => Promise<Numbers>) & {
      executorKind: string;
      fallbackReason: string | null;
    };
    destroy(): Promise<void>;
  };
}

const mode = (process.argv[2] ?? "webgpu") as GpuMode;
const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1];

/** Milliseconds a run takes, the median of at least nine. */
async function timed(run: () => Promise<unknown>): Promise<number> {
  await run();
  await run();
  const times: number[] = [];
  for (const start = performance.now(); times.length < 9 || performance.now() - start < 1000; ) {
    const before = performance.now();
    await run();
    times.push(performance.now() - before);
  }
  return median(times);
}

const backend = await gpuBackend({ mode });
const { GPU } = (await import("gpu.js")) as unknown as { GPU: Library };
const gpu = new GPU({ mode });

for (const length of [256, 16_384, 262_144]) {
  for (const steps of [10, 100]) {
    const numbers = new Float32Array(length).fill(0.5);
    const kernel = gpu.createKernel(
      "function (x) { const y = x[this.thread.x] * 0.99 + 0.01; return y / (1.0 + y * y); }",
      {
        output: [length],
        precision: "single",
      },
    ) as unknown as (x: unknown) => unknown;
    const pipeline = gpu.createPipeline((x) => {
      let y = x;
      for (let step = 0; step < steps; step++) y = kernel(y);
      return y;
    });
    const x = { storage: backend.upload(numbers, "float32"), offset: 0, shape: [length] };
    const chain = async (): Promise<unknown> => {
      let y = x;
      for (let step = 0; step < steps; step++) {
        const next = { ...x, storage: backend.mapConstant("mul", y, 0.99) };
        if (y !== x) y.storage.release();
        y = next;
      }
      const end = await backend.read(y);
      y.storage.release();
      return end;
    };
    const [oneByOne, atOnce] = [await timed(chain), await timed(() => pipeline(numbers))];
    console.log(
      `${backend.mode} (${backend.adapter}) ${steps} kernels of ${length}: one by one ${oneByOne.toFixed(2)} ms, ` +
        `pipeline ${atOnce.toFixed(2)} ms (${pipeline.executorKind}${pipeline.fallbackReason ? `: ${pipeline.fallbackReason}` : ""}), ` +
        `ratio ${(oneByOne / atOnce).toFixed(1)}`,
    );
    x.storage.release();
  }
}
await gpu.destroy();
await backend.close();

import { DeviceError } from "../../errors.js";
import { DeviceArray, type DeviceMemory } from "./device-memory.js";

/** gpu.js's handle of a WebGPU result, whose class it exports to no one's types. */
export interface GpuBufferResult {
  readonly buffer: GPUBuffer & { _refs?: number };
  output: number[];
  /** Numbers a thread wrote side by side. */
  componentCount: number;
  readonly context: { readonly adapter: GPUAdapter; readonly device: GPUDevice; readonly isLost: boolean };
  readonly kernel: { outputBuffer: (GPUBuffer & { _refs?: number }) | null };
  delete(): void;
}

/**
 * Buffers on the WebGPU device that gpu.js opened, which shows in any result of its kernels.
 *
 * Numbers go in and out by the device itself: gpu.js's own doors would keep a copy of the largest array that ever went
 * through each kernel.
 */
export function bufferMemory(example: GpuBufferResult): DeviceMemory {
  const { context, kernel } = example;
  const { device } = context;
  const Result = example.constructor as new (settings: object) => GpuBufferResult;
  // Numeric flags (WebGPU §5.1.1): GPUBufferUsage is not a global in Node.
  const usage = { mapRead: 0x1, copySource: 0x4, copyDestination: 0x8, storage: 0x80 };
  let lostBecause = "";
  device.lost.then(({ message }) => {
    lostBecause = message;
  });
  const check = (): void => {
    if (context.isLost) {
      throw new DeviceError(`gpu: the WebGPU device was lost (${lostBecause}); what was on it is gone. Load it again`);
    }
  };
  const wrap = (buffer: GPUBuffer, length: number): DeviceArray =>
    new DeviceArray(new Result({ buffer, output: [length], componentCount: 1, context, kernel }));
  return {
    check,
    upload(data) {
      check();
      const buffer = device.createBuffer({
        size: data.byteLength,
        usage: usage.storage | usage.copySource,
        mappedAtCreation: true,
      });
      new Float32Array(buffer.getMappedRange()).set(data);
      buffer.unmap();
      return wrap(buffer, data.length);
    },
    async read(x, start, length) {
      check();
      const size = length * Float32Array.BYTES_PER_ELEMENT;
      const staging = device.createBuffer({ size, usage: usage.mapRead | usage.copyDestination });
      const encoder = device.createCommandEncoder();
      const { buffer } = x.value as GpuBufferResult;
      encoder.copyBufferToBuffer(buffer, start * Float32Array.BYTES_PER_ELEMENT, staging, 0, size);
      device.queue.submit([encoder.finish()]);
      try {
        await staging.mapAsync(1);
        return new Float32Array(staging.getMappedRange().slice(0));
      } catch (error) {
        check();
        throw error;
      } finally {
        staging.destroy();
      }
    },
    argument: (x, at) => [x.value, at],
    adopt(result, width) {
      const handle = result as GpuBufferResult;
      // The groups lie side by side: the buffer of n groups is a plain array of width · n numbers.
      if (width > 1) {
        handle.componentCount = 1;
        handle.output = [handle.output[0] * width];
      }
      return new DeviceArray(handle);
    },
    join(stretches, length) {
      check();
      const bytes = Float32Array.BYTES_PER_ELEMENT;
      const buffer = device.createBuffer({
        size: length * bytes,
        usage: usage.storage | usage.copySource | usage.copyDestination,
      });
      const encoder = device.createCommandEncoder();
      let filled = 0;
      for (const { array, at, size } of stretches) {
        const from = (array.value as GpuBufferResult).buffer;
        encoder.copyBufferToBuffer(from, at * bytes, buffer, filled * bytes, size * bytes);
        filled += size;
      }
      device.queue.submit([encoder.finish()]);
      return wrap(buffer, length);
    },
    free(x) {
      const { buffer, kernel: maker } = x.value as GpuBufferResult;
      (x.value as GpuBufferResult).delete();
      // A kernel of gpu.js holds on to its last result until it runs again; let go of it now.
      if (maker.outputBuffer === buffer) {
        maker.outputBuffer = null;
        buffer.destroy();
      }
    },
    settle: () => device.queue.onSubmittedWorkDone(),
  };
}

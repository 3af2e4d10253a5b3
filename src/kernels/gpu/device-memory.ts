/** An array on the device. Never written once made. */
export class DeviceArray {
  /** `value` is what gpu.js passes to a kernel: a buffer, a texture, or plain numbers. */
  constructor(readonly value: unknown) {}
}

/** `size` numbers of an array from `at` on. */
export interface Stretch {
  readonly array: DeviceArray;
  readonly at: number;
  readonly size: number;
}

/** Where a mode of gpu.js keeps its arrays. */
export interface DeviceMemory {
  /** A {@link DeviceError} where the device was lost. */
  check(): void;
  upload(data: Float32Array): DeviceArray;
  /** The numbers from `start` on. At once where `immediate`, else a promise. */
  read(x: DeviceArray, start: number, length: number): Float32Array | Promise<Float32Array>;
  /** What a kernel gets for `size` numbers of an array from `at` on: an array and the offset in it. */
  argument(x: DeviceArray, at: number, size: number): [array: unknown, offset: number];
  /** Wraps a kernel's result; `width` neighbouring numbers came from each thread. */
  adopt(result: unknown, width: number): DeviceArray;
  /** Stretches one after the other in a new array of `length`; null where only a kernel can do that. */
  readonly join: ((stretches: readonly Stretch[], length: number) => DeviceArray) | null;
  free(x: DeviceArray): void;
  /** Waits until the device has done what it was given. */
  settle(): Promise<void>;
}

/** The numbers of groups of `width`, one group after the other. */
export function flattened(groups: readonly ArrayLike<number>[], width: number): Float32Array {
  const flat = new Float32Array(groups.length * width);
  for (let i = 0; i < groups.length; i++) for (let j = 0; j < width; j++) flat[i * width + j] = groups[i][j];
  return flat;
}

/** gpu.js's WebAssembly and CPU modes have no device memory: an array is a Float32Array. */
export const hostMemory: DeviceMemory = {
  check() {},
  upload: (data) => new DeviceArray(data.slice()),
  read: (x, start, length) => (x.value as Float32Array).slice(start, start + length),
  // The WebAssembly mode copies its arguments in and compiles for their sizes: it gets no more than
  // it needs, and never an empty one.
  argument: (x, at, size) => [(x.value as Float32Array).subarray(at, at + Math.max(size, 1)), 0],
  adopt(result, width) {
    return new DeviceArray(width === 1 ? result : flattened(result as ArrayLike<number>[], width));
  },
  join(stretches, length) {
    const joined = new Float32Array(length);
    let filled = 0;
    for (const { array, at, size } of stretches) {
      joined.set((array.value as Float32Array).subarray(at, at + size), filled);
      filled += size;
    }
    return new DeviceArray(joined);
  },
  free() {},
  settle: () => Promise.resolve(),
};

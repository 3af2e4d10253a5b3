import { DeviceError } from "../../errors.js";
import { arrayTypes, type DType, type NumberArray, type Operand, type Storage } from "../storage.js";
import type { Context } from "./context.js";
import type { DeviceArray } from "./device-memory.js";
import { type Kernel, kernel } from "./kernel.js";
import { GpuStorage, type Slot } from "./storage.js";

/** int32 lives in a float32 on the device, which counts every whole number up to here. */
const exactIntegers = 2 ** 24;

/** out[i] = the i-th of part where it covers whole, else whole itself */
const splice = kernel(
  "splice",
  function splice(
    this: { thread: { x: number } },
    whole: number[],
    wholeOffset: number,
    part: number[],
    partOffset: number,
    start: number,
    length: number,
  ): number {
    if (this.thread.x >= start && this.thread.x < start + length) {
      return part[partOffset + this.thread.x - start];
    }
    return whole[wholeOffset + this.thread.x];
  },
  ["operand", "operand", "integer", "integer"],
);

const constant = kernel(
  "constant",
  function constant(this: unknown, value: number): number {
    return value;
  },
  ["number"],
);

const copied = kernel(
  "copied",
  function copied(this: { thread: { x: number } }, x: number[], xOffset: number): number {
    return x[xOffset + this.thread.x];
  },
  ["operand"],
);

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** The whole of a storage, as an operand. */
export const whole = (storage: Storage): Operand => ({ storage, offset: 0, shape: [storage.length] });

/**
 * Runs kernels on storages, in the order of the calls.
 *
 * Where results come at once, so does everything here. In WebGPU mode a command is put in a queue that empties itself
 * as promises are kept: it runs after every command before it, sees the storages as those left them, and what it frees
 * stays until then. Nothing here waits for the numbers themselves but {@link read}.
 */
export class Runtime {
  readonly live = { bytes: 0, storages: 0 };
  /** Bytes that crossed between the host and the device. */
  readonly traffic = { uploaded: 0, read: 0 };
  readonly #commands: (() => void | Promise<void>)[] = [];
  #running = false;
  #drained: Promise<void> = Promise.resolve();
  #nothing: DeviceArray | null = null;
  readonly #abandoned = new FinalizationRegistry<{ slot: Slot; bytes: number }>(({ slot, bytes }) =>
    this.#leave(slot, bytes),
  );
  readonly #constants = new Map<number, GpuStorage>();

  constructor(readonly context: Context) {}

  // Commands ---------------------------------------------------------------------------------------------------

  #enqueue(command: () => void | Promise<void>): void {
    if (this.context.immediate) {
      command();
      return;
    }
    this.#commands.push(command);
    if (!this.#running) {
      this.#running = true;
      this.#drained = Promise.resolve().then(() => this.#drain());
    }
  }

  async #drain(): Promise<void> {
    for (let next = 0; next < this.#commands.length; next++) {
      await this.#commands[next]();
      // Done commands are cut off now and then, so that a long queue does not hold on to them.
      if (next === 1023) {
        this.#commands.splice(0, next + 1);
        next = -1;
      }
    }
    this.#commands.length = 0;
    this.#running = false;
  }

  /** Puts the result of `work` into a slot once its turn comes, or the failure. */
  #fill(operation: string, slot: Slot, work: () => DeviceArray | Promise<DeviceArray>): void {
    const keep = (array: DeviceArray): void => {
      this.#drop(slot);
      slot.array = array;
      slot.failure = null;
    };
    const fail = (error: unknown): void => {
      slot.failure = named(operation, error);
    };
    this.#enqueue(() => {
      try {
        const result = work();
        if (result instanceof Promise) return result.then(keep, fail);
        keep(result);
      } catch (error) {
        fail(error);
      }
    });
  }

  #drop(slot: Slot): void {
    const { array } = slot;
    slot.array = null;
    if (array !== null && --array.references === 0 && !this.context.closed) this.context.memory.free(array);
  }

  /** The array in a slot at this point of the queue. */
  #value(slot: Slot): DeviceArray {
    if (slot.failure !== null) throw slot.failure;
    if (slot.array !== null) return slot.array;
    this.#nothing ??= this.context.memory.upload(new Float32Array(1));
    return this.#nothing;
  }

  // Storages ---------------------------------------------------------------------------------------------------

  #create(dtype: DType, length: number): GpuStorage {
    const storage = new GpuStorage(dtype, length, (freed) => {
      this.#abandoned.unregister(freed);
      this.#leave(freed.slot, freed.bytes);
    });
    this.live.bytes += storage.bytes;
    this.live.storages++;
    this.#abandoned.register(storage, { slot: storage.slot, bytes: storage.bytes }, storage);
    return storage;
  }

  #leave(slot: Slot, bytes: number): void {
    this.live.bytes -= bytes;
    this.live.storages--;
    this.#enqueue(() => this.#drop(slot));
  }

  #slotOf(operation: string, x: Operand): Slot {
    if (!(x.storage instanceof GpuStorage)) {
      throw new DeviceError(`gpu: ${operation}: an operand lies on another device; move it with to("gpu") first`);
    }
    if (x.storage.freed) {
      throw new DeviceError(
        `gpu: ${operation}: the storage of an operand [${x.shape.join(", ")}] was freed; keep its tensor from being disposed while it is in use`,
      );
    }
    return x.storage.slot;
  }

  upload(data: NumberArray, dtype: DType): GpuStorage {
    const numbers = toFloats(data, dtype);
    const storage = this.#create(dtype, data.length);
    if (dtype === "int32") storage.integers = Int32Array.from(data);
    if (data.length === 0) return storage;
    this.traffic.uploaded += storage.bytes;
    try {
      storage.slot.array = this.context.memory.upload(numbers);
    } catch (error) {
      storage.slot.failure = named("upload", error);
    }
    return storage;
  }

  read(x: Operand): Promise<NumberArray> {
    return new Promise((resolve, reject) => {
      const slot = this.#slotOf("read", x);
      const { dtype } = x.storage;
      this.#enqueue(() => {
        try {
          Promise.resolve(this.#numbers(slot, x)).then((numbers) => resolve(fromFloats(numbers, dtype)), reject);
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  readSync(x: Operand): NumberArray {
    if (!this.context.immediate) {
      throw new DeviceError(
        "gpu: WebGPU cannot be read without waiting: use `await t.data()`, or load the device in another mode",
      );
    }
    return fromFloats(this.#numbers(this.#slotOf("read", x), x) as Float32Array, x.storage.dtype);
  }

  #numbers(slot: Slot, x: Operand): Float32Array | Promise<Float32Array> {
    const length = sizeOf(x.shape);
    const array = this.#value(slot);
    if (length === 0) return new Float32Array(0);
    this.traffic.read += length * Float32Array.BYTES_PER_ELEMENT;
    return this.context.memory.read(array, x.offset, length);
  }

  // Kernels ----------------------------------------------------------------------------------------------------

  /** Runs a kernel and gives its result as a new storage. An operand stands for two arguments, its array and its offset. */
  launch(
    operation: string,
    program: Kernel,
    parameters: readonly (Operand | number)[],
    length: number,
    dtype: DType = "float32",
  ): GpuStorage {
    const bound = parameters.map((p) =>
      typeof p === "number" ? p : { slot: this.#slotOf(operation, p), at: p.offset },
    );
    const storage = this.#create(dtype, length);
    if (length === 0) return storage;
    this.#fill(operation, storage.slot, () => {
      const values = bound.flatMap((p) => (typeof p === "number" ? [p] : [this.#value(p.slot).value, p.at]));
      return this.context.launch(program, values, length);
    });
    return storage;
  }

  /** A storage with the same numbers; no copy is made where x is a whole storage, since an array is never written. */
  duplicate(operation: string, x: Operand, dtype: DType = x.storage.dtype): GpuStorage {
    const length = sizeOf(x.shape);
    if (length !== x.storage.length) return this.launch(operation, copied, [x], length, dtype);
    const from = this.#slotOf(operation, x);
    const storage = this.#create(dtype, length);
    if (length === 0) return storage;
    this.#fill(operation, storage.slot, () => {
      const array = this.#value(from);
      array.references++;
      return array;
    });
    return storage;
  }

  /** Numbers of an int32 operand that the host still knows, or null. */
  knownIntegers(x: Operand): Int32Array | null {
    const { integers } = x.storage as GpuStorage;
    return integers?.subarray(x.offset, x.offset + sizeOf(x.shape)) ?? null;
  }

  filled(length: number, value: number, dtype: DType): GpuStorage {
    return this.launch("fill", constant, [value], length, dtype);
  }

  /** x ← result, which is used up. */
  write(operation: string, x: Operand, result: GpuStorage): void {
    const target = this.#slotOf(operation, x);
    (x.storage as GpuStorage).integers = null;
    const from = result.slot;
    if (result.length > 0) {
      this.#fill(operation, target, () => {
        const part = this.#value(from);
        if (result.length === x.storage.length) {
          part.references++;
          return part;
        }
        const values = [this.#value(target).value, 0, part.value, 0, x.offset, result.length];
        return this.context.launch(splice, values, x.storage.length);
      });
    }
    x.storage.version++;
    result.release();
  }

  /** One number that stays on the device: a stand-in for an operand that is not there. */
  constant(value: number): Operand {
    let storage = this.#constants.get(value);
    if (storage === undefined) {
      storage = this.upload(Float32Array.of(value), "float32");
      this.live.bytes -= storage.bytes;
      this.live.storages--;
      this.#constants.set(value, storage);
    }
    return whole(storage);
  }

  async close(): Promise<void> {
    await this.#drained;
    await this.context.close();
  }
}

/** The failure as a reader will see it. */
function named(operation: string, error: unknown): Error {
  if (error instanceof DeviceError && error.message.startsWith("gpu: ")) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new DeviceError(`gpu: ${operation} failed: ${message}`, { cause: error });
}

function toFloats(data: NumberArray, dtype: DType): Float32Array {
  if (dtype === "bool") return Float32Array.from(data, (value) => (value !== 0 ? 1 : 0));
  if (dtype === "int32") {
    const integers = Int32Array.from(data);
    const large = integers.find((value) => Math.abs(value) > exactIntegers);
    if (large !== undefined) {
      throw new DeviceError(
        `gpu: int32 holds whole numbers up to 2^24 = ${exactIntegers} on this device; ${large} does not fit. Keep it on the CPU`,
      );
    }
    return Float32Array.from(integers);
  }
  return Float32Array.from(data);
}

function fromFloats(numbers: Float32Array, dtype: DType): NumberArray {
  return dtype === "float32" ? numbers : arrayTypes[dtype].from(numbers);
}

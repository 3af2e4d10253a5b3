import { DeviceError } from "../../errors.js";
import { arrayTypes, type DType, type NumberArray, type Operand, type Storage, sizeOf } from "../storage.js";
import { CommandQueue } from "./command-queue.js";
import type { Context } from "./context.js";
import type { DeviceArray } from "./device-memory.js";
import { joined, joinedAtOnce } from "./join.js";
import { type Kernel, kernel } from "./kernel.js";
import { Cell, type Contents, GpuStorage } from "./storage.js";

/** int32 lives in a float32 on the device, which counts every whole number up to here. */
const exactIntegers = 2 ** 24;
/** Zeros up to this many are one array that every storage of zeros shares: 4 MiB. */
const sharedZeros = 2 ** 20;
/** A copy of less than this part of an array is a copy indeed; sharing would keep the whole alive for it. */
const worthSharing = 1 / 4;

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

/** The whole of a storage, as an operand. */
export const whole = (storage: Storage): Operand => ({ storage, offset: 0, shape: [storage.length] });

/** Where an operand lies: `size` elements of a cell from `at` on. */
interface Place {
  readonly cell: Cell;
  readonly at: number;
  readonly size: number;
}

/**
 * Runs kernels on storages, in the order of the calls.
 *
 * Which array a storage's numbers are in is settled at the call; that array is written once, later, by a command of the
 * {@link CommandQueue}. So a write in place only changes what the storage refers to, and whoever was called before
 * still refers to what was there. Nothing here waits for the numbers themselves but {@link read}.
 */
export class Runtime {
  readonly live = { bytes: 0, storages: 0 };
  /** Bytes that crossed between the host and the device. */
  readonly traffic = { uploaded: 0, read: 0 };
  readonly #queue: CommandQueue;
  readonly #constants = new Map<number, GpuStorage>();
  readonly #abandoned = new FinalizationRegistry<{ contents: Contents; bytes: number }>(({ contents, bytes }) =>
    this.#leave(contents, bytes),
  );
  #zeros: Cell | null = null;

  constructor(readonly context: Context) {
    this.#queue = new CommandQueue(context.immediate);
  }

  // Cells ------------------------------------------------------------------------------------------------------

  /** A cell that a command will fill with the result of `work`, or with its failure. */
  #cell(operation: string, length: number, work: () => DeviceArray | Promise<DeviceArray>): Cell {
    const cell = new Cell(length);
    const keep = (array: DeviceArray): void => {
      cell.array = array;
    };
    const fail = (error: unknown): void => {
      cell.failure = named(operation, error);
    };
    this.#queue.add(() => {
      try {
        const result = work();
        if (result instanceof Promise) return result.then(keep, fail);
        keep(result);
      } catch (error) {
        fail(error);
      }
    });
    return cell;
  }

  #launchCell(operation: string, program: Kernel, parameters: readonly (Place | number)[], length: number): Cell {
    return this.#cell(operation, length, () => {
      const values = parameters.flatMap((p) =>
        typeof p === "number" ? [p] : this.context.memory.argument(arrayIn(p.cell), p.at, p.size),
      );
      return this.context.launch(program, values, length);
    });
  }

  #drop(cell: Cell): void {
    if (--cell.holders > 0) return;
    this.#queue.add(() => {
      const { array } = cell;
      cell.array = null;
      if (array !== null && !this.context.closed) this.context.memory.free(array);
    });
  }

  /** Zeros, at least as many as asked for. */
  #zeroCell(length: number): Cell {
    if (length > sharedZeros) return this.#launchCell("zeros", constant, [0], length);
    if (this.#zeros !== null && this.#zeros.length >= length) return this.#zeros;
    const cell = this.#launchCell("zeros", constant, [0], Math.min(sharedZeros, 2 ** Math.ceil(Math.log2(length))));
    cell.holders++;
    if (this.#zeros !== null) this.#drop(this.#zeros);
    this.#zeros = cell;
    return cell;
  }

  // Storages ---------------------------------------------------------------------------------------------------

  /** A storage whose numbers are a cell's. */
  #wrap(dtype: DType, length: number, cell: Cell | null, from = 0): GpuStorage {
    const storage = new GpuStorage(dtype, length, (freed) => {
      this.#abandoned.unregister(freed);
      this.#leave(freed.contents, freed.bytes);
    });
    if (cell !== null) this.#put(storage.contents, 0, length, cell, from);
    this.live.bytes += storage.bytes;
    this.live.storages++;
    this.#abandoned.register(storage, { contents: storage.contents, bytes: storage.bytes }, storage);
    return storage;
  }

  #leave(contents: Contents, bytes: number): void {
    this.live.bytes -= bytes;
    this.live.storages--;
    for (const { cell } of contents.pieces) this.#drop(cell);
    contents.pieces = [];
  }

  #put(contents: Contents, start: number, length: number, cell: Cell, from: number): void {
    for (const before of contents.put({ start, length, cell, from })) this.#drop(before);
  }

  #contentsOf(operation: string, x: Operand): Contents {
    if (!(x.storage instanceof GpuStorage)) {
      throw new DeviceError(`gpu: ${operation}: an operand lies on another device; move it with to("gpu") first`);
    }
    if (x.storage.freed) {
      throw new DeviceError(
        `gpu: ${operation}: the storage of an operand [${x.shape.join(", ")}] was freed; keep its tensor from being disposed while it is in use`,
      );
    }
    return x.storage.contents;
  }

  /** Where an operand's numbers are, side by side: pieces of it are joined first, and stay so. */
  #placeOf(operation: string, x: Operand): Place {
    const contents = this.#contentsOf(operation, x);
    const length = sizeOf(x.shape);
    if (length === 0) return { cell: this.#zeroCell(1), at: 0, size: 1 };
    const piece = contents.holding(x.offset, length);
    if (piece !== null) return { cell: piece.cell, at: piece.from + x.offset - piece.start, size: length };
    const parts = contents.cut(x.offset, length).map((cut) => ({ cell: cut.cell, at: cut.from, size: cut.length }));
    const cell = this.#joined(operation, parts, length);
    this.#put(contents, x.offset, length, cell, 0);
    return { cell, at: 0, size: length };
  }

  /** Parts, two or more, one after the other in a new cell. */
  #joined(operation: string, parts: readonly Place[], length: number): Cell {
    const { join } = this.context.memory;
    if (join === null) return this.#joinedByKernel(operation, parts);
    return this.#cell(operation, length, () =>
      join(
        parts.map(({ cell, at, size }) => ({ array: arrayIn(cell), at, size })),
        length,
      ),
    );
  }

  /** The same four at a time, and the results again, where the device cannot copy from array to array. */
  #joinedByKernel(operation: string, given: readonly Place[]): Cell {
    let parts = given;
    while (parts.length > 1) {
      const next: Place[] = [];
      for (let i = 0; i < parts.length; i += joinedAtOnce) {
        const group = parts.slice(i, i + joinedAtOnce);
        const size = group.reduce((total, part) => total + part.size, 0);
        while (group.length < joinedAtOnce) group.push({ ...group[0], size: 0 });
        const cell = this.#launchCell(operation, joined, [...group, ...group.map((part) => part.size)], size);
        next.push({ cell, at: 0, size });
      }
      // What an earlier round made is held by nobody; a hold that is let go frees it after this round has read it.
      for (const { cell } of parts) {
        cell.holders++;
        this.#drop(cell);
      }
      parts = next;
    }
    return parts[0].cell;
  }

  upload(data: NumberArray, dtype: DType): GpuStorage {
    const numbers = toFloats(data, dtype);
    if (data.length === 0) return this.#wrap(dtype, 0, null);
    const cell = new Cell(data.length, dtype === "int32" ? Int32Array.from(data) : null);
    this.traffic.uploaded += numbers.byteLength;
    try {
      cell.array = this.context.memory.upload(numbers);
    } catch (error) {
      cell.failure = named("upload", error);
    }
    return this.#wrap(dtype, data.length, cell);
  }

  read(x: Operand): Promise<NumberArray> {
    return new Promise((resolve, reject) => {
      const { dtype } = x.storage;
      const length = sizeOf(x.shape);
      const { cell, at } = this.#placeOf("read", x);
      this.#queue.add(() => {
        try {
          const numbers = this.#numbers(cell, at, length);
          // Not waited for: what comes after in the queue need not wait for the numbers to arrive.
          Promise.resolve(numbers).then((found) => resolve(fromFloats(found, dtype)), reject);
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  readSync(x: Operand): NumberArray {
    const known = this.knownIntegers(x);
    if (known !== null) return known.slice();
    if (!this.context.immediate) {
      throw new DeviceError(
        "gpu: WebGPU cannot be read without waiting: use `await t.data()`, or load the device in another mode",
      );
    }
    const { cell, at } = this.#placeOf("read", x);
    return fromFloats(this.#numbers(cell, at, sizeOf(x.shape)) as Float32Array, x.storage.dtype);
  }

  #numbers(cell: Cell, at: number, length: number): Float32Array | Promise<Float32Array> {
    this.context.memory.check();
    const array = arrayIn(cell);
    if (length === 0) return new Float32Array(0);
    this.traffic.read += length * Float32Array.BYTES_PER_ELEMENT;
    return this.context.memory.read(array, at, length);
  }

  /** Numbers of an int32 operand that the host knows, or null. */
  knownIntegers(x: Operand): Int32Array | null {
    if (x.storage.dtype !== "int32") return null;
    const length = sizeOf(x.shape);
    const piece = this.#contentsOf("read", x).holding(x.offset, length);
    if (!piece?.cell.integers) return null;
    const start = piece.from + x.offset - piece.start;
    return piece.cell.integers.subarray(start, start + length);
  }

  // Kernels ----------------------------------------------------------------------------------------------------

  #bound(operation: string, parameters: readonly (Operand | number)[]): (Place | number)[] {
    return parameters.map((p) => (typeof p === "number" ? p : this.#placeOf(operation, p)));
  }

  /** Runs a kernel and gives its result as a new storage. An operand stands for two arguments, its array and its offset. */
  launch(
    operation: string,
    program: Kernel,
    parameters: readonly (Operand | number)[],
    length: number,
    dtype: DType = "float32",
  ): GpuStorage {
    const bound = this.#bound(operation, parameters);
    return this.#wrap(dtype, length, length === 0 ? null : this.#launchCell(operation, program, bound, length));
  }

  /** One launch whose numbers are several storages' of the given lengths, one after the other. */
  launchParts(
    operation: string,
    program: Kernel,
    parameters: readonly (Operand | number)[],
    lengths: readonly number[],
  ): GpuStorage[] {
    const bound = this.#bound(operation, parameters);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const cell = total === 0 ? null : this.#launchCell(operation, program, bound, total);
    let from = 0;
    return lengths.map((length) => {
      const part = this.#wrap("float32", length, length === 0 ? null : cell, from);
      from += length;
      return part;
    });
  }

  /** A storage with the same numbers. Most often nothing is copied, since an array is never written twice. */
  duplicate(operation: string, x: Operand, dtype: DType = x.storage.dtype): GpuStorage {
    const length = sizeOf(x.shape);
    if (length === 0) return this.#wrap(dtype, 0, null);
    const { cell, at } = this.#placeOf(operation, x);
    if (length < cell.length * worthSharing && cell.integers === null) {
      return this.launch(operation, copied, [x], length, dtype);
    }
    return this.#wrap(dtype, length, cell, at);
  }

  /** Operands one after the other. */
  joined(operation: string, operands: readonly Operand[], dtype: DType): GpuStorage {
    const parts = operands.filter(({ shape }) => sizeOf(shape) > 0);
    if (parts.length < 2) return this.duplicate(operation, parts[0] ?? operands[0], dtype);
    const places = parts.map((part) => this.#placeOf(operation, part));
    const length = places.reduce((total, { size }) => total + size, 0);
    return this.#wrap(dtype, length, this.#joined(operation, places, length));
  }

  filled(length: number, value: number, dtype: DType): GpuStorage {
    if (length === 0) return this.#wrap(dtype, 0, null);
    if (value === 0) return this.#wrap(dtype, length, this.#zeroCell(length));
    return this.launch("fill", constant, [value], length, dtype);
  }

  /** x ← result, which is used up. */
  write(operation: string, x: Operand, result: GpuStorage): void {
    const contents = this.#contentsOf(operation, x);
    if (result.length > 0) {
      const { cell, at } = this.#placeOf(operation, whole(result));
      this.#put(contents, x.offset, result.length, cell, at);
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
    await this.#queue.drained;
    await this.context.close();
  }
}

/** The array in a cell at this point of the queue. */
function arrayIn(cell: Cell): DeviceArray {
  if (cell.failure !== null) throw cell.failure;
  if (cell.array === null) throw new DeviceError("gpu: an array is read before it is made or after it was freed");
  return cell.array;
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

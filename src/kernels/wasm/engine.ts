import { DeviceError } from "../../errors.js";
import { type DType, HostStorage, type NumberArray, type Operand, type Storage } from "../storage.js";
import { AxisWalk } from "./axis-walk.js";
import { relaxedSimdPatch, simd } from "./binary.js";
import { supportsRelaxedSimd, supportsSimd } from "./features.js";
import type { Kernels } from "./kernels.js";
import { LinearMemory } from "./memory.js";
import { enableRelaxedSimd } from "./relaxed-simd.node.js";
import { freedError, WasmStorage } from "./storage.js";
import { maySleep, workerStart } from "./workers.js";

/** The compiled kernels over their memory, and how operands are found in it. */
export class Engine {
  readonly memory: LinearMemory;
  readonly kernels: Kernels;
  readonly walk: AxisWalk;

  /**
   * `threads` includes the calling one; with more than one the memory is shared with workers. `fused` allows
   * the build with relaxed SIMD, which rounds once for a multiply-add where the machine can.
   */
  constructor(threads: number, fused = true) {
    if (!supportsSimd())
      throw new DeviceError("cpu: float32 needs WebAssembly SIMD, which this engine lacks; use float64");
    const plain = decode(simd);
    const binary = fused && canFuse() ? patched(plain, relaxedSimdPatch) : plain;
    const start = threads > 1 ? workerStart() : null;
    this.memory = new LinearMemory(start !== null);
    if (!this.memory.shared) unshare(binary);
    const module = new WebAssembly.Module(binary);
    const { memory } = this.memory;
    const startWorkers = (): void => {
      for (let thread = 1; thread < threads; thread++) {
        start?.({ module, memory, control, thread, scratch, bytesPerThread });
      }
    };
    const instance = new WebAssembly.Instance(module, { env: { memory, startWorkers } });
    // The exports are described by hand, beside the assembly.
    this.kernels = instance.exports as unknown as Kernels;
    this.memory.open(this.kernels.heapStart());
    const bytesPerThread = Math.ceil(this.kernels.scratchSize() / 64) * 64;
    const controlBytes = this.kernels.controlSize(threads);
    const control = this.memory.allocate(controlBytes);
    const scratch = this.memory.allocate(threads * bytesPerThread);
    this.kernels.clear(control, controlBytes);
    this.kernels.setup(control, 0, scratch, bytesPerThread, maySleep() ? 1 : 0);
    this.walk = new AxisWalk(this.memory);
  }

  /** A storage with whatever was in its memory before; `room` where a kernel keeps more behind it. */
  allocate(length: number, dtype: DType = "float32", room = length): WasmStorage {
    return new WasmStorage(this.memory, dtype, length, room);
  }

  /** Runs `fn` with working memory of so many float32 each, given by their addresses. */
  withRoom(lengths: readonly number[], fn: (addresses: readonly number[]) => void): void {
    const rooms = lengths.map((length) => this.memory.allocate(length * 4));
    try {
      fn(rooms);
    } finally {
      for (const [i, address] of rooms.entries()) this.memory.free(address, lengths[i] * 4);
    }
  }

  /** Where an operand's first element lies, in bytes. */
  address(x: Operand): number {
    const { storage } = x;
    const home = storage instanceof WasmStorage && storage.home === this.memory ? storage : this.#mirror(storage);
    if (home.freed) throw freedError(home);
    return home.address + x.offset * home.elementBytes;
  }

  /** The same, and 0 for no operand. */
  addressOrNone(x: Operand | null): number {
    return x === null ? 0 : this.address(x);
  }

  /** Copies numbers into a new storage. */
  upload(data: NumberArray, dtype: DType): WasmStorage {
    const storage = this.allocate(data.length, dtype);
    const into = storage.array();
    if (dtype === "bool" && !(data instanceof Uint8Array)) {
      for (let i = 0; i < data.length; i++) into[i] = data[i] !== 0 ? 1 : 0;
    } else into.set(data);
    if (dtype === "bool") for (let i = 0; i < into.length; i++) if (into[i] > 1) into[i] = 1;
    return storage;
  }

  /** A storage outside this memory, mostly of the CPU's other back end, copied in once for each of its versions. */
  #mirror(storage: Storage): WasmStorage {
    if (!(storage instanceof HostStorage)) {
      throw new DeviceError("cpu: an operand lies on another device; move it with `to({ device: 'cpu' })` first");
    }
    const known = storage.mirror;
    if (known instanceof WasmStorage && known.home === this.memory && storage.mirrorVersion === storage.version) {
      return known;
    }
    known?.release();
    const mirror = this.upload(storage.array(), storage.dtype === "float64" ? "float32" : storage.dtype);
    mirror.retain();
    storage.mirror = mirror;
    storage.mirrorVersion = storage.version;
    return mirror;
  }
}

function canFuse(): boolean {
  if (!supportsRelaxedSimd()) enableRelaxedSimd();
  return supportsRelaxedSimd();
}

function decode(hexadecimal: string): Uint8Array<ArrayBuffer> {
  // Faster than a loop that runs once; browsers have none.
  if (typeof Buffer !== "undefined") return Uint8Array.from(Buffer.from(hexadecimal, "hex"));
  const bytes = new Uint8Array(hexadecimal.length / 2);
  for (let i = 0; i < hexadecimal.length; i++) {
    const code = hexadecimal.charCodeAt(i);
    bytes[i >> 1] = (bytes[i >> 1] << 4) | (code < 58 ? code - 48 : code - 87);
  }
  return bytes;
}

/** Bytes made of pieces: "start+length" of others, or hexadecimal. */
function patched(from: Uint8Array, patch: string): Uint8Array<ArrayBuffer> {
  const pieces = patch.split(",").map((piece) => {
    const [start, length] = piece.split("+").map(Number);
    return length === undefined ? decode(piece) : from.subarray(start, start + length);
  });
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let end = 0;
  for (const piece of pieces) {
    bytes.set(piece, end);
    end += piece.length;
  }
  return bytes;
}

/** The import "env" "memory" of kind 2 (memory) with limits 3: shared, with a maximum. */
const SHARED_MEMORY_IMPORT = [3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2, 3];

/** Makes the module import a memory that is not shared: one bit of the import's limits. */
function unshare(binary: Uint8Array): void {
  const at = binary.findIndex((_, i) => SHARED_MEMORY_IMPORT.every((byte, j) => binary[i + j] === byte));
  binary[at + SHARED_MEMORY_IMPORT.length - 1] = 1;
}

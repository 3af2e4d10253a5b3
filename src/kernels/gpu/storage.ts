import { type DType, Storage } from "../storage.js";
import type { DeviceArray } from "./device-memory.js";

/**
 * What a storage holds at the command that is running now: a device array, which commands replace and never write, or
 * the failure of the command that should have made it. Apart from the storage, so that commands still waiting in the
 * queue do not keep an abandoned storage from being collected.
 */
export interface Slot {
  array: DeviceArray | null;
  failure: Error | null;
}

/** A handle to numbers on the device. Every dtype is stored as float32 there: int32 is exact to 2²⁴. */
export class GpuStorage extends Storage {
  readonly slot: Slot = { array: null, failure: null };
  /** The numbers of an int32 storage as the host sent them, as long as no command has changed them. */
  integers: Int32Array | null = null;
  readonly #onFree: (storage: GpuStorage) => void;

  constructor(dtype: DType, length: number, onFree: (storage: GpuStorage) => void) {
    super(dtype, length);
    this.#onFree = onFree;
  }

  override get bytes(): number {
    return this.length * Float32Array.BYTES_PER_ELEMENT;
  }

  protected override free(): void {
    this.#onFree(this);
  }
}

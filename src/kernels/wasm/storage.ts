import { DeviceError } from "../../errors.js";
import { arrayTypes, bytesPerElement, type DType, HostStorage, type NumberArray } from "../storage.js";
import type { LinearMemory } from "./memory.js";

/** Numbers in the linear memory. */
export class WasmStorage extends HostStorage {
  /** Where they begin, in bytes; 0 once freed. */
  address: number;
  readonly elementBytes: number;
  private readonly blockBytes: number;

  /** `room` is for so many elements, those behind `length` a kernel's own. */
  constructor(
    readonly home: LinearMemory,
    dtype: DType,
    length: number,
    room = length,
  ) {
    super(dtype, length);
    this.elementBytes = bytesPerElement(dtype);
    this.blockBytes = room * this.elementBytes;
    this.address = home.allocate(this.blockBytes);
    home.bytes += this.blockBytes;
    home.storages++;
  }

  override array(): NumberArray {
    if (this.freed) throw freedError(this);
    const { home, dtype, address, length } = this;
    switch (dtype) {
      case "float32":
        return home.float32.subarray(address >>> 2, (address >>> 2) + length);
      case "int32":
        return home.int32.subarray(address >>> 2, (address >>> 2) + length);
      case "bool":
        return home.uint8.subarray(address, address + length);
      default:
        return new arrayTypes[dtype](home.memory.buffer, address, length);
    }
  }

  protected override free(): void {
    this.home.free(this.address, this.blockBytes);
    this.home.bytes -= this.blockBytes;
    this.home.storages--;
    this.address = 0;
  }
}

export const freedError = (storage: WasmStorage): DeviceError =>
  new DeviceError(
    `cpu: this storage (${storage.dtype}, ${storage.length} elements) was freed; keep its tensor from being disposed while it is in use`,
  );

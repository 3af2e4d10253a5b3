/** Element types. `int32` holds indices and `bool` masks (1 or 0); the floats hold everything that has a gradient. */
export type DType = "float64" | "float32" | "int32" | "bool";

/** What a storage's numbers look like on the JavaScript side. */
export type NumberArray = Float64Array | Float32Array | Int32Array | Uint8Array;

/** The array class that holds a dtype. */
export const arrayTypes = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;

/** Bytes an element takes. */
export const bytesPerElement = (dtype: DType): number => arrayTypes[dtype].BYTES_PER_ELEMENT;

/**
 * A block of numbers owned by one back end. Tensors that are views of each other share one storage and count
 * themselves in `references`; the last one to leave frees it.
 */
export abstract class Storage {
  references = 0;
  /** Grows with every write in place, so that a gradient can tell that a saved value has changed. */
  version = 0;
  freed = false;
  /** The same numbers as another back end of this device keeps them, made at `mirrorVersion`; freed with this one. */
  mirror: Storage | null = null;
  mirrorVersion = 0;

  constructor(
    readonly dtype: DType,
    readonly length: number,
  ) {}

  get bytes(): number {
    return this.length * bytesPerElement(this.dtype);
  }

  /** Gives the memory back. Called once, by the last reference. */
  protected abstract free(): void;

  retain(): void {
    this.references++;
  }

  release(): void {
    if (--this.references <= 0 && !this.freed) {
      this.freed = true;
      this.free();
      this.mirror?.release();
    }
  }
}

/** A storage whose numbers JavaScript can look at without waiting: both CPU back ends'. */
export abstract class HostStorage extends Storage {
  /** The numbers themselves, not a copy. Valid until the next allocation: never keep it. */
  abstract array(): NumberArray;
}

/** A contiguous row-major part of a storage. A tensor is one. */
export interface Operand {
  readonly storage: Storage;
  /** Index of the first element within the storage, in elements. */
  readonly offset: number;
  readonly shape: readonly number[];
}

/** How many elements a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** The operand's own elements, not a copy. Only for CPU storages. */
export function hostView(x: Operand): NumberArray {
  return (x.storage as HostStorage).array().subarray(x.offset, x.offset + sizeOf(x.shape));
}

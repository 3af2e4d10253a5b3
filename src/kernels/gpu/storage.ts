import { type DType, Storage } from "../storage.js";
import type { DeviceArray } from "./device-memory.js";

/**
 * A device array that is written once, by one command, and freed when nobody holds it: until the command has run it is
 * empty, and where the command failed it says why.
 */
export class Cell {
  array: DeviceArray | null = null;
  failure: Error | null = null;
  holders = 0;

  /** `integers`: the numbers of an int32 array, where the host knows them because it sent them. */
  constructor(
    readonly length: number,
    readonly integers: Int32Array | null = null,
  ) {}
}

/** A stretch of a storage: `length` elements from `start` on are those of a cell from `from` on. */
export interface Piece {
  readonly start: number;
  readonly length: number;
  readonly cell: Cell;
  readonly from: number;
}

/**
 * What a storage holds, in order and without gaps. A write in place puts another piece where it writes, and no number is
 * moved until someone reads across the seams; so a gradient that is gathered into one long storage, parameter by
 * parameter, costs what the parameters cost and not what the whole does.
 *
 * Apart from the storage, so that an abandoned one can be collected and its cells still be found.
 */
export class Contents {
  pieces: Piece[] = [];

  /** The piece that holds all of a range, or null where it goes across a seam. */
  holding(start: number, length: number): Piece | null {
    return this.pieces.find((piece) => piece.start <= start && start + length <= piece.start + piece.length) ?? null;
  }

  /** The pieces of a range, cut to it. */
  cut(start: number, length: number): Piece[] {
    return this.pieces.flatMap((piece) => {
      const first = Math.max(start, piece.start);
      const end = Math.min(start + length, piece.start + piece.length);
      if (first >= end) return [];
      return [{ start: first, length: end - first, cell: piece.cell, from: piece.from + first - piece.start }];
    });
  }

  /** Puts a piece in; returns the cells that each lost a holder for it. */
  put(piece: Piece): Cell[] {
    const end = piece.start + piece.length;
    const all = Number.MAX_SAFE_INTEGER;
    const kept = [...this.cut(0, piece.start), piece, ...this.cut(end, all - end)];
    const before = this.pieces.map(({ cell }) => cell);
    this.pieces = kept;
    for (const { cell } of kept) cell.holders++;
    return before;
  }
}

/** A handle to numbers on the device. Every dtype is stored as float32 there: int32 is exact to 2²⁴. */
export class GpuStorage extends Storage {
  readonly contents = new Contents();
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

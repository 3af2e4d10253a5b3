import { DeviceError } from "../../errors.js";

const PAGE = 65536;
/** Blocks begin on and are multiples of this: a cache line, and four whole vectors. */
const UNIT = 64;
const FIRST_PAGES = 64;
/** A browser may refuse to reserve so much; then half is tried, and so on. */
const MOST_PAGES = 65536;

/** Blocks come in 8 sizes an octave, so at most 1/8 of one is unused: 1 … 16 units, then 18, 20, … 32, 36, … */
function sizeClass(units: number): number {
  if (units <= 8) return units - 1;
  const shift = 28 - Math.clz32(units);
  return shift * 8 + ((units + (1 << shift) - 1) >>> shift) - 1;
}

function classUnits(index: number): number {
  if (index < 16) return index + 1;
  return (((index - 8) & 7) + 9) << ((index - 8) >> 3);
}

/** Free room that has not been cut into blocks, in units. */
interface Span {
  start: number;
  end: number;
}

/**
 * The one linear memory that all float32 data of the CPU lives in, and its allocator: a list of free blocks for each
 * size. A freed block goes back to its list and is handed out again as it is; only when the memory would have to grow
 * are neighbouring free blocks joined. Addresses are in bytes. The views change when the memory grows: never keep one.
 */
export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  float32!: Float32Array;
  int32!: Int32Array;
  uint8!: Uint8Array;
  /** What the live storages hold; the blocks are a little larger. */
  bytes = 0;
  storages = 0;
  readonly #free: number[][] = Array.from({ length: sizeClass(MOST_PAGES * (PAGE / UNIT)) + 1 }, () => []);
  readonly #spans: Span[];
  #freeUnits = 0;
  #endUnits: number;

  constructor(readonly shared: boolean) {
    this.memory = reserve(shared);
    this.#refreshViews();
    this.#endUnits = this.uint8.length / UNIT - 1;
    this.#spans = [{ start: this.#endUnits, end: this.#endUnits }];
  }

  /** Bytes of the whole memory, used or not. */
  get size(): number {
    return this.uint8.length;
  }

  /** Opens the memory from `address` on; below it lie the kernels' constants. Called once. */
  open(address: number): void {
    this.#spans[0].start = Math.ceil(address / UNIT);
  }

  /** A block of at least this many bytes, with whatever was in it before. */
  allocate(bytes: number): number {
    const index = sizeClass(Math.max(1, Math.ceil(bytes / UNIT)));
    const list = this.#free[index];
    const units = classUnits(index);
    if (list !== undefined && list.length > 0) {
      this.#freeUnits -= units;
      return (list.pop() as number) * UNIT;
    }
    return this.#cut(units) * UNIT;
  }

  /** Gives a block back; `bytes` as it was asked for. */
  free(address: number, bytes: number): void {
    const index = sizeClass(Math.max(1, Math.ceil(bytes / UNIT)));
    this.#free[index].push(address / UNIT);
    this.#freeUnits += classUnits(index);
  }

  #cut(units: number): number {
    let span = this.#spans.find((s) => s.end - s.start >= units);
    if (!span && this.#freeUnits >= units && this.#freeUnits * 4 >= this.#endUnits) {
      this.#join();
      span = this.#spans.find((s) => s.end - s.start >= units);
    }
    span ??= this.#grow(units);
    const start = span.start;
    span.start += units;
    return start;
  }

  /** Turns all free blocks into spans, neighbours joined. */
  #join(): void {
    const pieces = this.#spans.filter((s) => s.end > s.start);
    this.#free.forEach((list, index) => {
      for (const start of list) pieces.push({ start, end: start + classUnits(index) });
      list.length = 0;
    });
    this.#freeUnits = 0;
    pieces.sort((a, b) => a.start - b.start);
    this.#spans.length = 0;
    for (const piece of pieces) {
      const last = this.#spans.at(-1);
      if (last && last.end === piece.start) last.end = piece.end;
      else this.#spans.push(piece);
    }
  }

  /** A longer memory; gives the span at its end. */
  #grow(units: number): Span {
    let last = this.#spans.at(-1);
    if (last?.end !== this.#endUnits) {
      last = { start: this.#endUnits, end: this.#endUnits };
      this.#spans.push(last);
    }
    const missing = Math.ceil(((units - (last.end - last.start)) * UNIT) / PAGE);
    // Some room ahead, so that growing stays rare; only what is needed when that is refused.
    const ahead = Math.max(missing, Math.ceil(this.size / PAGE / 4), 256);
    if (!this.#tryGrow(ahead) && !this.#tryGrow(missing)) {
      throw new DeviceError(
        `cpu: out of memory: ${units * UNIT} bytes wanted, ${this.bytes} bytes held by ${this.storages} storages in a memory of ${this.size} bytes. ` +
          "Free tensors with scope(() => …) or dispose(), or use smaller batches",
      );
    }
    last.end = this.#endUnits;
    return last;
  }

  #tryGrow(pages: number): boolean {
    try {
      this.memory.grow(pages);
    } catch {
      return false;
    }
    this.#refreshViews();
    // The last unit is never handed out: kernels may read a few elements past the end of an operand.
    this.#endUnits = this.uint8.length / UNIT - 1;
    return true;
  }

  #refreshViews(): void {
    const { buffer } = this.memory;
    this.float32 = new Float32Array(buffer);
    this.int32 = new Int32Array(buffer);
    this.uint8 = new Uint8Array(buffer);
  }
}

function reserve(shared: boolean): WebAssembly.Memory {
  for (let maximum = MOST_PAGES; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: FIRST_PAGES, maximum, shared });
    } catch (cause) {
      if (maximum > 4 * FIRST_PAGES) continue;
      throw new DeviceError("cpu: no WebAssembly memory could be reserved", { cause });
    }
  }
}

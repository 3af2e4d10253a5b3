import { DeviceError, DTypeError } from "../../errors.js";
import { arrayTypes, type DType, HostStorage, hostView, type NumberArray, type Operand } from "../storage.js";

const live = { bytes: 0, storages: 0 };

/** Takes a storage that the garbage collector found, unreleased, off the books. About 1 µs a storage. */
const collected = new FinalizationRegistry<number>((bytes) => leave(bytes));

function leave(bytes: number): void {
  live.bytes -= bytes;
  live.storages--;
}

/** A typed array of its dtype, counted in {@link liveMemory} until it is released or collected. */
export class ReferenceStorage extends HostStorage {
  #numbers: NumberArray | null;

  constructor(dtype: DType, numbers: NumberArray) {
    super(dtype, numbers.length);
    this.#numbers = numbers;
    live.bytes += this.bytes;
    live.storages++;
    collected.register(this, this.bytes, this);
  }

  override array(): NumberArray {
    if (this.#numbers === null) {
      throw new DeviceError(
        `reference: this storage (${this.dtype}, ${this.length} elements) was freed; keep its tensor from being disposed while it is in use`,
      );
    }
    return this.#numbers;
  }

  protected override free(): void {
    this.#numbers = null;
    collected.unregister(this);
    leave(this.bytes);
  }
}

/** Numbers of a kernel's own that it hands to another for the time of a call: no storage to count or to release. */
export class LentStorage extends HostStorage {
  constructor(
    dtype: DType,
    private readonly numbers: NumberArray,
  ) {
    super(dtype, numbers.length);
  }

  override array(): NumberArray {
    return this.numbers;
  }

  protected override free(): void {}
}

/** What the storages of this back end hold now. */
export const liveMemory = (): { bytes: number; storages: number } => ({ ...live });

/** A new array of zeros. float32 is not among the dtypes that this back end makes: its results are float64, int32 and bool. */
export function allocate(dtype: DType, length: number): NumberArray {
  if (dtype === "float32") {
    throw new DTypeError("reference: this back end makes float64, int32 and bool, not float32; cast the operand first");
  }
  return new arrayTypes[dtype](length);
}

/** Wraps a finished result. */
export const store = (dtype: DType, numbers: NumberArray): ReferenceStorage => new ReferenceStorage(dtype, numbers);

/** Turns every value that is not 0 into 1, as bool arithmetic wants: true + true is true. */
export function normalizeTruth(numbers: NumberArray): void {
  for (let i = 0; i < numbers.length; i++) if (numbers[i] !== 0) numbers[i] = 1;
}

/** y ← x, converted: float → int32 truncates (modulo 2³²; NaN gives 0), anything → bool is ≠ 0. */
export function convert(x: NumberArray, dtype: DType): NumberArray {
  const y = allocate(dtype, x.length);
  if (dtype === "bool") for (let i = 0; i < x.length; i++) y[i] = x[i] !== 0 ? 1 : 0;
  else y.set(x);
  return y;
}

export const zeros = (length: number, dtype: DType): ReferenceStorage => store(dtype, allocate(dtype, length));

export const upload = (data: NumberArray, dtype: DType): ReferenceStorage => store(dtype, convert(data, dtype));

export const readSync = (x: Operand): NumberArray => hostView(x).slice();

export const read = async (x: Operand): Promise<NumberArray> => readSync(x);

export const cast = (x: Operand, dtype: DType): ReferenceStorage => store(dtype, convert(hostView(x), dtype));

/** x ← value everywhere. */
export function fill(x: Operand, value: number): void {
  hostView(x).fill(x.storage.dtype === "bool" && value !== 0 ? 1 : value);
  x.storage.version++;
}

/** x ← y */
export function assign(x: Operand, y: Operand): void {
  hostView(x).set(hostView(y));
  x.storage.version++;
}

/** x ← x + y */
export function accumulate(x: Operand, y: Operand): void {
  const into = hostView(x);
  const from = hostView(y);
  for (let i = 0; i < into.length; i++) into[i] += from[i];
  if (x.storage.dtype === "bool") normalizeTruth(into);
  x.storage.version++;
}

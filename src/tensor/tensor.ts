import { DataError, DeviceError, GraphError, ShapeError } from "../errors.js";
import type { Backend } from "../kernels/backend.js";
import type { DType, NumberArray, Operand, Storage } from "../kernels/storage.js";
import { backendOf, type Device } from "./devices.js";
import { formatTensor } from "./format.js";
import { adopt, disown, keep, readopt } from "./scope.js";
import { type Shape, sameShape, showShape, sizeOf } from "./shape.js";

/** Numbers nested in arrays, one level an axis. */
export type NestedArray = number | boolean | readonly NestedArray[];

/** How a tensor came to be: by an operation, or as a `leaf`. The autograd layer says what else is in it. */
export interface GradHistory {
  readonly operation: string;
}

/**
 * An n-dimensional array of numbers on a device: contiguous and row-major, with a place in the gradient graph.
 *
 * `reshape` and slices of the leading axis are views of the same storage; every other operation makes a new one.
 */
export class Tensor implements Operand {
  readonly shape: Shape;
  readonly device: Device;
  storage: Storage;
  offset: number;
  /** True if gradients flow to this tensor: a leaf that asked for it, or a result of one. */
  requiresGrad = false;
  /** ∂loss/∂this after `backward()`: on leaves, and where `retainGrad()` was called. */
  grad: Tensor | null = null;
  /** The operation that made this tensor, while its graph is alive; null for plain data. */
  history: GradHistory | null = null;
  name: string | undefined = undefined;
  disposed = false;

  /** Wraps a storage's elements from `offset` on. Users call `tensor()` and the like. */
  constructor(storage: Storage, shape: Shape, device: Device, offset = 0) {
    this.shape = shape;
    this.device = device;
    this.storage = storage;
    this.offset = offset;
    storage.retain();
    adopt(this);
  }

  get dtype(): DType {
    return this.storage.dtype;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The back end that holds and computes this tensor. */
  get kernels(): Backend {
    return backendOf(this.device, this.storage.dtype);
  }

  /** "[2, 3] float32", with the name where there is one: how messages speak of this tensor. */
  describe(): string {
    return `${this.name ? `${this.name} ` : ""}${showShape(this.shape)} ${this.dtype}`;
  }

  /** Raises if the numbers are gone. */
  assertAlive(operation: string): void {
    if (this.disposed) {
      throw new GraphError(
        `${operation}: ${this.describe()} was disposed of: return it from the scope that made it, or keep() it`,
      );
    }
  }

  /** A view of the same numbers under another shape of the same size. Not recorded for gradients: see `reshape`. */
  view(shape: Shape, offset = this.offset): Tensor {
    this.assertAlive("view");
    return new Tensor(this.storage, shape, this.device, offset);
  }

  /** The numbers, row-major, as a typed array of its own. */
  async data(): Promise<NumberArray> {
    this.assertAlive("data");
    return this.kernels.read(this);
  }

  /** The same without waiting. On the GPU a {@link DeviceError}: use `await t.data()`. */
  dataSync(): NumberArray {
    this.assertAlive("dataSync");
    return this.kernels.readSync(this);
  }

  /** The numbers nested in arrays, one level an axis; a scalar gives a number. */
  async array(): Promise<NestedArray> {
    return nest(await this.data(), this.shape);
  }

  arraySync(): NestedArray {
    return nest(this.dataSync(), this.shape);
  }

  /** The only element, as a number. */
  async item(): Promise<number> {
    this.assertSingle();
    return (await this.data())[0] as number;
  }

  itemSync(): number {
    this.assertSingle();
    return this.dataSync()[0] as number;
  }

  private assertSingle(): void {
    if (this.size !== 1) {
      throw new ShapeError(`item: ${this.describe()} has ${this.size} elements: use data() or array()`);
    }
  }

  /** Overwrites the numbers in place with those of another tensor of the same shape and dtype. */
  assign(source: Tensor): this {
    if (!(source instanceof Tensor)) throw new DataError(`assign: the source must be a tensor, not ${typeof source}`);
    this.assertAlive("assign");
    source.assertAlive("assign");
    if (!sameShape(this.shape, source.shape)) {
      throw new ShapeError(`assign: ${this.describe()} cannot take the values of ${source.describe()}`);
    }
    if (this.dtype !== source.dtype || this.device !== source.device) {
      throw new DataError(
        `assign: ${this.describe()} on ${this.device} cannot take ${source.describe()} on ${source.device}: convert it with to()`,
      );
    }
    this.kernels.assign(this, source);
    return this;
  }

  /** Makes this tensor a view of `size` elements elsewhere: how an optimiser lays parameters side by side. */
  rebind(storage: Storage, offset: number): void {
    storage.retain();
    this.storage.release();
    this.storage = storage;
    this.offset = offset;
    readopt(this);
  }

  /** Keeps this tensor alive past the end of the scope that made it. */
  keep(): this {
    return keep(this);
  }

  /** Gives the memory back now. The tensor cannot be used any more; views of it can. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    disown(this);
    this.storage.release();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Names this tensor in graphs, errors and anomaly reports. */
  named(name: string): this {
    this.name = name;
    return this;
  }

  /** Prints like NumPy, with shape and dtype. GPU tensors show shape only: their numbers must be awaited. */
  toString(): string {
    if (this.disposed) return `tensor(disposed, ${this.describe()})`;
    let numbers: NumberArray | null = null;
    try {
      numbers = this.dataSync();
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
    }
    const facts = [this.dtype as string, ...(this.device === "cpu" ? [] : [this.device])];
    if (this.name) facts.push(`name="${this.name}"`);
    const from = this.history?.operation ?? "leaf";
    if (this.requiresGrad) facts.push(from === "leaf" ? "requiresGrad" : `from ${from}`);
    return formatTensor(numbers, this.shape, this.dtype, facts);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function nest(data: NumberArray, shape: Shape): NestedArray {
  let position = 0;
  const level = (axis: number): NestedArray => {
    if (axis === shape.length) return data[position++] as number;
    return Array.from({ length: shape[axis] as number }, () => level(axis + 1));
  };
  return level(0);
}

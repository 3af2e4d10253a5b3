import { DataError, DeviceError, DTypeError, GraphError, ShapeError } from "../errors.js";
import { unscoped } from "../tensor/scope.js";
import { sameShape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { Module } from "./module.js";

/** Each parameter starts at a multiple of so many elements: a cache line of float32. */
const alignment = 16;

interface Place {
  readonly path: string;
  readonly parameter: Tensor;
  /** The parameter's gradient as a view into the flat one. */
  readonly gradient: Tensor;
  readonly offset: number;
}

/**
 * Parameters laid side by side in one buffer and their gradients in another, so that a norm, an update and a reset are
 * one kernel each. The parameters stay the tensors they are: they become views, and so do their `.grad`s, into which the
 * backward pass adds in place.
 */
export class FlatParameters {
  readonly values: Tensor;
  readonly gradients: Tensor;
  private readonly places: readonly Place[];

  /**
   * @param source a module, or its parameters alone, which then go by their tensors' names
   * @throws DataError without parameters; DTypeError and DeviceError where they are not of one kind
   */
  constructor(source: Module | readonly Tensor[]) {
    const named =
      source instanceof Module ? source.namedParameters() : source.map((p, i) => [p.name ?? `${i}`, p] as const);
    const distinct = named.filter(([, parameter], i) => named.findIndex(([, other]) => other === parameter) === i);
    checkAlike(distinct);
    const offsets: number[] = [];
    let size = 0;
    for (const [, parameter] of distinct) {
      offsets.push(size);
      size += Math.ceil(parameter.size / alignment) * alignment;
    }
    const [, like] = distinct[0];
    [this.values, this.gradients] = [this.zeros(size, like), this.zeros(size, like)];
    this.places = distinct.map(([path, parameter], i) => this.adopt(path, parameter, offsets[i]));
  }

  private zeros(size: number, like: Tensor): Tensor {
    return unscoped(() => new Tensor(like.kernels.zeros(size, like.dtype), [size], like.device));
  }

  private adopt(path: string, parameter: Tensor, offset: number): Place {
    const { gradients, values } = this;
    const gradient = unscoped(() => gradients.view(parameter.shape, offset));
    if (parameter.grad) gradient.assign(parameter.grad);
    values.kernels.assign({ storage: values.storage, offset, shape: parameter.shape }, parameter);
    parameter.rebind(values.storage, offset);
    parameter.grad = gradient;
    return { path, parameter, gradient, offset };
  }

  /** Zeros of the same layout: an optimiser's moment. */
  moment(): Tensor {
    return this.zeros(this.values.size, this.values);
  }

  /** Brings in gradients that came to lie elsewhere, and raises where the parameters were laid out anew by another. */
  gather(): void {
    for (const { path, parameter, gradient } of this.places) {
      if (parameter.storage !== this.values.storage) {
        throw new GraphError(`optimizer: ${path} now belongs to another optimizer: make one, and use only that`);
      }
      if (parameter.grad === gradient) continue;
      if (parameter.grad) gradient.assign(parameter.grad);
      else gradient.kernels.fill(gradient, 0);
      parameter.grad = gradient;
    }
  }

  /** Sets every gradient to 0. */
  zeroGradients(): void {
    this.gradients.kernels.fill(this.gradients, 0);
    for (const { parameter, gradient } of this.places) parameter.grad = gradient;
  }

  /** Gives the gradients' memory back; the parameters keep theirs. */
  dispose(): void {
    for (const { parameter, gradient } of this.places) {
      if (parameter.grad === gradient) parameter.grad = null;
      gradient.dispose();
    }
    this.gradients.dispose();
    this.values.dispose();
  }

  /** The parts of a buffer of this layout, by parameter path: views. */
  partsOf(buffer: Tensor): [path: string, part: Tensor][] {
    return this.places.map(({ path, parameter, offset }) => [path, buffer.view(parameter.shape, offset)]);
  }
}

function checkAlike(named: readonly (readonly [string, Tensor])[]): void {
  if (named.length === 0) throw new DataError("optimizer: there are no parameters to train");
  const [, first] = named[0];
  for (const [path, parameter] of named) {
    if (!parameter.requiresGrad || !parameter.isLeaf()) {
      throw new GraphError(`optimizer: ${path} is no leaf with requiresGrad: it gets no gradient`);
    }
    if (parameter.dtype !== first.dtype) {
      throw new DTypeError(
        `optimizer: ${path} is ${parameter.dtype}, others are ${first.dtype}: use one optimizer each`,
      );
    }
    if (parameter.device !== first.device) {
      throw new DeviceError(
        `optimizer: ${path} is on ${parameter.device}, others on ${first.device}: use one optimizer each`,
      );
    }
  }
}

/**
 * Copies saved parts into live ones of the same names. All or nothing.
 * @throws DataError and ShapeError where names or shapes differ
 */
export function restoreParts(live: ReadonlyMap<string, Tensor>, saved: Readonly<Record<string, Tensor>>): void {
  const missing = [...live.keys()].filter((name) => !Object.hasOwn(saved, name));
  const unexpected = Object.keys(saved).filter((name) => !live.has(name));
  if (missing.length + unexpected.length > 0) {
    throw new DataError(
      `optimizer: the state is not this optimizer's: missing ${missing.join(", ") || "nothing"}; unexpected ${unexpected.join(", ") || "nothing"}`,
    );
  }
  for (const [name, part] of live) {
    if (!sameShape(part.shape, saved[name].shape)) {
      throw new ShapeError(`optimizer: ${name} is ${saved[name].describe()} in the state, expected ${part.describe()}`);
    }
  }
  for (const [name, part] of live) part.assign(saved[name]);
}

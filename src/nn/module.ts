import "../autograd/methods.js";
import { DataError, DTypeError, ShapeError } from "../errors.js";
import type { DType } from "../kernels/storage.js";
import { type Device, isFloat } from "../tensor/devices.js";
import type { Random } from "../tensor/random.js";
import { sameShape, showShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Where a layer's parameters live, and the generator that draws their first values. */
export interface ParameterOptions {
  dtype?: DType;
  device?: Device;
  /** The shared generator where none is given. */
  random?: Random;
}

/** Parameters by dotted path, as a checkpoint holds them. */
export type StateDict = Readonly<Record<string, Tensor>>;

const join = (prefix: string, path: string): string => (prefix && path ? `${prefix}.${path}` : prefix || path);

/**
 * A part of a network that owns parameters, its own and its children's. A subclass registers each in its constructor
 * with {@link Module.parameter} or {@link Module.child}; the names make the dotted paths of {@link Module.stateDict}.
 */
export abstract class Module {
  /** False after {@link Module.eval}: dropout lets everything pass. */
  training = true;
  private readonly ownParameters: [name: string, parameter: Tensor][] = [];
  private readonly children: [name: string, module: Module][] = [];

  /** Registers a parameter: a leaf that outlives every scope and wants a gradient. */
  protected parameter(name: string, value: Tensor): Tensor {
    if (!isFloat(value.dtype)) throw new DTypeError(`module: parameter ${name} is ${value.dtype}, but must be a float`);
    this.claim([name]);
    value.keep().named(name).requiresGrad = true;
    this.ownParameters.push([name, value]);
    return value;
  }

  /** Registers a part. With the name "" the part's parameters count as this module's own. */
  protected child<Part extends Module>(name: string, part: Part): Part {
    const parameters = part.namedParameters().map(([path, value]) => [join(name, path), value] as const);
    this.claim(parameters.map(([path]) => path));
    for (const [path, parameter] of parameters) parameter.name = path;
    this.children.push([name, part]);
    return part;
  }

  private claim(paths: readonly string[]): void {
    const taken = new Set(this.namedParameters().map(([path]) => path));
    for (const path of paths) {
      if (taken.has(path)) throw new DataError(`module: two parameters are called ${path}`);
    }
  }

  /** Every parameter with its dotted path, in the order of registration. */
  namedParameters(): [path: string, parameter: Tensor][] {
    const parameters = [...this.ownParameters];
    for (const [name, module] of this.children) {
      for (const [path, parameter] of module.namedParameters()) parameters.push([join(name, path), parameter]);
    }
    return parameters;
  }

  parameters(): Tensor[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** How many numbers the parameters hold. */
  parameterCount(): number {
    return this.parameters().reduce((count, parameter) => count + parameter.size, 0);
  }

  /** The parameters by path: the live tensors, not copies. */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries(this.namedParameters());
  }

  /**
   * Copies values into the parameters, converting between float dtypes. All or nothing.
   * @throws DataError naming every missing and unexpected path
   * @throws ShapeError naming every value whose shape does not fit
   */
  loadStateDict(state: StateDict): void {
    const own = this.namedParameters();
    const known = new Set(own.map(([path]) => path));
    const missing = own.filter(([path]) => !Object.hasOwn(state, path)).map(([path]) => path);
    const unexpected = Object.keys(state).filter((path) => !known.has(path));
    const misfits = own.flatMap(([path, parameter]) => {
      const value = Object.hasOwn(state, path) ? state[path] : undefined;
      return value && !sameShape(value.shape, parameter.shape)
        ? [`${path} is ${showShape(value.shape)}, expected ${showShape(parameter.shape)}`]
        : [];
    });
    const problems = [
      ...(missing.length > 0 ? [`missing: ${missing.join(", ")}`] : []),
      ...(unexpected.length > 0 ? [`unexpected: ${unexpected.join(", ")}`] : []),
      ...(misfits.length > 0 ? [`wrong shape: ${misfits.join(", ")}`] : []),
    ];
    if (problems.length > 0) {
      const message = `loadStateDict: the values are not this model's: ${problems.join("; ")}`;
      throw missing.length + unexpected.length > 0 ? new DataError(message) : new ShapeError(message);
    }
    for (const [path, parameter] of own) {
      const value = state[path] as Tensor;
      if (!isFloat(value.dtype) || value.device !== parameter.device) {
        throw new DataError(
          `loadStateDict: ${path} is ${value.dtype} on ${value.device}, but must be a float on ${parameter.device}`,
        );
      }
    }
    for (const [path, parameter] of own) {
      const value = state[path] as Tensor;
      const converted = value.detach().cast(parameter.dtype);
      parameter.assign(converted);
      converted.dispose();
    }
  }

  /** Training mode for this module and its parts. */
  train(training = true): this {
    this.training = training;
    for (const [, module] of this.children) module.train(training);
    return this;
  }

  /** Evaluation mode: no dropout. */
  eval(): this {
    return this.train(false);
  }

  /** Gives the parameters' memory back. */
  dispose(): void {
    for (const parameter of this.parameters()) {
      parameter.grad?.dispose();
      parameter.dispose();
    }
  }
}

/** Shapes that do not fit together. The message names the operation, every shape involved and the way out. */
export class ShapeError extends Error {
  override name = "ShapeError";
}

/** An element type that an operation cannot take, or two that differ where they must agree. */
export class DTypeError extends Error {
  override name = "DTypeError";
}

/** A device that is missing, not loaded, lost, or cannot do what was asked. */
export class DeviceError extends Error {
  override name = "DeviceError";
}

/** A gradient that cannot be computed: freed graph, missing seed, non-differentiable input, stale value. */
export class GraphError extends Error {
  override name = "GraphError";
}

/** Input data that cannot be used: a file, a vocabulary, a checkpoint, an option's value. */
export class DataError extends Error {
  override name = "DataError";
}

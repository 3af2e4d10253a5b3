import type { Tensor } from "../tensor/tensor.js";

/**
 * Sees a named intermediate on its way and returns what goes on in its place: the tensor itself, an alias whose
 * gradient is then known apart, a detached copy that cuts the path. Sites are named by the layer that calls it.
 */
export type Tap = (site: string, x: Tensor) => Tensor;

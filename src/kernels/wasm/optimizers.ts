import type { Backend } from "../backend.js";
import { sizeOf } from "../storage.js";
import type { Engine } from "./engine.js";

type Optimizers = Pick<Backend, "sgd" | "adam" | "adadelta">;

/** The optimisers' updates, in place. Constants that need no float32 rounding on the way are computed here. */
export function optimizers(engine: Engine): Optimizers {
  const { kernels } = engine;

  return {
    sgd(p, g, velocity, momentum, { learningRate, weightDecay, scale }) {
      kernels.sgd(
        engine.address(p),
        engine.address(g),
        engine.addressOrNone(velocity),
        engine.addressOrNone(scale),
        sizeOf(p.shape),
        momentum,
        learningRate,
        weightDecay,
      );
      p.storage.version++;
      if (velocity !== null) velocity.storage.version++;
    },

    adam(p, g, m, v, step, { beta1, beta2, epsilon, decoupled }, { learningRate, weightDecay, scale }) {
      kernels.adam(
        engine.address(p),
        engine.address(g),
        engine.address(m),
        engine.address(v),
        engine.addressOrNone(scale),
        sizeOf(p.shape),
        decoupled ? 0 : weightDecay,
        decoupled ? 1 - learningRate * weightDecay : 1,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        learningRate / (1 - beta1 ** step),
        1 / Math.sqrt(1 - beta2 ** step),
        epsilon,
      );
      for (const written of [p, m, v]) written.storage.version++;
    },

    adadelta(p, g, squares, deltas, { rho, epsilon }, { learningRate, weightDecay, scale }) {
      kernels.adadelta(
        engine.address(p),
        engine.address(g),
        engine.address(squares),
        engine.address(deltas),
        engine.addressOrNone(scale),
        sizeOf(p.shape),
        rho,
        1 - rho,
        epsilon,
        learningRate,
        weightDecay,
      );
      for (const written of [p, squares, deltas]) written.storage.version++;
    },
  };
}

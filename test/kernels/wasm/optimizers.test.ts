import { describe, it } from "vitest";
import { compare, floats, type Numbers, reportUlp } from "./parity.js";

reportUlp("wasm against float64, optimisers");

describe("optimisers on wasm", () => {
  const n = 19;
  const operands = [floats([n], 1), floats([n], 2), floats([n], 3, 0.1), positive(4), floats([1], 5)];
  const close = { ulp: 8, relativeToLargest: true };

  function positive(seed: number): Numbers {
    const x = floats([n], seed, 0.1);
    return { ...x, data: x.data.map(Math.abs) };
  }

  it.each([true, false])("agree with float64; gradient scaled: %s", (scaled) => {
    const options = { learningRate: 0.01, weightDecay: 0.1 };
    compare(
      "sgd",
      operands,
      (b, [p, g, , , s]) => b.sgd(p, g, null, 0, { ...options, scale: scaled ? s : null }) as undefined,
      close,
    );
    compare(
      "sgd, momentum",
      operands,
      (b, [p, g, m, , s]) => void b.sgd(p, g, m, 0.9, { ...options, scale: scaled ? s : null }),
      close,
    );
    for (const decoupled of [false, true]) {
      const hyper = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled };
      compare(
        "adam",
        operands,
        (b, [p, g, m, v, s]) => void b.adam(p, g, m, v, 3, hyper, { ...options, scale: scaled ? s : null }),
        close,
      );
    }
    const first = { ...operands[2], data: operands[2].data.map(Math.abs) };
    compare(
      "adadelta",
      [operands[0], operands[1], first, operands[3], operands[4]],
      (b, [p, g, m, v, s]) =>
        void b.adadelta(p, g, m, v, { rho: 0.95, epsilon: 1e-6 }, { ...options, scale: scaled ? s : null }),
      close,
    );
  });
});

import type { Backend } from "../backend.js";
import { sizeOf } from "../storage.js";
import { reductionNumbers } from "./elementwise.js";
import type { Engine } from "./engine.js";

type Fused = Pick<
  Backend,
  | "softmax"
  | "softmaxBackward"
  | "logSoftmax"
  | "logSoftmaxBackward"
  | "layerNorm"
  | "layerNormBackward"
  | "gruGates"
  | "gruGatesBackward"
  | "lstmGates"
  | "lstmGatesBackward"
  | "additiveScore"
  | "additiveScoreBackward"
  | "crossEntropy"
  | "crossEntropyBackward"
>;

/** Numbers whose rows add to the gradients of layer normalisation's weight and bias in one place. */
const GROUP = 65536;

/** Softmax and the named fused kernels. */
export function fused(engine: Engine): Fused {
  const { kernels } = engine;

  return {
    softmax(x, { outer, length, inner }, mask, maskRepeat) {
      const y = engine.allocate(outer * length * inner);
      if (y.length === 0) return y;
      kernels.softmax(engine.address(x), y.address, outer, length, inner, engine.addressOrNone(mask), maskRepeat);
      return y;
    },

    softmaxBackward(y, gy, { outer, length, inner }) {
      const gx = engine.allocate(outer * length * inner);
      if (gx.length === 0) return gx;
      kernels.softmaxBackward(engine.address(y), engine.address(gy), gx.address, outer, length, inner);
      return gx;
    },

    logSoftmax(x, { outer, length, inner }) {
      const y = engine.allocate(outer * length * inner);
      if (y.length === 0) return y;
      kernels.logSoftmax(engine.address(x), y.address, outer, length, inner);
      return y;
    },

    logSoftmaxBackward(y, gy, { outer, length, inner }) {
      const gx = engine.allocate(outer * length * inner);
      if (gx.length === 0) return gx;
      kernels.logSoftmaxBackward(engine.address(y), engine.address(gy), gx.address, outer, length, inner);
      return gx;
    },

    layerNorm(x, weight, bias, epsilon) {
      const size = sizeOf(x.shape);
      const n = sizeOf(weight.shape);
      const y = engine.allocate(size);
      if (size === 0) return y;
      const [w, b] = [engine.address(weight), engine.address(bias)];
      kernels.layerNorm(engine.address(x), w, b, y.address, size / n, n, epsilon);
      return y;
    },

    layerNormBackward(x, weight, epsilon, gy) {
      const size = sizeOf(x.shape);
      const n = sizeOf(weight.shape);
      const gx = engine.allocate(size);
      const gradients = [engine.allocate(n), engine.allocate(n)] as const;
      if (size === 0) {
        for (const empty of gradients) kernels.clear(empty.address, empty.bytes);
        return [gx, ...gradients];
      }
      const rows = size / n;
      const group = Math.max(8, Math.ceil(GROUP / n));
      const groups = Math.ceil(rows / group);
      const [from, w, arriving] = [x, weight, gy].map((operand) => engine.address(operand));
      engine.withRoom([groups * n, groups * n], (parts) => {
        kernels.layerNormBackward(from, w, arriving, gx.address, parts[0], parts[1], rows, n, group, epsilon);
        for (const i of [0, 1]) kernels.reduce(reductionNumbers.sum, parts[i], gradients[i].address, 1, groups, n);
      });
      return [gx, ...gradients];
    },

    gruGates(gi, gh, h, mask) {
      const [batch, hidden] = h.shape;
      const y = engine.allocate(batch * hidden);
      if (y.length === 0) return y;
      const open = engine.addressOrNone(mask);
      kernels.gruGates(engine.address(gi), engine.address(gh), engine.address(h), open, y.address, batch, hidden);
      return y;
    },

    gruGatesBackward(gi, gh, h, mask, gy) {
      const [batch, hidden] = h.shape;
      const giGradient = engine.allocate(3 * batch * hidden);
      const ghGradient = engine.allocate(3 * batch * hidden);
      const hGradient = engine.allocate(batch * hidden);
      if (hGradient.length > 0) {
        kernels.gruGatesBackward(
          engine.address(gi),
          engine.address(gh),
          engine.address(h),
          engine.addressOrNone(mask),
          engine.address(gy),
          giGradient.address,
          ghGradient.address,
          hGradient.address,
          batch,
          hidden,
        );
      }
      return [giGradient, ghGradient, hGradient];
    },

    lstmGates(gi, gh, state, mask) {
      const [, batch, hidden] = state.shape;
      const y = engine.allocate(2 * batch * hidden);
      if (y.length === 0) return y;
      const open = engine.addressOrNone(mask);
      kernels.lstmGates(engine.address(gi), engine.address(gh), engine.address(state), open, y.address, batch, hidden);
      return y;
    },

    lstmGatesBackward(gi, gh, state, mask, gy) {
      const [, batch, hidden] = state.shape;
      const gates = engine.allocate(4 * batch * hidden);
      const stateGradient = engine.allocate(2 * batch * hidden);
      if (gates.length > 0) {
        kernels.lstmGatesBackward(
          engine.address(gi),
          engine.address(gh),
          engine.address(state),
          engine.addressOrNone(mask),
          engine.address(gy),
          gates.address,
          stateGradient.address,
          batch,
          hidden,
        );
      }
      return [gates, stateGradient];
    },

    additiveScore(query, keys, v) {
      const [batch, steps, width] = query.shape;
      const places = keys.shape[1];
      const e = engine.allocate(batch * steps * places);
      if (e.length === 0) return e;
      kernels.additiveScore(
        engine.address(query),
        engine.address(keys),
        engine.address(v),
        e.address,
        batch,
        steps,
        places,
        width,
      );
      return e;
    },

    additiveScoreBackward(query, keys, v, gy) {
      const [batch, steps, width] = query.shape;
      const places = keys.shape[1];
      const queryGradient = engine.allocate(batch * steps * width);
      const keysGradient = engine.allocate(batch * places * width);
      const vGradient = engine.allocate(width);
      if (batch * steps * places * width === 0) {
        for (const empty of [queryGradient, keysGradient, vGradient]) kernels.clear(empty.address, empty.bytes);
        return [queryGradient, keysGradient, vGradient];
      }
      engine.withRoom([batch * width], ([perBatch]) => {
        kernels.additiveScoreBackward(
          engine.address(query),
          engine.address(keys),
          engine.address(v),
          engine.address(gy),
          queryGradient.address,
          keysGradient.address,
          perBatch,
          batch,
          steps,
          places,
          width,
        );
        kernels.reduce(reductionNumbers.sum, perBatch, vGradient.address, 1, batch, width);
      });
      return [queryGradient, keysGradient, vGradient];
    },

    crossEntropy(logits, targets, ignoreIndex, labelSmoothing) {
      const rows = sizeOf(targets.shape);
      const classes = logits.shape[logits.shape.length - 1];
      // Behind the losses: the rows' sums and all exponentials, for the way back.
      const loss = engine.allocate(rows, "float32", rows + rows + rows * classes);
      if (rows * classes === 0) return loss;
      const [totals, exponents] = [loss.address + rows * 4, loss.address + 2 * rows * 4];
      kernels.crossEntropy(
        engine.address(logits),
        engine.address(targets),
        loss.address,
        totals,
        exponents,
        rows,
        classes,
        ignoreIndex,
        labelSmoothing,
      );
      return loss;
    },

    crossEntropyBackward(logits, targets, ignoreIndex, labelSmoothing, gy, loss) {
      const rows = sizeOf(targets.shape);
      const classes = logits.shape[logits.shape.length - 1];
      const gx = engine.allocate(rows * classes);
      if (gx.length === 0) return gx;
      const made = engine.address(loss);
      kernels.crossEntropyBackward(
        made + 2 * rows * 4,
        made + rows * 4,
        engine.address(targets),
        engine.address(gy),
        gx.address,
        rows,
        classes,
        ignoreIndex,
        labelSmoothing,
      );
      return gx;
    },
  };
}

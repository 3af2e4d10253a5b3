import { decoderParts, decoderSizes, type GruDecoderInputs, type SequenceKernels } from "../sequences.js";
import type { Operand } from "../storage.js";
import { reductionNumbers } from "./elementwise.js";
import type { Engine } from "./engine.js";
import { packedLength } from "./products.js";

/** The first place of {@link Kernels.setInteger} that a decoder's arguments take. */
const FIRST_PLACE = 8;

/** Whole sequences of the recurrent nets. */
export function sequences(engine: Engine): SequenceKernels {
  const { kernels } = engine;

  /** What both directions of a decoder are given, in the order of the assembly. */
  function decoderArguments(inputs: GruDecoderInputs, output: number, packed: readonly number[]): number[] {
    const sizes = decoderSizes(inputs);
    const parts = decoderParts(sizes);
    const { gi, hiddenBias, keys, values, v, mask } = inputs;
    return [
      ...[gi, hiddenBias, keys, values, v].map((x) => engine.address(x)),
      engine.addressOrNone(mask),
      ...[parts.states, parts.contexts, parts.weights, parts.scores].map((part) => output + part * 4),
      ...[parts.queries, parts.gates, parts.gh].map((part) => output + part * 4),
      ...packed,
      ...[sizes.time, sizes.batch, sizes.source, sizes.hidden, sizes.context, sizes.attention],
    ];
  }

  const pass = (values: readonly number[]): void => {
    for (let i = 0; i < values.length; i++) kernels.setInteger(FIRST_PLACE + i, values[i]);
  };

  const copy = (from: Operand, to: number, length: number): void => {
    kernels.copyBytes(engine.address(from), to, length * 4);
  };

  return {
    gruSequence({ gi, w, bias, h0, mask, reversed }) {
      const [time] = gi.shape;
      const [batch, hidden] = h0.shape;
      const step = batch * hidden;
      const out = engine.allocate((time + 1) * step + time * 4 * step);
      copy(h0, out.address + (reversed ? time : 0) * step * 4, step);
      engine.withRoom([packedLength(hidden, 3 * hidden)], ([packed]) => {
        const gh = out.address + (time + 1) * step * 4;
        const kept = gh + time * 3 * step * 4;
        const [from, weight, shift] = [gi, w, bias].map((x) => engine.address(x));
        const open = engine.addressOrNone(mask);
        const flag = reversed ? 1 : 0;
        kernels.gruSequence(from, weight, shift, open, out.address, gh, kept, packed, time, batch, hidden, flag);
      });
      return out;
    },

    gruSequenceBackward({ gi, w, h0, mask, reversed }, states, gy) {
      const [time] = gi.shape;
      const [batch, hidden] = h0.shape;
      const step = batch * hidden;
      const gradients = { gi: engine.allocate(3 * time * step), gh: engine.allocate(3 * time * step) };
      const carry = engine.allocate(step);
      engine.withRoom([packedLength(3 * hidden, hidden)], ([packed]) => {
        kernels.gruSequenceBackward(
          engine.address(w),
          engine.addressOrNone(mask),
          engine.address(states),
          engine.address(states) + (time + 1) * step * 4,
          engine.address(states) + (time + 1 + 3 * time) * step * 4,
          engine.address(gy),
          packed,
          gradients.gi.address,
          gradients.gh.address,
          carry.address,
          time,
          batch,
          hidden,
          reversed ? 1 : 0,
        );
      });
      return { ...gradients, h0: carry };
    },

    gruDecoder(inputs) {
      const sizes = decoderSizes(inputs);
      const { hidden, context, attention } = sizes;
      const out = engine.allocate(decoderParts(sizes).length);
      copy(inputs.h0, out.address, sizes.batch * hidden);
      const { contextWeight, hiddenWeight, queryWeight } = inputs;
      const [wc, wh, wq] = [contextWeight, hiddenWeight, queryWeight].map((x) => engine.address(x));
      const rooms = [
        packedLength(context, 3 * hidden),
        packedLength(hidden, 3 * hidden),
        packedLength(hidden, attention),
      ];
      engine.withRoom(rooms, (packed) => {
        pass(decoderArguments(inputs, out.address, packed));
        kernels.gruDecoder(wc, wh, wq);
      });
      return out;
    },

    gruDecoderBackward(inputs, output, gy) {
      const sizes = decoderSizes(inputs);
      const { time, batch, source, hidden, context, attention } = sizes;
      const parts = decoderParts(sizes);
      const gates = engine.allocate(time * batch * 3 * hidden);
      const gh = engine.allocate(time * batch * 3 * hidden);
      const queries = engine.allocate(time * batch * attention);
      const keys = engine.allocate(batch * source * attention);
      const values = engine.allocate(batch * source * context);
      const v = engine.allocate(attention);
      const h0 = engine.allocate(batch * hidden);
      const { contextWeight, hiddenWeight, queryWeight } = inputs;
      const [wc, wh, wq] = [contextWeight, hiddenWeight, queryWeight].map((x) => engine.address(x));
      const rooms = [
        packedLength(3 * hidden, context),
        packedLength(3 * hidden, hidden),
        packedLength(attention, hidden),
        batch * attention,
        batch * context,
        batch * source,
      ];
      engine.withRoom(rooms, ([packedContext, packedHidden, packedQuery, vPerRow, contextGradient, scoreGradient]) => {
        const arriving = engine.address(gy);
        pass([
          ...decoderArguments(inputs, engine.address(output), [packedContext, packedHidden, packedQuery]),
          ...[parts.states, parts.contexts, parts.weights, parts.scores].map((part) => arriving + part * 4),
          ...[gates, gh, queries, keys, values].map((storage) => storage.address),
          ...[vPerRow, h0.address, contextGradient, scoreGradient],
        ]);
        kernels.gruDecoderBackward(wc, wh, wq);
        kernels.reduce(reductionNumbers.sum, vPerRow, v.address, 1, batch, attention);
      });
      return { gates, gh, queries, keys, values, v, h0 };
    },
  };
}

import {
  decoderParts,
  decoderSizes,
  type GruDecoderInputs,
  type SequenceKernels,
  sequenceParts,
} from "../sequences.js";
import { reductionNumbers } from "./elementwise.js";
import type { Engine } from "./engine.js";
import { packedLength } from "./products.js";

/** The first place of {@link Kernels.setInteger} that a decoder's arguments take. */
const FIRST_PLACE = 8;

/**
 * Elements between arrays that threads write at the same time, each its own rows: processors fetch ahead, and would take
 * the first rows of one array from the thread that writes them when another is at the last rows of the array before it.
 */
const GAP = 16384;

/** Whole sequences of the recurrent nets. */
export function sequences(engine: Engine): SequenceKernels {
  const { kernels } = engine;

  /** What both directions of a decoder are given, in the order of the assembly. */
  function decoderArguments(inputs: GruDecoderInputs, output: number, packed: readonly number[]): number[] {
    const sizes = decoderSizes(inputs);
    const parts = decoderParts(sizes, GAP);
    const { gi, hiddenBias, keys, values, v, h0, mask } = inputs;
    return [
      ...[gi, hiddenBias, keys, values, v, h0].map((x) => engine.address(x)),
      engine.addressOrNone(mask),
      ...[parts.states, parts.contexts, parts.weights, parts.scores].map((part) => output + part * 4),
      ...[parts.before, parts.queries, parts.gates, parts.gh, parts.energies].map((part) => output + part * 4),
      ...packed,
      ...[sizes.time, sizes.batch, sizes.source, sizes.hidden, sizes.context, sizes.attention],
    ];
  }

  const pass = (values: readonly number[]): void => {
    for (let i = 0; i < values.length; i++) kernels.setInteger(FIRST_PLACE + i, values[i]);
  };

  return {
    gap: GAP,

    gruSequence({ gi, w, bias, h0, mask, reversed }) {
      const [batch, time] = gi.shape;
      const [, hidden] = h0.shape;
      const parts = sequenceParts({ gi, h0 }, GAP);
      const out = engine.allocate(parts.length);
      const [from, weight, shift, initial] = [gi, w, bias, h0].map((x) => engine.address(x));
      const open = engine.addressOrNone(mask);
      const [states, before, gh, kept] = [parts.states, parts.before, parts.gh, parts.kept].map(
        (part) => out.address + part * 4,
      );
      const flag = reversed ? 1 : 0;
      engine.withRoom([packedLength(hidden, 3 * hidden)], ([packed]) => {
        kernels.gruSequence(
          from,
          weight,
          shift,
          initial,
          open,
          states,
          before,
          gh,
          kept,
          packed,
          time,
          batch,
          hidden,
          flag,
        );
      });
      return out;
    },

    gruSequenceBackward({ gi, w, h0, mask, reversed }, output, gy) {
      const [batch, time] = gi.shape;
      const [, hidden] = h0.shape;
      const parts = sequenceParts({ gi, h0 }, GAP);
      const gradients = { gi: engine.allocate(3 * parts.size + GAP), gh: engine.allocate(3 * parts.size + GAP) };
      const carry = engine.allocate(batch * hidden + GAP);
      engine.withRoom([packedLength(3 * hidden, hidden)], ([packed]) => {
        const made = engine.address(output);
        kernels.gruSequenceBackward(
          engine.address(w),
          engine.addressOrNone(mask),
          made + parts.before * 4,
          made + parts.gh * 4,
          made + parts.kept * 4,
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
      const out = engine.allocate(decoderParts(sizes, GAP).length);
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
      const parts = decoderParts(sizes, GAP);
      const gates = engine.allocate(time * batch * 3 * hidden + GAP);
      const gh = engine.allocate(time * batch * 3 * hidden + GAP);
      const queries = engine.allocate(time * batch * attention + GAP);
      const keys = engine.allocate(batch * source * attention + GAP);
      const values = engine.allocate(batch * source * context + GAP);
      const v = engine.allocate(attention);
      const h0 = engine.allocate(batch * hidden + GAP);
      const { contextWeight, hiddenWeight, queryWeight } = inputs;
      const [wc, wh, wq] = [contextWeight, hiddenWeight, queryWeight].map((x) => engine.address(x));
      const rooms = [
        packedLength(3 * hidden, context),
        packedLength(3 * hidden, hidden),
        packedLength(attention, hidden),
        batch * attention + GAP,
        batch * context + GAP,
        batch * source + GAP,
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

import { DeviceError, ShapeError } from "../../errors.js";
import type { Backend } from "../../kernels/backend.js";
import { type SequenceKernels, sequenceParts } from "../../kernels/sequences.js";
import { sameShape, showShape } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import { mode } from "../mode.js";
import { defineOp } from "../operation.js";
import { stack } from "./concat.js";
import { gruGates } from "./gates.js";
import { linearOp } from "./matmul.js";
import { at } from "./slice.js";

export interface Direction {
  /** From the last step to the first. */
  readonly reversed: boolean;
}

const inputsOf = ([gi, w, bias, h0, mask]: readonly Tensor[], { reversed }: Direction) => ({
  gi,
  w,
  bias,
  h0,
  mask: mask ?? null,
  reversed,
});

/**
 * All states of a GRU over a sequence (Cho 2014, in PyTorch's form), fused: each h′ = GRU(giₜ, W h + b).
 *
 *     with ḡh of all steps:  W̄ = Σₜ ḡhₜᵀ h,  b̄ = Σₜ ḡhₜ,  and from step to step  h̄ = ḡh W + ȳ z + what arrives at h
 *
 * Inputs: gi [batch, time, 3·hidden], W [3·hidden, hidden], b [3·hidden], h₀ [batch, hidden], and maybe a mask, bool
 * [batch, time]. Result [batch, time, hidden]: the states after every step.
 */
export const gruSequenceOp = defineOp<Direction>("gruSequence", {
  takes: ["float", "float", "float", "float", "bool"],
  shape: ([gi, w, bias, h0, mask]) => {
    const [batch, time] = gi.shape as [number, number];
    const [rows, hidden] = h0.shape as [number, number];
    const fits =
      gi.rank === 3 &&
      h0.rank === 2 &&
      rows === batch &&
      gi.shape[2] === 3 * hidden &&
      sameShape(w.shape, [3 * hidden, hidden]) &&
      sameShape(bias.shape, [3 * hidden]) &&
      (!mask || sameShape(mask.shape, [batch, time]));
    if (!fits || gi.size === 0) {
      throw new ShapeError(
        `gruSequence: gates ${showShape(gi.shape)}, weight ${showShape(w.shape)}, bias ${showShape(bias.shape)}, state ${showShape(h0.shape)}${mask ? `, mask ${showShape(mask.shape)}` : ""} must be [batch, time, 3·hidden], [3·hidden, hidden], [3·hidden], [batch, hidden] and [batch, time], nothing of it empty`,
      );
    }
    return [batch, time, hidden];
  },
  forward: (kernels, inputs, direction) => sequencesOf(kernels).gruSequence(inputsOf(inputs, direction)),
  composed: stepByStep,
  backwardKernel: (kernels, { inputs, output, options, needs }, gy) => {
    const [gi, , bias, h0] = inputs;
    const { gap, gruSequenceBackward } = sequencesOf(kernels);
    const gradients = gruSequenceBackward(inputsOf(inputs, options), output, gy);
    const { device } = gi;
    const [batch, time] = gi.shape as [number, number];
    const [, hidden] = h0.shape as [number, number];
    const rows = batch * time;
    const gates = new Tensor(gradients.gh, [rows, 3 * hidden], device);
    const before = output.view([rows, hidden], output.offset + sequenceParts({ gi, h0 }, gap).before);
    const shift = (): Tensor => {
      const sum = kernels.reduce("sum", gates, { outer: 1, length: rows, inner: 3 * hidden });
      return new Tensor(sum, bias.shape, device);
    };
    return [
      new Tensor(gradients.gi, gi.shape, device),
      needs(1) ? { product: { a: gates, b: before } } : null,
      needs(2) ? shift() : null,
      new Tensor(gradients.h0, h0.shape, device),
    ];
  },
});

function stepByStep([gi, w, bias, h0, mask]: readonly Tensor[], { reversed }: Direction): Tensor {
  const [, time] = gi.shape as [number, number];
  const states: Tensor[] = [];
  let h = h0;
  for (let i = 0; i < time; i++) {
    const t = reversed ? time - 1 - i : i;
    h = gruGates(at(gi, t, { axis: 1 }), linearOp([h, w, bias], {}), h, mask ? at(mask, t, { axis: 1 }) : null);
    states[t] = h;
  }
  return stack(states, { axis: 1 });
}

/** Whether a whole sequence may run in one call: where the back end can, and nobody watches every step. */
export const hasSequences = (x: Tensor): boolean => x.kernels.sequences !== null && !mode.anomaly;

/** A back end's kernels for whole sequences. */
export function sequencesOf({ sequences, name }: Backend): SequenceKernels {
  if (!sequences)
    throw new DeviceError(`the ${name} back end has no kernels for whole sequences: it goes through them step by step`);
  return sequences;
}

/**
 * The states [batch, time, hidden] of a GRU over a sequence: see {@link gruSequenceOp}. In one call
 * where {@link hasSequences}, else step by step.
 */
export const gruSequence = (
  gi: Tensor,
  w: Tensor,
  bias: Tensor,
  h0: Tensor,
  { mask = null, reversed = false }: { mask?: Tensor | null; reversed?: boolean } = {},
): Tensor => {
  const inputs = mask ? [gi, w, bias, h0, mask] : [gi, w, bias, h0];
  return hasSequences(gi) ? gruSequenceOp(inputs, { reversed }) : stepByStep(inputs, { reversed });
};

import { ShapeError } from "../../errors.js";
import { sameShape, showShape } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import { defineOp } from "../operation.js";

/** `parts` [batch, hidden] states lie in one: h alone, or an LSTM's h and c. */
function checkShapes(
  operation: string,
  [gi, gh, state, mask]: readonly Tensor[],
  { gates, parts }: { gates: number; parts: readonly number[] },
): void {
  const [batch, hidden] = state.shape.slice(parts.length) as [number, number];
  if (state.rank !== parts.length + 2 || !sameShape(state.shape.slice(0, -2), parts)) {
    throw new ShapeError(
      `${operation}: state ${showShape(state.shape)} must be [${[...parts, "batch", "hidden"].join(", ")}]`,
    );
  }
  const expected = [batch, gates * hidden];
  if (!sameShape(gi.shape, expected) || !sameShape(gh.shape, expected)) {
    throw new ShapeError(
      `${operation}: gates ${showShape(gi.shape)} and ${showShape(gh.shape)} must be [${expected}] for a state of batch ${batch} and hidden size ${hidden}`,
    );
  }
  if (mask && !sameShape(mask.shape, [batch])) {
    throw new ShapeError(
      `${operation}: mask ${showShape(mask.shape)} must be [${batch}], one place a row of the state`,
    );
  }
}

/** Where the mask (bool [batch]) is false, the old state stays. */
function keepMasked(mask: Tensor | undefined, next: Tensor, before: Tensor): Tensor {
  return mask ? mask.reshape([mask.size, 1]).where(next, before) : next;
}

/**
 * A GRU's step from its two projections (Cho 2014, in PyTorch's form and order r z n), fused.
 *
 *     r = σ(giᵣ + ghᵣ)   z = σ(gi_z + gh_z)   n = tanh(giₙ + r ⊙ ghₙ)   h′ = (1 − z) ⊙ n + z ⊙ h
 *
 * Inputs: gi, gh [batch, 3·hidden], h [batch, hidden], and maybe a mask, bool [batch].
 */
export const gruGatesOp = defineOp<Record<never, never>>("gruGates", {
  takes: ["float", "float", "float", "bool"],
  shape: (inputs) => {
    checkShapes("gruGates", inputs, { gates: 3, parts: [] });
    return inputs[2].shape;
  },
  forward: (kernels, [gi, gh, h, mask]) => kernels.gruGates(gi, gh, h, mask ?? null),
  composed: ([gi, gh, h, mask]) => {
    const [ir, iz, inn] = gi.split(3, { axis: 1 });
    const [hr, hz, hn] = gh.split(3, { axis: 1 });
    const r = ir.add(hr).sigmoid();
    const z = iz.add(hz).sigmoid();
    const n = inn.add(r.mul(hn)).tanh();
    return keepMasked(mask, n.add(z.mul(h.sub(n))), h);
  },
  backwardKernel: (kernels, { inputs }, gy) => {
    const [gi, gh, h, mask] = inputs;
    const gradients = kernels.gruGatesBackward(gi, gh, h, mask ?? null, gy);
    return [gi, gh, h].map((input, i) => new Tensor(gradients[i], input.shape, input.device));
  },
});

/** See {@link gruGatesOp}: the state after a step, given its projections of input and state. */
export const gruGates = (gi: Tensor, gh: Tensor, h: Tensor, mask: Tensor | null = null): Tensor =>
  gruGatesOp(mask ? [gi, gh, h, mask] : [gi, gh, h], {});

/**
 * An LSTM's step from its two projections (Hochreiter & Schmidhuber 1997 with forget gate, PyTorch's order i f g o), fused.
 *
 *     c′ = σ(f) ⊙ c + σ(i) ⊙ tanh(g)   h′ = σ(o) ⊙ tanh(c′)   where [i f g o] = gi + gh
 *
 * Inputs: gi, gh [batch, 4·hidden], state [2, batch, hidden] of h and c, and maybe a mask, bool [batch].
 */
export const lstmGatesOp = defineOp<Record<never, never>>("lstmGates", {
  takes: ["float", "float", "float", "bool"],
  shape: (inputs) => {
    checkShapes("lstmGates", inputs, { gates: 4, parts: [2] });
    return inputs[2].shape;
  },
  forward: (kernels, [gi, gh, state, mask]) => kernels.lstmGates(gi, gh, state, mask ?? null),
  composed: ([gi, gh, state, mask]) => {
    const [i, f, g, o] = gi.add(gh).split(4, { axis: 1 });
    const [h, c] = [state.at(0), state.at(1)];
    const next = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
    const output = o.sigmoid().mul(next.tanh());
    const kept = [keepMasked(mask, output, h), keepMasked(mask, next, c)];
    return kept[0].reshape([1, ...h.shape]).concat([kept[1].reshape([1, ...h.shape])]);
  },
  backwardKernel: (kernels, { inputs }, gy) => {
    const [gi, gh, state, mask] = inputs;
    const [gates, previous] = kernels.lstmGatesBackward(gi, gh, state, mask ?? null, gy);
    const gradient = new Tensor(gates, gi.shape, gi.device);
    return [gradient, gradient.view(gh.shape), new Tensor(previous, state.shape, state.device)];
  },
});

/** See {@link lstmGatesOp}: the packed state [2, batch, hidden] after a step. */
export const lstmGates = (gi: Tensor, gh: Tensor, state: Tensor, mask: Tensor | null = null): Tensor =>
  lstmGatesOp(mask ? [gi, gh, state, mask] : [gi, gh, state], {});

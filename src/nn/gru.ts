import { gruGates } from "../autograd/operations/gates.js";
import { gruSequence, hasSequences } from "../autograd/operations/gru-sequence.js";
import { linear } from "../autograd/operations/matmul.js";
import type { Tensor } from "../tensor/tensor.js";
import { RecurrentCell, type RecurrentCellOptions, type SequenceStates } from "./recurrent-cell.js";
import { RecurrentLayer, type RecurrentLayerOptions } from "./recurrent-layer.js";

/**
 * The gated recurrent unit (Cho 2014) in PyTorch's form, gates in the order r z n. State: h [batch, hidden].
 *
 *     r = σ(Wᵢᵣ x + bᵢᵣ + Wₕᵣ h + bₕᵣ)   z likewise   n = tanh(Wᵢₙ x + bᵢₙ + r ⊙ (Wₕₙ h + bₕₙ))
 *     h′ = (1 − z) ⊙ n + z ⊙ h
 */
export class GRUCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentCellOptions) {
    super(3, inputSize, hiddenSize, options);
  }

  override projectionBias(): Tensor {
    return this.biasIh;
  }

  override sequence(
    projected: Tensor,
    state: Tensor,
    options: { mask?: Tensor | null; reversed?: boolean } = {},
  ): SequenceStates | null {
    if (!hasSequences(projected)) return null;
    const states = gruSequence(projected, this.weightHh, this.biasHh, state, options);
    return { hidden: states, last: () => states.at(options.reversed ? 0 : -1, { axis: 1 }) };
  }

  override advance(projected: Tensor, state: Tensor, mask: Tensor | null = null): Tensor {
    return gruGates(projected, linear(state, this.weightHh, this.biasHh), state, mask);
  }
}

/** Layers of {@link GRUCell}s over sequences. */
export class GRU extends RecurrentLayer {
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentLayerOptions) {
    super(GRUCell, inputSize, hiddenSize, options);
  }
}

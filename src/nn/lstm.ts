import { stack } from "../autograd/operations/concat.js";
import { lstmGates } from "../autograd/operations/gates.js";
import { linear } from "../autograd/operations/matmul.js";
import { zeros } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { RecurrentCell, type RecurrentCellOptions } from "./recurrent-cell.js";
import { RecurrentLayer, type RecurrentLayerOptions } from "./recurrent-layer.js";

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gate), gates in PyTorch's order i f g o.
 * State: h and c packed, [2, batch, hidden].
 *
 *     [i f g o] = Wᵢ x + bᵢ + Wₕ h + bₕ   c′ = σ(f) ⊙ c + σ(i) ⊙ tanh(g)   h′ = σ(o) ⊙ tanh(c′)
 */
export class LSTMCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentCellOptions) {
    super(4, inputSize, hiddenSize, options);
  }

  override projectionBias(): Tensor {
    return this.biasIh.add(this.biasHh);
  }

  override advance(projected: Tensor, state: Tensor, mask: Tensor | null = null): Tensor {
    return lstmGates(projected, linear(state.at(0), this.weightHh), state, mask);
  }

  override stateShape<Batch>(batch: Batch): readonly (number | Batch)[] {
    return [2, batch, this.hiddenSize];
  }

  override hidden(state: Tensor): Tensor {
    return state.at(0);
  }

  override withHidden(hidden: Tensor): Tensor {
    return stack([hidden, zeros(hidden.shape, { dtype: hidden.dtype, device: hidden.device })]);
  }
}

/** Layers of {@link LSTMCell}s over sequences. */
export class LSTM extends RecurrentLayer {
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentLayerOptions) {
    super(LSTMCell, inputSize, hiddenSize, options);
  }
}

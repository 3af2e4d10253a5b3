import { linear } from "../autograd/operations/matmul.js";
import type { Tensor } from "../tensor/tensor.js";
import { RecurrentCell, type RecurrentCellOptions } from "./recurrent-cell.js";
import { RecurrentLayer, type RecurrentLayerOptions } from "./recurrent-layer.js";

/** Elman's cell: h′ = tanh(Wᵢ x + bᵢ + Wₕ h + bₕ). State: h [batch, hidden]. */
export class RNNCell extends RecurrentCell {
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentCellOptions) {
    super(1, inputSize, hiddenSize, options);
  }

  override projectionBias(): Tensor {
    return this.biasIh.add(this.biasHh);
  }

  override advance(projected: Tensor, state: Tensor, mask: Tensor | null = null): Tensor {
    const next = linear(state, this.weightHh, projected).tanh();
    return mask ? mask.reshape([mask.size, 1]).where(next, state) : next;
  }
}

/** Layers of {@link RNNCell}s over sequences. */
export class RNN extends RecurrentLayer {
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentLayerOptions) {
    super(RNNCell, inputSize, hiddenSize, options);
  }
}

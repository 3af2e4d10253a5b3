import { linear } from "../autograd/operations/matmul.js";
import { ShapeError } from "../errors.js";
import { zeros } from "../tensor/create.js";
import { sameShape, showShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { uniform } from "./initializers.js";
import { Module, type ParameterOptions } from "./module.js";

export interface RecurrentCellOptions extends ParameterOptions {
  /** What follows each parameter's name, as `_l0_reverse` in a layer. */
  suffix?: string;
}

/** Makes a cell; what a layer builds itself from. */
export type RecurrentCellClass = new (
  inputSize: number,
  hiddenSize: number,
  options?: RecurrentCellOptions,
) => RecurrentCell;

/** What a cell made of a sequence. */
export interface SequenceStates {
  /** Hidden states in the order of time: [batch, time, hidden]. */
  readonly hidden: Tensor;
  /** The state after the last step, made when it is asked for. */
  last(): Tensor;
}

/**
 * One step of a recurrent net, pure: `step(x, state) → state`. What depends on the input alone is apart, so that a
 * whole sequence needs one product: `step(x, s)` is `advance(project(x), s)`.
 *
 * Parameters, in PyTorch's layout, gates stacked: `weight_ih` [gates·hidden, in], `weight_hh` [gates·hidden, hidden],
 * `bias_ih` and `bias_hh` [gates·hidden], uniform in ±1/√hidden at first.
 */
export abstract class RecurrentCell extends Module {
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor;
  readonly biasHh: Tensor;

  constructor(
    gates: number,
    readonly inputSize: number,
    readonly hiddenSize: number,
    { suffix = "", ...options }: RecurrentCellOptions = {},
  ) {
    super();
    const draw = uniform(1 / Math.sqrt(hiddenSize));
    const rows = gates * hiddenSize;
    this.weightIh = this.parameter(`weight_ih${suffix}`, draw([rows, inputSize], options));
    this.weightHh = this.parameter(`weight_hh${suffix}`, draw([rows, hiddenSize], options));
    this.biasIh = this.parameter(`bias_ih${suffix}`, draw([rows], options));
    this.biasHh = this.parameter(`bias_hh${suffix}`, draw([rows], options));
  }

  /** The bias [gates·hidden] that {@link project} adds: for a caller that forms the product of parts of the input itself. */
  abstract projectionBias(): Tensor;

  /** x [..., in] → the input's share of the gates [..., gates·hidden], for any number of steps at once. */
  project(x: Tensor): Tensor {
    return linear(x, this.weightIh, this.projectionBias());
  }

  /**
   * The next state.
   * @param projected [batch, gates·hidden] from {@link project}
   * @param mask bool [batch]: where false the old state stays
   */
  abstract advance(projected: Tensor, state: Tensor, mask?: Tensor | null): Tensor;

  /**
   * All states of a sequence, in one call; null where the cell or the back end has no kernel for that: then `advance`
   * step by step.
   * @param projected [batch, time, gates·hidden] from {@link project}
   * @param mask bool [batch, time]: where false the old state stays
   * @param reversed from the last step to the first
   */
  sequence(
    _projected: Tensor,
    _state: Tensor,
    _options: { mask?: Tensor | null; reversed?: boolean } = {},
  ): SequenceStates | null {
    return null;
  }

  /**
   * x [batch, in] and a state → the next state.
   * @throws ShapeError where x or the state is another size
   */
  step(x: Tensor, state: Tensor, mask: Tensor | null = null): Tensor {
    const [batch] = x.shape as [number];
    if (!sameShape(x.shape, [batch, this.inputSize]) || !sameShape(state.shape, this.stateShape(batch))) {
      const expected = `[batch, ${this.inputSize}] and ${showShape(this.stateShape("batch"))}`;
      throw new ShapeError(
        `recurrent cell: input ${showShape(x.shape)} and state ${showShape(state.shape)} must be ${expected}`,
      );
    }
    return this.advance(this.project(x), state, mask);
  }

  /** What a state of so many rows looks like. */
  stateShape<Batch>(batch: Batch): readonly (number | Batch)[] {
    return [batch, this.hiddenSize];
  }

  /** The hidden state h [batch, hidden] within a state. */
  hidden(state: Tensor): Tensor {
    return state;
  }

  /** A state with the given hidden state, and zeros in what else there is. */
  withHidden(hidden: Tensor): Tensor {
    return hidden;
  }

  /** The state before the first step: zeros. */
  initialState(batch: number): Tensor {
    const { dtype, device } = this.weightHh;
    return zeros(this.stateShape(batch), { dtype, device });
  }
}

import { within } from "../autograd/mode.js";
import { concat, stack } from "../autograd/operations/concat.js";
import { DataError, ShapeError } from "../errors.js";
import { tensor } from "../tensor/create.js";
import { sameShape, showShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { Dropout } from "./dropout.js";
import { Module, type ParameterOptions } from "./module.js";
import type { RecurrentCell, RecurrentCellClass, SequenceStates } from "./recurrent-cell.js";
import type { Tap } from "./tap.js";

export interface RecurrentLayerOptions extends ParameterOptions {
  /** How many layers, one on top of the other. Default 1. */
  layers?: number;
  /** A second set of cells reads each sequence from its end. Default false. */
  bidirectional?: boolean;
  /** Whether x and the output are [batch, time, features] (default) or [time, batch, features]. */
  batchFirst?: boolean;
  /** Dropout between layers, while training. Default 0. */
  dropout?: number;
}

export interface RecurrentRunOptions {
  /** The states before the first step, [layers·directions, …state]; zeros where none are given. */
  state?: Tensor;
  /** True where there is a real step: bool, the layout of x without its features. Padding comes last in a row. */
  mask?: Tensor | null;
  /** Real steps in each row, instead of a mask. */
  lengths?: readonly number[];
  /**
   * Sites, `j` a time step: `forward.state[j]` and `backward.state[j]`, the state as it is made, before every use;
   * `forward.recurrence[j]` and `backward.recurrence[j]`, the same as it enters the next step of its direction.
   * Layers above the first are `layer1.forward…`.
   */
  tap?: Tap;
}

export interface RecurrentOutput {
  /** The top layer's hidden states, forward beside backward: [batch, time, directions·hidden], 0 at padding. */
  readonly output: Tensor;
  /**
   * Every cell's last state, at each row's own end: [layers·directions, batch, hidden] in PyTorch's order, layer by
   * layer, forward first; an LSTM's [layers·directions, 2, batch, hidden].
   */
  readonly state: Tensor;
}

/** What {@link RecurrentLayer.run} gives. */
export interface RecurrentRun {
  readonly output: Tensor;
  /** The last state of one cell, counted layer by layer, forward first: [batch, hidden]; an LSTM's [2, batch, hidden]. */
  last(cell: number): Tensor;
}

/** A mask [rows, time] from the number of real steps in each row. */
function maskOf(lengths: readonly number[], time: number, like: Tensor): Tensor {
  const values = new Uint8Array(lengths.length * time);
  lengths.forEach((length, row) => {
    if (!Number.isInteger(length) || length < 0 || length > time) {
      throw new DataError(`recurrent layer: length ${length} of row ${row} is not in [0, ${time}]`);
    }
    values.fill(1, row * time, row * time + length);
  });
  return tensor(values, { shape: [lengths.length, time], dtype: "bool", device: like.device });
}

/**
 * Recurrent cells run over sequences: stacked, in one or both directions, rows of different lengths. Parameters carry
 * PyTorch's names, `weight_ih_l0` … `bias_hh_l1_reverse`.
 *
 * Padding keeps a row's state as it is: forward, the last
 * state is the one at the row's end; backward, the padding comes first and carries the initial state to it.
 */
export class RecurrentLayer extends Module {
  /** One or two cells a layer: forward, and backward. */
  private readonly cells: readonly (readonly RecurrentCell[])[];
  private readonly batchFirst: boolean;
  private readonly dropout: Dropout;

  constructor(
    Cell: RecurrentCellClass,
    inputSize: number,
    readonly hiddenSize: number,
    options: RecurrentLayerOptions = {},
  ) {
    super();
    if (options.layers !== undefined && !(Number.isInteger(options.layers) && options.layers > 0)) {
      throw new DataError(`recurrent layer: layers must be a whole number above 0, got ${options.layers}`);
    }
    const { layers = 1, bidirectional = false, batchFirst = true, dropout = 0, ...cellOptions } = options;
    const directions = bidirectional ? ["", "_reverse"] : [""];
    this.batchFirst = batchFirst;
    this.dropout = this.child("", new Dropout(dropout, cellOptions));
    this.cells = Array.from({ length: layers }, (_, layer) =>
      directions.map((direction) => {
        const size = layer === 0 ? inputSize : directions.length * hiddenSize;
        return this.child("", new Cell(size, hiddenSize, { ...cellOptions, suffix: `_l${layer}${direction}` }));
      }),
    );
  }

  forward(x: Tensor, options: RecurrentRunOptions = {}): RecurrentOutput {
    const { output, last } = this.run(x, options);
    return { output, state: stack(this.cells.flat().map((_, i) => last(i))) };
  }

  /** The same for a caller who wants but some of the last states: each is made when it is asked for. */
  run(x: Tensor, options: RecurrentRunOptions = {}): RecurrentRun {
    const mask = this.rowsMask(x, options);
    if (options.state) this.checkState(options.state, x.shape[this.batchFirst ? 0 : 1] as number);
    const all: SequenceStates[] = [];
    let input = this.batchFirst ? x : x.permute([1, 0, 2]);
    let passes: SequenceStates[] = [];
    for (const [layer, cells] of this.cells.entries()) {
      if (layer > 0) input = this.dropout.forward(sideBySide(passes));
      passes = cells.map((cell, direction) => {
        const site = `${layer > 0 ? `layer${layer}.` : ""}${direction === 0 ? "forward" : "backward"}`;
        const batch = input.shape[0] as number;
        const initial = options.state ? options.state.at(all.length) : cell.initialState(batch);
        const pass = run(cell, cell.project(input), initial, mask, {
          reversed: direction === 1,
          site,
          tap: options.tap,
        });
        all.push(pass);
        return pass;
      });
    }
    const hidden = sideBySide(passes);
    const rows = mask ? mask.reshape([...mask.shape, 1]).where(hidden, 0) : hidden;
    return { output: this.batchFirst ? rows : rows.permute([1, 0, 2]), last: (cell) => all[cell].last() };
  }

  private checkState(state: Tensor, batch: number): void {
    const all = this.cells.flat();
    const expected = [all.length, ...(all[0] as RecurrentCell).stateShape(batch)];
    if (!sameShape(state.shape, expected)) {
      throw new ShapeError(
        `recurrent layer: state ${showShape(state.shape)} must be ${showShape(expected)}: one for every layer and direction`,
      );
    }
  }

  /** The mask, or lengths as one: [batch, time]. */
  private rowsMask(x: Tensor, { mask, lengths }: RecurrentRunOptions): Tensor | null {
    if (x.rank !== 3 || x.shape[0] === 0 || x.shape[1] === 0) {
      const layout = this.batchFirst ? "[batch, time, features]" : "[time, batch, features]";
      throw new ShapeError(`recurrent layer: input ${showShape(x.shape)} must be ${layout}, nothing of it empty`);
    }
    if (lengths) {
      const [rows, time] = this.batchFirst ? x.shape : [x.shape[1], x.shape[0]];
      if (lengths.length !== rows) {
        throw new ShapeError(`recurrent layer: ${lengths.length} lengths for ${rows} rows of ${showShape(x.shape)}`);
      }
      return maskOf(lengths, time, x);
    }
    if (!mask) return null;
    if (!sameShape(mask.shape, x.shape.slice(0, 2))) {
      throw new ShapeError(`recurrent layer: mask ${showShape(mask.shape)} does not fit input ${showShape(x.shape)}`);
    }
    return this.batchFirst ? mask : mask.permute([1, 0]);
  }
}

/** A cell over a sequence: in one call where that can be, else by the one loop over time of every recurrent net. */
function run(
  cell: RecurrentCell,
  projected: Tensor,
  initial: Tensor,
  mask: Tensor | null,
  { reversed, site, tap }: { reversed: boolean; site: string; tap: Tap | undefined },
): SequenceStates {
  const atOnce = tap ? null : within(site, () => cell.sequence(projected, initial, { mask, reversed }));
  if (atOnce) return atOnce;
  // With time leading, a step is a view.
  const steps = projected.permute([1, 0, 2]);
  const open = mask?.permute([1, 0]);
  const time = steps.shape[0] as number;
  const hidden = new Array<Tensor>(time);
  let state = initial;
  for (let i = 0; i < time; i++) {
    const t = reversed ? time - 1 - i : i;
    within(`${site} step ${t}`, () => {
      if (tap && i > 0) state = tap(`${site}.recurrence[${reversed ? t + 1 : t - 1}]`, state);
      state = cell.advance(steps.at(t), state, open?.at(t));
      if (tap) state = tap(`${site}.state[${t}]`, state);
      hidden[t] = cell.hidden(state);
    });
  }
  return { hidden: stack(hidden, { axis: 1 }), last: () => state };
}

/** [batch, time, directions·hidden] */
function sideBySide(passes: readonly SequenceStates[]): Tensor {
  const sequences = passes.map(({ hidden }) => hidden);
  return sequences.length === 1 ? sequences[0] : concat(sequences, { axis: 2 });
}

import type { LinearMemory } from "./memory.js";

const MOST_OPERANDS = 3;
/** A row of the table is [size, stride of each operand]. */
const TABLE_ROW = 1 + MOST_OPERANDS;
const MOST_AXES = 32;

/**
 * How up to three operands are walked together: as `planes` of `rows` of `length` elements. Neighbouring axes that
 * every operand crosses evenly are merged first, so operands of one shape are a single row. The axes of the planes go
 * into a table in the linear memory. One object serves every call: what it says holds until the next call.
 */
export class AxisWalk {
  length = 1;
  rows = 1;
  planes = 1;
  /** Axes in the table. */
  axisCount = 0;
  /** Per operand: elements from one place in a row to the next, and from one row to the next. */
  readonly steps = [0, 0, 0];
  readonly rowSteps = [0, 0, 0];
  readonly #sizes = new Int32Array(MOST_AXES);
  readonly #strides = new Int32Array(MOST_AXES * MOST_OPERANDS);
  /** Per operand: the stride on the axis at hand, and the elements inside it. */
  readonly #next = new Int32Array(MOST_OPERANDS);
  readonly #own = new Int32Array(MOST_OPERANDS);
  /** Where the table of the planes' axes lies, innermost first. */
  readonly address: number;

  constructor(readonly memory: LinearMemory) {
    this.address = memory.allocate(MOST_AXES * TABLE_ROW * 4);
  }

  /** NumPy's broadcasting of contiguous operands to `shape`. */
  broadcast(shape: readonly number[], operands: readonly (readonly number[])[]): void {
    this.axisCount = 0;
    this.#own.fill(1);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      for (let p = 0; p < operands.length; p++) {
        const operand = operands[p];
        const from = operand.length - shape.length + axis;
        const size = from < 0 ? 1 : operand[from];
        this.#next[p] = size === 1 ? 0 : this.#own[p];
        this.#own[p] *= size;
      }
      this.#add(shape[axis], operands.length);
    }
    this.#finish(operands.length);
  }

  /** Operands that step through `shape` with strides of their own. */
  strided(shape: readonly number[], operands: readonly (readonly number[])[]): void {
    this.axisCount = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      for (let p = 0; p < operands.length; p++) this.#next[p] = operands[p][axis];
      this.#add(shape[axis], operands.length);
    }
    this.#finish(operands.length);
  }

  /** One more axis, from the innermost out, with the strides in #next; it joins the one before if it goes on where that ends. */
  #add(size: number, operands: number): void {
    if (size === 1) return;
    const inside = this.axisCount - 1;
    let joins = inside >= 0;
    for (let p = 0; p < operands && joins; p++) {
      joins = this.#next[p] === this.#strides[inside * MOST_OPERANDS + p] * this.#sizes[inside];
    }
    if (joins) {
      this.#sizes[inside] *= size;
      return;
    }
    this.#sizes[this.axisCount] = size;
    for (let p = 0; p < operands; p++) this.#strides[this.axisCount * MOST_OPERANDS + p] = this.#next[p];
    this.axisCount++;
  }

  #finish(operands: number): void {
    const found = this.axisCount;
    this.length = found > 0 ? this.#sizes[0] : 1;
    this.rows = found > 1 ? this.#sizes[1] : 1;
    this.planes = 1;
    for (let p = 0; p < operands; p++) {
      this.steps[p] = found > 0 ? this.#strides[p] : 0;
      this.rowSteps[p] = found > 1 ? this.#strides[MOST_OPERANDS + p] : 0;
    }
    this.axisCount = Math.max(0, found - 2);
    const table = this.memory.int32;
    let at = this.address >>> 2;
    for (let axis = 2; axis < found; axis++, at += TABLE_ROW) {
      this.planes *= this.#sizes[axis];
      table[at] = this.#sizes[axis];
      for (let p = 0; p < operands; p++) table[at + 1 + p] = this.#strides[axis * MOST_OPERANDS + p];
    }
  }
}

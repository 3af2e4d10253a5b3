import type { LinearMemory } from "./memory.js";

const MOST_OPERANDS = 3;
/** A row of the table is [size, stride of each operand]. */
const TABLE_ROW = 1 + MOST_OPERANDS;
const MOST_AXES = 32;

/**
 * How up to three operands are walked together: as `planes` of `rows` of `length` elements. Neighbouring axes that
 * every operand crosses evenly are merged first, so operands of one shape are a single row. The axes of the planes go
 * into a table in the linear memory. One object serves every call: what it says holds until the next `merge`.
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
  /** Where the table of the planes' axes lies, innermost first. */
  readonly address: number;

  constructor(readonly memory: LinearMemory) {
    this.address = memory.allocate(MOST_AXES * TABLE_ROW * 4);
  }

  /** NumPy's broadcasting of contiguous operands to `shape`. */
  broadcast(shape: readonly number[], operands: readonly (readonly number[])[]): void {
    const own = operands.map(() => 1);
    this.#begin();
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const strides = operands.map((operand, p) => {
        const size = operand[operand.length - shape.length + axis] ?? 1;
        const stride = size === 1 ? 0 : own[p];
        own[p] *= size;
        return stride;
      });
      this.#add(shape[axis], strides);
    }
    this.#finish();
  }

  /** Operands that step through `shape` with strides of their own. */
  strided(shape: readonly number[], operands: readonly (readonly number[])[]): void {
    this.#begin();
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      this.#add(
        shape[axis],
        operands.map((strides) => strides[axis]),
      );
    }
    this.#finish();
  }

  #begin(): void {
    this.axisCount = 0;
    this.#strides.fill(0);
  }

  /** One more axis, from the innermost out; it joins the one before if it goes on where that ends. */
  #add(size: number, strides: readonly number[]): void {
    if (size === 1) return;
    const inside = this.axisCount - 1;
    const at = inside * MOST_OPERANDS;
    if (inside >= 0 && strides.every((s, p) => s === this.#strides[at + p] * this.#sizes[inside])) {
      this.#sizes[inside] *= size;
      return;
    }
    this.#sizes[this.axisCount] = size;
    strides.forEach((s, p) => {
      this.#strides[this.axisCount * MOST_OPERANDS + p] = s;
    });
    this.axisCount++;
  }

  #finish(): void {
    const found = this.axisCount;
    this.length = found > 0 ? this.#sizes[0] : 1;
    this.rows = found > 1 ? this.#sizes[1] : 1;
    this.planes = 1;
    for (let p = 0; p < MOST_OPERANDS; p++) {
      this.steps[p] = found > 0 ? this.#strides[p] : 0;
      this.rowSteps[p] = found > 1 ? this.#strides[MOST_OPERANDS + p] : 0;
    }
    this.axisCount = Math.max(0, found - 2);
    const table = this.memory.int32;
    let at = this.address >>> 2;
    for (let axis = 2; axis < found; axis++, at += TABLE_ROW) {
      this.planes *= this.#sizes[axis];
      table[at] = this.#sizes[axis];
      for (let p = 0; p < MOST_OPERANDS; p++) table[at + 1 + p] = this.#strides[axis * MOST_OPERANDS + p];
    }
  }
}

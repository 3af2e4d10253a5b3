/** Layer normalisation of rows, from the kernels for sums and single elements. */
import { type Operand, sizeOf } from "../storage.js";
import { map, mapConstant, zip } from "./elementwise.js";
import { reduce } from "./reduce.js";
import type { Runtime } from "./runtime.js";
import type { GpuStorage } from "./storage.js";

/** What is computed on the way: rows × columns, freed at the end. */
class Steps {
  readonly #made: GpuStorage[] = [];
  readonly rows: number;

  constructor(
    readonly gpu: Runtime,
    x: Operand,
    readonly columns: number,
  ) {
    this.rows = columns === 0 ? 0 : sizeOf(x.shape) / columns;
  }

  #keep(storage: GpuStorage, columns: number): Operand {
    this.#made.push(storage);
    return { storage, offset: 0, shape: [this.rows, columns] };
  }

  whole = (x: Operand): Operand => ({ ...x, shape: [this.rows, this.columns] });
  zip = (f: "sub" | "mul" | "div", x: Operand, y: Operand): Operand =>
    this.#keep(zip(this.gpu, f, x, y, [this.rows, this.columns]), this.columns);

  /** The mean of each row. */
  mean(x: Operand): Operand {
    const layout = { outer: this.rows, length: this.columns, inner: 1 };
    const sum = this.#keep(reduce(this.gpu, "sum", x, layout), 1);
    return this.#keep(mapConstant(this.gpu, "div", sum, this.columns), 1);
  }

  /** x̂ and √(variance + ε) of each row. */
  normalize(x: Operand, epsilon: number): { normal: Operand; deviation: Operand } {
    const centred = this.zip("sub", this.whole(x), this.mean(this.whole(x)));
    const variance = this.mean(this.zip("mul", centred, centred));
    const deviation = this.#keep(
      map(this.gpu, "sqrt", this.#keep(mapConstant(this.gpu, "add", variance, epsilon), 1)),
      1,
    );
    return { normal: this.zip("div", centred, deviation), deviation };
  }

  /** The sum of each column, which stays. */
  columnSums = (x: Operand): GpuStorage =>
    reduce(this.gpu, "sum", x, { outer: 1, length: this.rows, inner: this.columns });

  free(): void {
    for (const storage of this.#made) storage.release();
  }
}

export function layerNorm(gpu: Runtime, x: Operand, weight: Operand, bias: Operand, epsilon: number): GpuStorage {
  const steps = new Steps(gpu, x, sizeOf(weight.shape));
  const { normal } = steps.normalize(x, epsilon);
  const y = zip(gpu, "add", steps.zip("mul", normal, weight), bias, [steps.rows, steps.columns]);
  steps.free();
  return y;
}

export function layerNormBackward(
  gpu: Runtime,
  x: Operand,
  weight: Operand,
  epsilon: number,
  gy: Operand,
): [x: GpuStorage, weight: GpuStorage, bias: GpuStorage] {
  const steps = new Steps(gpu, x, sizeOf(weight.shape));
  const { normal, deviation } = steps.normalize(x, epsilon);
  const outputGradient = steps.whole(gy);
  const g = steps.zip("mul", outputGradient, weight);
  const along = steps.zip("mul", normal, steps.mean(steps.zip("mul", g, normal)));
  const across = steps.zip("sub", steps.zip("sub", g, steps.mean(g)), along);
  const gx = zip(gpu, "div", across, deviation, [steps.rows, steps.columns]);
  const gw = steps.columnSums(steps.zip("mul", outputGradient, normal));
  const gb = steps.columnSums(outputGradient);
  steps.free();
  return [gx, gw, gb];
}

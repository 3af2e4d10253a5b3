import type { BinaryName, UnaryName } from "./scalar.js";
import type { SequenceKernels } from "./sequences.js";
import type { DType, NumberArray, Operand, Storage } from "./storage.js";

/** An array seen along one axis: x[outer, length, inner], row-major. */
export interface AxisLayout {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** Which values a reduction computes. `argmax` and `argmin` give int32, the first index on a tie; NaN counts as largest and smallest. */
export type Reduction = "sum" | "max" | "min" | "sumOfSquares" | "argmax" | "argmin";

/** into += aᵀ · b: see {@link Backend.addProducts}. */
export interface WeightProduct {
  readonly a: Operand;
  readonly b: Operand;
  readonly into: Operand;
}

/** The layout of one product of two matrices. */
export const oneProduct = (
  m: number,
  k: number,
  n: number,
  { transposeA = false, transposeB = false }: Partial<Pick<MatmulLayout, "transposeA" | "transposeB">> = {},
): MatmulLayout => ({ batch: 1, m, k, n, transposeA, transposeB, batchStrideA: 0, batchStrideB: 0 });

/** A weight's product as a product of its own. */
export const layoutOf = ({ a, b }: WeightProduct): MatmulLayout =>
  oneProduct(a.shape[1], a.shape[0], b.shape[1], { transposeA: true });

/**
 * c[batch, m, n] = op(a)[batch, m, k] · op(b)[batch, k, n], where op transposes its operand's last two axes if its flag is set.
 * A batch stride is the number of elements from one matrix to the next; 0 repeats the same matrix (broadcasting).
 * `batchOffsets` lists explicit starts (in elements, per output matrix) where one stride cannot say it.
 */
export interface MatmulLayout {
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly batchStrideA: number;
  readonly batchStrideB: number;
  readonly batchOffsets?: { readonly a: Int32Array; readonly b: Int32Array };
}

/** out[i₀, …] = x[start + Σ iₐ strideₐ]; a stride may be 0 (broadcast) or negative (reversed). */
export interface StridedLayout {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Relative to the operand's own offset. */
  readonly start: number;
}

/** Optimiser hyper-parameters for one update; `scale` multiplies the gradient first (clipping) and lives on the device: one element. */
export interface UpdateOptions {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly scale: Operand | null;
}

/**
 * Numbers in, numbers out. Sizes are already checked: no kernel raises a shape error.
 *
 * Every method that returns a storage allocates it (row-major, references 0); every method that returns nothing writes
 * in place and raises the written storage's `version`. No method waits: on a GPU the value may still be on its way,
 * and the order of effects is the order of calls. `x̄` below is the gradient of the loss with respect to x.
 */
export interface Backend {
  readonly name: "reference" | "wasm" | "gpu";
  /** The float type that this back end computes in. */
  readonly float: "float64" | "float32";

  // Doors ------------------------------------------------------------------------------------------------------
  /** A storage filled with zeros. */
  zeros(length: number, dtype: DType): Storage;
  /** Copies numbers in. */
  upload(data: NumberArray, dtype: DType): Storage;
  /** Copies numbers out, and raises here what a kernel before it could not do. */
  read(x: Operand): Promise<NumberArray>;
  /** The same without waiting; a {@link DeviceError} where the device cannot. */
  readSync(x: Operand): NumberArray;
  /** What the storages of this back end hold now, in bytes and in number; on the GPU also the mode that really runs. */
  memory(): { bytes: number; storages: number; mode?: string };
  /** Overwrites x with copies of one value. */
  fill(x: Operand, value: number): void;
  /** x ← y, sizes and dtypes equal. */
  assign(x: Operand, y: Operand): void;
  /** x ← x + y, sizes and dtypes equal. */
  accumulate(x: Operand, y: Operand): void;

  // Map and zip ------------------------------------------------------------------------------------------------
  /** y = f(x), element by element. */
  map(f: UnaryName, x: Operand): Storage;
  /** x̄ = ȳ ⊙ f′(x), where f′ may be computed from x or from y = f(x). */
  mapBackward(f: UnaryName, x: Operand, y: Operand, gy: Operand): Storage;
  /** z = f(x, y) with NumPy broadcasting to `shape`. Comparisons give bool. */
  zip(f: BinaryName, x: Operand, y: Operand, shape: readonly number[]): Storage;
  /** z = condition ? x : y with broadcasting to `shape`; condition is bool. */
  where(condition: Operand, x: Operand, y: Operand, shape: readonly number[]): Storage;
  /** y = f(x, c) with one constant: what `x.mul(2)` and the like run. */
  mapConstant(f: BinaryName, x: Operand, c: number): Storage;
  /** Another dtype of this device (float → int32 truncates, anything → bool is ≠ 0). */
  cast(x: Operand, dtype: DType): Storage;

  // Reduce -----------------------------------------------------------------------------------------------------
  /** Reduces the middle axis of x[outer, length, inner]; the result is [outer, inner]. A sum over nothing is 0. */
  reduce(f: Reduction, x: Operand, layout: AxisLayout): Storage;

  // Products ---------------------------------------------------------------------------------------------------
  /** The product as a new storage [batch, m, n]. */
  matmul(a: Operand, b: Operand, layout: MatmulLayout): Storage;
  /** The product added to `into` [batch, m, n]. */
  matmulInto(a: Operand, b: Operand, layout: MatmulLayout, into: Operand): void;
  /** Each `into` [m, n] += aᵀ · b, for a [rows, m] and b [rows, n]: the gradients of weights. No two share an element. */
  addProducts(products: readonly WeightProduct[]): void;
  /** y[rows, n] = x[rows, k] · w[n, k]ᵀ + bias, where bias is [n], [rows, n] or null. */
  linear(x: Operand, w: Operand, bias: Operand | null, rows: number, k: number, n: number): Storage;

  // Copy -------------------------------------------------------------------------------------------------------
  /** Strided in, contiguous out: permute, transpose, slice with steps, broadcastTo. */
  copy(x: Operand, layout: StridedLayout): Storage;
  /** Joins parts[i][outer, lengths[i], inner] along the middle axis. */
  concat(parts: readonly Operand[], layout: { outer: number; lengths: readonly number[]; inner: number }): Storage;
  /** y of `shape`, `value` everywhere but for x, which starts at index `before` and lies `steps` apart along each axis. The adjoint of a sliced copy. */
  pad(
    x: Operand,
    shape: readonly number[],
    before: readonly number[],
    steps: readonly number[],
    value: number,
  ): Storage;
  /** into[before + i ⊙ steps] += x[i], float: what {@link pad} with 0 adds, without a pass over the rest. */
  padInto(x: Operand, before: readonly number[], steps: readonly number[], into: Operand): void;

  // Gather and scatter -----------------------------------------------------------------------------------------
  /** y[o, i, k] = x[o, indices[i], k] for x[outer, length, inner]: embedding look-up, `take`. Indices are in range. */
  gather(x: Operand, indices: Operand, layout: AxisLayout): Storage;
  /** y[o, indices[i], k] += x[o, i, k] from zeros, y [outer, length, inner], in the order of i. The adjoint of gather. */
  scatterAdd(x: Operand, indices: Operand, layout: AxisLayout): Storage;
  /** The same, added to `into` [outer, length, inner]. */
  scatterAddInto(x: Operand, indices: Operand, layout: AxisLayout, into: Operand): void;

  // Softmax ----------------------------------------------------------------------------------------------------
  /**
   * y = softmax(x) along the middle axis, the maximum subtracted.
   * With a mask (inner = 1; bool [outer / maskRepeat, length]; row o uses mask row ⌊o / maskRepeat⌋) masked places get 0,
   * and a row with no place left gets zeros. Without one, a row of −Infinity gives NaN, as in NumPy.
   */
  softmax(x: Operand, layout: AxisLayout, mask: Operand | null, maskRepeat: number): Storage;
  /** x̄ = y ⊙ (ȳ − Σ ȳ ⊙ y). Masked places come out 0, because y is 0 there. */
  softmaxBackward(y: Operand, gy: Operand, layout: AxisLayout): Storage;
  /** y = x − max − ln Σ exp(x − max). */
  logSoftmax(x: Operand, layout: AxisLayout): Storage;
  /** x̄ = ȳ − exp(y) Σ ȳ. */
  logSoftmaxBackward(y: Operand, gy: Operand, layout: AxisLayout): Storage;

  // Layer normalisation ----------------------------------------------------------------------------------------
  /** Each row of x [..., n] normalised (Ba, Kiros & Hinton 2016): (x − mean) / √(variance + epsilon) ⊙ weight [n] + bias [n]. */
  layerNorm(x: Operand, weight: Operand, bias: Operand, epsilon: number): Storage;
  /** Gradients for x, weight, bias; mean and variance are recomputed. */
  layerNormBackward(
    x: Operand,
    weight: Operand,
    epsilon: number,
    gy: Operand,
  ): [x: Storage, weight: Storage, bias: Storage];

  // Fused kernels: each has a composed twin in src/autograd/operations, tested equal ---------------------------
  /**
   * GRU gates in PyTorch's order r z n. gi = x·Wᵢᵀ + bᵢ and gh = h·Wₕᵀ + bₕ are [batch, 3·hidden], h is [batch, hidden]:
   * r = σ(giᵣ + ghᵣ), z = σ(gi_z + gh_z), n = tanh(giₙ + r ⊙ ghₙ), h′ = (1 − z) ⊙ n + z ⊙ h.
   * mask (bool [batch] or null): where false, h′ = h. Result [batch, hidden].
   */
  gruGates(gi: Operand, gh: Operand, h: Operand, mask: Operand | null): Storage;
  /** Gradients for gi, gh, h, given that of h′; the gates are recomputed. */
  gruGatesBackward(
    gi: Operand,
    gh: Operand,
    h: Operand,
    mask: Operand | null,
    gy: Operand,
  ): [gi: Storage, gh: Storage, h: Storage];
  /**
   * LSTM gates in PyTorch's order i f g o. gi, gh [batch, 4·hidden]; state [2, batch, hidden] holds h and c:
   * c′ = σ(f) ⊙ c + σ(i) ⊙ tanh(g), h′ = σ(o) ⊙ tanh(c′), each gate from gi + gh.
   * mask as in {@link gruGates}. Result [2, batch, hidden]: h′ and c′.
   */
  lstmGates(gi: Operand, gh: Operand, state: Operand, mask: Operand | null): Storage;
  /** Gradients for (gi + gh) [batch, 4·hidden] — the same for gi and for gh — and for state [2, batch, hidden]. */
  lstmGatesBackward(
    gi: Operand,
    gh: Operand,
    state: Operand,
    mask: Operand | null,
    gy: Operand,
  ): [gates: Storage, state: Storage];
  /** Bahdanau 2015, A.1.2: e[b, t, j] = v · tanh(query[b, t] + keys[b, j]); query [B, T, A], keys [B, S, A], v [A]; result [B, T, S]. */
  additiveScore(query: Operand, keys: Operand, v: Operand): Storage;
  /** Gradients for query, keys, v; the tanh is recomputed. */
  additiveScoreBackward(
    query: Operand,
    keys: Operand,
    v: Operand,
    gy: Operand,
  ): [query: Storage, keys: Storage, v: Storage];
  /**
   * Loss of each row of logits [rows, classes] against targets int32 [rows]:
   * ℓ = −(1 − ε) log p[target] − ε / classes · Σ log p; 0 where target = ignoreIndex. Result [rows].
   */
  crossEntropy(logits: Operand, targets: Operand, ignoreIndex: number, labelSmoothing: number): Storage;
  /** Gradient for the logits, given gy [rows] of the losses; `loss` is what the way forward gave. */
  crossEntropyBackward(
    logits: Operand,
    targets: Operand,
    ignoreIndex: number,
    labelSmoothing: number,
    gy: Operand,
    loss: Operand,
  ): Storage;

  /** A recurrent net's whole sequence in one call; null on a back end that goes through it step by step. */
  readonly sequences: SequenceKernels | null;

  // Optimisers, in place on p and their own state; g is only read ---------------------------------------------
  /** PyTorch's SGD: g ← scale·g + weightDecay·p; velocity ← momentum·velocity + g; p ← p − learningRate·velocity (or g without velocity). */
  sgd(p: Operand, g: Operand, velocity: Operand | null, momentum: number, options: UpdateOptions): void;
  /** Adam (Kingma & Ba 2015) with bias correction at 1-based `step`; AdamW when `decoupled`: p ← p (1 − learningRate·weightDecay) first. */
  adam(
    p: Operand,
    g: Operand,
    m: Operand,
    v: Operand,
    step: number,
    hyper: { beta1: number; beta2: number; epsilon: number; decoupled: boolean },
    options: UpdateOptions,
  ): void;
  /** Adadelta (Zeiler 2012): E[g²] = squares, E[Δx²] = deltas. */
  adadelta(
    p: Operand,
    g: Operand,
    squares: Operand,
    deltas: Operand,
    hyper: { rho: number; epsilon: number },
    options: UpdateOptions,
  ): void;
}

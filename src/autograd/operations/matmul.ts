import { ShapeError } from "../../errors.js";
import { type MatmulLayout, oneProduct } from "../../kernels/backend.js";
import { broadcastShapes, broadcastStrides, type Shape, sameShape, showShape, sizeOf } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import { type Contribution, defineOp, plus } from "../operation.js";

export interface Flags {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const plain: Flags = { transposeA: false, transposeB: false };

const batchOf = (x: Tensor): Shape => x.shape.slice(0, -2);

/** Rows, columns and inner size of a product of two tensors of rank ≥ 2; raises where they do not fit. */
function productSizes(a: Tensor, b: Tensor, { transposeA, transposeB }: Flags): { m: number; k: number; n: number } {
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const [inner, n] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB];
  if (k !== inner) {
    const hint =
      k === (transposeB ? rowsB : columnsB)
        ? " Did you mean y.transpose()?"
        : m === inner
          ? " Did you mean x.transpose()?"
          : "";
    throw new ShapeError(
      `matmul: inner sizes differ: ${showShape(a.shape)}${transposeA ? "ᵀ" : ""} · ${showShape(b.shape)}${transposeB ? "ᵀ" : ""} (${k} ≠ ${inner}).${hint}`,
    );
  }
  return { m, k, n };
}

/** Where each output matrix finds its operands, under broadcasting of the leading axes. */
function batchLayout(
  a: Tensor,
  b: Tensor,
  batch: Shape,
): Pick<MatmulLayout, "batch" | "batchStrideA" | "batchStrideB" | "batchOffsets"> {
  const count = sizeOf(batch);
  const matrixA = a.shape[a.rank - 1] * a.shape[a.rank - 2];
  const matrixB = b.shape[b.rank - 1] * b.shape[b.rank - 2];
  const stride = (x: Tensor, matrix: number): number | null => {
    if (sameShape(batchOf(x), batch)) return matrix;
    return sizeOf(batchOf(x)) === 1 ? 0 : null;
  };
  const [strideA, strideB] = [stride(a, matrixA), stride(b, matrixB)];
  if (strideA !== null && strideB !== null) return { batch: count, batchStrideA: strideA, batchStrideB: strideB };
  const offsets = { a: batchStarts(a, batch, matrixA), b: batchStarts(b, batch, matrixB) };
  return { batch: count, batchStrideA: 0, batchStrideB: 0, batchOffsets: offsets };
}

function batchStarts(x: Tensor, batch: Shape, matrix: number): Int32Array {
  const strides = broadcastStrides(batchOf(x), batch);
  const starts = new Int32Array(sizeOf(batch));
  for (let i = 0; i < starts.length; i++) {
    let rest = i;
    for (let axis = batch.length - 1; axis >= 0; axis--) {
      const n = batch[axis] as number;
      starts[i] += (rest % n) * (strides[axis] as number) * matrix;
      rest = Math.floor(rest / n);
    }
  }
  return starts;
}

function layoutOf(a: Tensor, b: Tensor, flags: Flags): MatmulLayout {
  const { m, k, n } = productSizes(a, b, flags);
  if (a.rank === 2 && b.rank === 2) return oneProduct(m, k, n, flags);
  return { m, k, n, ...flags, ...batchLayout(a, b, broadcastShapes("matmul", batchOf(a), batchOf(b))) };
}

const product = (a: Tensor, b: Tensor, flags: Partial<Flags>): Tensor => matmulOp([a, b], { ...plain, ...flags });

/**
 * C = A·B on the last two axes, leading axes broadcast; a flag transposes an operand in place.
 *
 *     Ā = C̄·Bᵀ, B̄ = Aᵀ·C̄        with A transposed: Ā = B·C̄ᵀ        with B transposed: B̄ = C̄ᵀ·A
 */
export const matmulOp = defineOp<Flags>("matmul", {
  takes: ["float"],
  shape: ([a, b], flags) => {
    const { m, n } = productSizes(a, b, flags);
    return [...broadcastShapes("matmul", batchOf(a), batchOf(b)), m, n];
  },
  forward: (kernels, [a, b], flags) => kernels.matmul(a, b, layoutOf(a, b, flags)),
  backward: (call, gc) => {
    const [a, b] = call.inputs;
    const { transposeA, transposeB } = call.options;
    const ga = (): Tensor =>
      transposeA
        ? product(b, gc, { transposeA: transposeB, transposeB: true })
        : product(gc, b, { transposeB: !transposeB });
    const gb = (): Tensor =>
      transposeB
        ? product(gc, a, { transposeA: true, transposeB: transposeA })
        : product(a, gc, { transposeA: !transposeA });
    return [call.needs(0) ? ga() : null, call.needs(1) ? gb() : null];
  },
  tangent: ({ inputs: [a, b], options }, [ta, tb]) =>
    plus(ta && product(ta, b, options), tb && product(a, tb, options)),
  backwardKernel: (kernels, call, gc) => {
    const [a, b] = call.inputs;
    const { transposeA, transposeB } = call.options;
    const intoInput = (input: Tensor, x: Tensor, y: Tensor, flags: Flags): Contribution => {
      const layout = layoutOf(x, y, flags);
      // Broadcast operands get one matrix per repetition, for the engine to sum.
      const batch = broadcastShapes("matmul", batchOf(x), batchOf(y));
      const alone = (): Tensor =>
        new Tensor(kernels.matmul(x, y, layout), [...batch, layout.m, layout.n], input.device);
      if (!sameShape(batch, batchOf(input))) return alone();
      return { into: (gradient) => kernels.matmulInto(x, y, layout, gradient), alone };
    };
    const ga = (): Contribution =>
      transposeA
        ? intoInput(a, b, gc, { transposeA: transposeB, transposeB: true })
        : intoInput(a, gc, b, { transposeA: false, transposeB: !transposeB });
    const gb = (): Contribution => {
      const rows = a.rank === 2 && b.rank === 2 && !transposeA;
      if (rows) return { product: transposeB ? { a: gc, b: a } : { a, b: gc } };
      return transposeB
        ? intoInput(b, gc, a, { transposeA: true, transposeB: transposeA })
        : intoInput(b, a, gc, { transposeA: !transposeA, transposeB: false });
    };
    return [call.needs(0) ? ga() : null, call.needs(1) ? gb() : null];
  },
});

/** All axes but the last as one: [..., n] as [rows, n]. */
const rowsOf = (x: Tensor): Tensor => x.reshape([sizeOf(x.shape.slice(0, -1)), x.shape[x.rank - 1] as number]);

/**
 * The matrix product. Tensors of rank > 2 are stacks of matrices, broadcast over the leading axes; a vector on the
 * left is a row, on the right a column, and its axis is left out of the result.
 * @param options transpose an operand's last two axes without copying
 */
export function matmul(a: Tensor, b: Tensor, options: Partial<Flags> = {}): Tensor {
  if (a.rank === 0 || b.rank === 0) {
    throw new ShapeError(`matmul: ${showShape(a.shape)} · ${showShape(b.shape)}: a scalar has no axes: use mul()`);
  }
  if (a.rank === 1) {
    const row = matmul(a.reshape([1, a.size]), b, { transposeB: options.transposeB ?? false });
    return row.reshape(row.shape.filter((_, axis) => axis !== row.rank - (b.rank === 1 ? 1 : 2)));
  }
  if (b.rank === 1) {
    const column = matmul(a, b.reshape([b.size, 1]), { transposeA: options.transposeA ?? false });
    return column.reshape(column.shape.slice(0, -1));
  }
  // Many matrices times one: a single tall product, whose weight gradient is one product too.
  if (a.rank > 2 && b.rank === 2 && !options.transposeA) {
    const tall = product(rowsOf(a), b, options);
    return tall.reshape([...a.shape.slice(0, -1), tall.shape[1] as number]);
  }
  return product(a, b, options);
}

/**
 * y = x·Wᵀ + b for x [..., in], W [out, in], b [out] or of y's shape.   x̄ = ȳ·W, W̄ = ȳᵀ·x, b̄ = ȳ summed over rows
 */
export const linearOp = defineOp<Record<never, never>>("linear", {
  takes: ["float"],
  shape: ([x, w, bias]) => {
    if (x.rank === 0) throw new ShapeError("linear: a scalar has no features");
    const [n, inner] = w.shape as [number, number];
    const k = x.shape[x.rank - 1];
    if (k !== inner || w.rank !== 2) {
      throw new ShapeError(
        `linear: input ${showShape(x.shape)} does not fit weight ${showShape(w.shape)} [out, in] (${k} ≠ ${inner})`,
      );
    }
    const shape = [...x.shape.slice(0, -1), n];
    if (bias && !sameShape(bias.shape, [n]) && !sameShape(bias.shape, shape)) {
      throw new ShapeError(`linear: bias ${showShape(bias.shape)} must be [${n}] or ${showShape(shape)}`);
    }
    return shape;
  },
  forward: (kernels, [x, w, bias]) => {
    const [n, k] = w.shape as [number, number];
    return kernels.linear(x, w, bias ?? null, sizeOf(x.shape.slice(0, -1)), k, n);
  },
  backward: (call, gy) => {
    const [x, w, bias] = call.inputs;
    return [
      call.needs(0) ? matmul(gy, w) : null,
      call.needs(1) ? product(rowsOf(gy), rowsOf(x), { transposeA: true }) : null,
      bias ? gy : null,
    ];
  },
  tangent: ({ inputs: [x, w] }, [tx, tw, tb]) => {
    const moved =
      tx || tw ? plus(tx && matmul(tx, w, { transposeB: true }), tw && matmul(x, tw, { transposeB: true })) : null;
    return plus(moved, tb);
  },
  backwardKernel: (kernels, call, gy) => {
    const [x, w, bias] = call.inputs;
    const [k, n] = w.shape as [number, number];
    const rows = sizeOf(gy.shape.slice(0, -1));
    const layout = oneProduct(rows, k, n);
    return [
      call.needs(0)
        ? {
            into: (gradient) => kernels.matmulInto(gy, w, layout, gradient),
            alone: () => new Tensor(kernels.matmul(gy, w, layout), x.shape, x.device),
          }
        : null,
      call.needs(1) ? { product: { a: gy, b: x } } : null,
      bias ? gy : null,
    ];
  },
});

/**
 * x·Wᵀ + b on the last axis: x [..., in], W [out, in], b [out] or of the result's shape; result [..., out].
 */
export const linear = (x: Tensor, w: Tensor, bias: Tensor | null = null): Tensor =>
  linearOp(bias ? [x, w, bias] : [x, w], {});

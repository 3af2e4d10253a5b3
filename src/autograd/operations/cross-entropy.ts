import { DataError, DTypeError, ShapeError } from "../../errors.js";
import type { DType } from "../../kernels/storage.js";
import { arange } from "../../tensor/create.js";
import { sameShape, showShape } from "../../tensor/shape.js";
import { Tensor } from "../../tensor/tensor.js";
import { defineOp } from "../operation.js";
import { logSoftmax } from "./softmax.js";

export interface RowOptions {
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;
}

/**
 * ℓ = −(1 − ε) ln p[target] − ε/C Σ ln p for each row, 0 where the target is ignored.
 *
 *     x̄ = ℓ̄ (softmax(x) − (1 − ε) onehot(target) − ε/C), and 0 where ignored
 */
export const crossEntropyRowsOp = defineOp<RowOptions>("crossEntropy", {
  takes: ["float", "int32"],
  shape: ([logits, targets], { ignoreIndex }) => {
    checkTargets(logits, targets, ignoreIndex);
    return targets.shape;
  },
  forward: (kernels, [logits, targets], { ignoreIndex, labelSmoothing }) =>
    kernels.crossEntropy(logits, targets, ignoreIndex, labelSmoothing),
  composed: ([logits, targets], { ignoreIndex, labelSmoothing }) => {
    const [rows, classes] = logits.shape as [number, number];
    const logProbabilities = logSoftmax(logits);
    const column = targets.reshape([rows, 1]);
    const places = arange(0, classes, 1, { dtype: "int32", device: logits.device });
    const chosen = column.equal(places).where(logProbabilities, 0).sum({ axis: 1 });
    const smooth = logProbabilities.sum({ axis: 1 }).mul(labelSmoothing / classes);
    const loss = chosen
      .mul(1 - labelSmoothing)
      .add(smooth)
      .neg();
    return targets.notEqual(ignoreIndex).where(loss, 0);
  },
  backwardKernel: (kernels, { inputs: [logits, targets], output, options }, gy) => [
    new Tensor(
      kernels.crossEntropyBackward(logits, targets, options.ignoreIndex, options.labelSmoothing, gy, output),
      logits.shape,
      logits.device,
    ),
    null,
  ],
});

function checkTargets(logits: Tensor, targets: Tensor, ignoreIndex: number): void {
  const classes = logits.shape[1] as number;
  if (targets.device !== "cpu") return;
  const ids = targets.dataSync();
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    if (id !== ignoreIndex && (id < 0 || id >= classes)) {
      throw new ShapeError(`crossEntropy: target ${id} at position ${i} is no class in [0, ${classes})`);
    }
  }
}

/** How many targets are not ignored: counted here where they lie at hand, else on their device. */
function counted(targets: Tensor, dtype: DType, ignoreIndex: number): Tensor | number {
  if (targets.device !== "cpu") return targets.notEqual(ignoreIndex).cast(dtype).sum();
  const ids = targets.dataSync();
  let count = 0;
  for (let i = 0; i < ids.length; i++) if (ids[i] !== ignoreIndex) count++;
  return count;
}

export interface CrossEntropyOptions {
  /** Targets of this value count for nothing: no loss, no gradient, not in the mean. Default −100, as in PyTorch. */
  ignoreIndex?: number;
  /** Share ε of the target's probability that is spread evenly over all classes (Szegedy 2016). Default 0. */
  labelSmoothing?: number;
  /** `mean` over the targets that count, `sum`, or `none` for one loss a target. Default `mean`. */
  reduction?: "mean" | "sum" | "none";
}

const reductions: readonly string[] = ["mean", "sum", "none"];

/**
 * Cross-entropy of logits [..., classes] with int32 targets [...], in nats, through log-softmax.
 * With every target ignored the mean is NaN, as in PyTorch.
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { ignoreIndex = -100, labelSmoothing = 0, reduction = "mean" } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new DataError(`crossEntropy: labelSmoothing must lie in [0, 1], got ${labelSmoothing}`);
  }
  if (!reductions.includes(reduction)) {
    throw new DataError(`crossEntropy: reduction must be ${reductions.join(", ")}, got ${reduction}`);
  }
  if (logits.rank === 0) throw new ShapeError("crossEntropy: logits [] have no classes: they are [..., classes]");
  if (!sameShape(logits.shape.slice(0, -1), targets.shape)) {
    throw new ShapeError(
      `crossEntropy: logits ${showShape(logits.shape)} need targets ${showShape(logits.shape.slice(0, -1))}, got ${showShape(targets.shape)}`,
    );
  }
  if (targets.dtype !== "int32") throw new DTypeError(`crossEntropy: targets are ${targets.dtype}, but must be int32`);
  const flatTargets = targets.reshape([targets.size]);
  const rows = crossEntropyRowsOp(
    [logits.reshape([targets.size, logits.shape[logits.rank - 1] as number]), flatTargets],
    {
      ignoreIndex,
      labelSmoothing,
    },
  );
  if (reduction === "none") return rows.reshape(targets.shape);
  if (reduction === "sum") return rows.sum();
  return rows.sum().div(counted(flatTargets, logits.dtype, ignoreIndex));
}

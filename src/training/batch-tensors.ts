import "../autograd/methods.js";
import type { Batch } from "../data/batches.js";
import { PAD } from "../data/vocabulary.js";
import type { Translator } from "../models/translator.js";
import { tensor } from "../tensor/create.js";
import type { Device } from "../tensor/devices.js";
import type { Tensor } from "../tensor/tensor.js";

/** A batch on a device, as the translators take it. */
export interface BatchTensors {
  /** int32 `[batch, sourceLength]`. */
  readonly source: Tensor;
  /** bool `[batch, sourceLength]`, true at real tokens. */
  readonly mask: Tensor;
  /** int32 `[batch, targetLength]`, from `<bos>` on. */
  readonly target: Tensor;
  /** int32 `[batch, targetLength]`, up to `<eos>`; {@link PAD} where there is nothing to say. */
  readonly labels: Tensor;
}

export function batchTensors(batch: Batch, device: Device): BatchTensors {
  const { batchSize, sourceLength, targetLength } = batch;
  return {
    source: tensor(batch.source, { shape: [batchSize, sourceLength], device }),
    mask: tensor(
      Uint8Array.from(batch.source, (id) => Number(id !== PAD)),
      { shape: [batchSize, sourceLength], device },
    ),
    target: tensor(batch.target, { shape: [batchSize, targetLength], device }),
    labels: tensor(batch.labels, { shape: [batchSize, targetLength], device }),
  };
}

/** Where a model's parameters live. */
export const deviceOf = (model: Translator): Device => model.parameters()[0].device;

/**
 * Mean cross-entropy over all real target tokens, in nats, with teacher forcing: a scalar to differentiate.
 * @param labelSmoothing ε: the share of the target's probability that is spread over the vocabulary
 */
export function teacherForcedLoss(model: Translator, tensors: BatchTensors, labelSmoothing = 0): Tensor {
  const { logits } = model.forward(tensors.source, tensors.mask, tensors.target);
  return logits.crossEntropy(tensors.labels, { ignoreIndex: PAD, labelSmoothing });
}

import "../autograd/methods.js";
import { grad } from "../autograd/backward.js";
import { alias } from "../autograd/operations/reshape.js";
import { type EncodedPair, makeBatch } from "../data/batches.js";
import { GraphError } from "../errors.js";
import type { Translator } from "../models/translator.js";
import type { Tap } from "../nn/tap.js";
import { oneHot, tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { batchTensors, deviceOf } from "../training/batch-tensors.js";

export interface TraceOptions {
  /** The pair stands in the batch so many times; 1 unless told. */
  readonly rows?: number;
  /**
   * Changes an intermediate on its way: what it returns goes on in its place. `x.detach()` cuts the path, the same
   * tensor leaves it. Called before the trace's own alias.
   */
  readonly change?: Tap;
}

/** An intermediate before and after a change; one tensor where nothing is changed. */
interface Use {
  readonly entering: Tensor;
  readonly leaving: Tensor;
}

/**
 * Lets every named intermediate of a forward pass go its way under an identity of its own: what flows back through this
 * use of it can be read apart from every other use.
 */
export class Recorder {
  private readonly uses = new Map<string, Use>();

  constructor(private readonly change?: Tap) {}

  /** What the model is run with. */
  readonly tap: Tap = (site, x) => {
    const entering = alias(x);
    const changed = this.change ? this.change(site, entering) : entering;
    const leaving = changed === entering ? entering : alias(changed);
    leaving.requiresGrad = true;
    this.uses.set(site, { entering, leaving });
    return leaving;
  };

  has(site: string): boolean {
    return this.uses.has(site);
  }

  /** The intermediate's value, as it went on. */
  value(site: string): Tensor {
    return this.use(site).leaving;
  }

  /**
   * ∂outputs/∂ of each intermediate, through the one use of it that its site names; null where nothing depends on it.
   * At a cut site `arriving` is what comes back to the cut from below; nothing of it passes.
   * @param options.seeds the gradient of each output; for a scalar 1
   */
  gradients(
    outputs: Tensor | readonly Tensor[],
    sites: readonly string[],
    options: { side?: "arriving" | "passing"; seeds?: readonly Tensor[] } = {},
  ): (Tensor | null)[] {
    const tensors = sites.map((site) => this.use(site)[options.side === "arriving" ? "leaving" : "entering"]);
    const live = tensors.filter((tensor) => tensor.requiresGrad);
    const found = grad(outputs, live, { retainGraph: true, gradOutputs: options.seeds });
    let next = 0;
    return tensors.map((tensor) => (tensor.requiresGrad ? found[next++] : null));
  }

  private use(site: string): Use {
    const use = this.uses.get(site);
    if (!use) {
      throw new GraphError(`trace: the model has no site "${site}": it has ${[...this.uses.keys()].join(", ")}`);
    }
    return use;
  }
}

/** One teacher-forced forward pass of a pair, every intermediate recorded. */
export class Trace extends Recorder {
  /** [rows, T, targetVocabulary] */
  readonly logits: Tensor;
  /** int32 [rows, T]: the words, then `<eos>`. */
  readonly labels: Tensor;
  /** int32 [rows, T]: `<bos>`, then the words. */
  readonly inputs: Tensor;
  /** How many tokens the source and the target have, `<eos>` counted. */
  readonly sourceLength: number;
  readonly targetLength: number;

  constructor(model: Translator, pair: EncodedPair, { rows = 1, change }: TraceOptions = {}) {
    super(change);
    const batch = makeBatch(new Array<EncodedPair>(rows).fill(pair));
    const { source, mask, target, labels } = batchTensors(batch, deviceOf(model));
    this.inputs = target;
    this.labels = labels;
    this.sourceLength = batch.sourceLength;
    this.targetLength = batch.targetLength;
    this.logits = model.forward(source, mask, target, { tap: this.tap }).logits;
  }

  /** Σ_t ℓ_t: the cross-entropies of all target words, `<eos>` among them, in nats. */
  loss(): Tensor {
    return this.logits.crossEntropy(this.labels, { reduction: "sum" });
  }

  /**
   * Of a trace with T rows: from row t the logits of target word t alone, and 1 for its right word, both
   * [T, vocabulary]. The gradient of a sum over them keeps the words apart, one in each row.
   */
  ownWords(): { logits: Tensor; labels: Tensor; right: Tensor } {
    const { targetLength: words, logits } = this;
    const [rows, , vocabulary] = logits.shape;
    if (rows !== words) throw new GraphError(`trace: ${words} target words need as many rows, not ${rows}`);
    const { dtype, device } = logits;
    const diagonal = tensor(
      Int32Array.from({ length: words }, (_, t) => t * words + t),
      { device },
    );
    const labels = this.labels.at(0);
    return {
      logits: logits.reshape([words * words, vocabulary]).gather(diagonal),
      labels,
      right: oneHot([...labels.dataSync()], vocabulary, { dtype, device }),
    };
  }

  /** The sites of a decoder intermediate at every step: `decoder.alpha[0]`, … */
  steps(name: string): string[] {
    return Array.from({ length: this.targetLength }, (_, t) => `decoder.${name}[${t}]`);
  }
}

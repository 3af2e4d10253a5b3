import "../autograd/methods.js";
import { grad } from "../autograd/backward.js";
import { alias } from "../autograd/operations/reshape.js";
import { type EncodedPair, makeBatch } from "../data/batches.js";
import { GraphError } from "../errors.js";
import type { Translator } from "../models/translator.js";
import type { Tap } from "../nn/tap.js";
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

/**
 * One teacher-forced forward pass in which every named intermediate goes its way under an identity of its own: what
 * flows back through this use of it can be read apart from every other use.
 */
export class Trace {
  /** [rows, T, targetVocabulary] */
  readonly logits: Tensor;
  /** int32 [rows, T]: the words, then `<eos>`. */
  readonly labels: Tensor;
  /** How many tokens the source and the target have, `<eos>` counted. */
  readonly sourceLength: number;
  readonly targetLength: number;
  private readonly uses = new Map<string, { readonly entering: Tensor; readonly leaving: Tensor }>();

  constructor(model: Translator, pair: EncodedPair, { rows = 1, change }: TraceOptions = {}) {
    const batch = makeBatch(new Array<EncodedPair>(rows).fill(pair));
    const { source, mask, target, labels } = batchTensors(batch, deviceOf(model));
    this.labels = labels;
    this.sourceLength = batch.sourceLength;
    this.targetLength = batch.targetLength;
    this.logits = model.forward(source, mask, target, {
      tap: (site, x) => {
        const entering = alias(x);
        const changed = change ? change(site, entering) : entering;
        const leaving = changed === entering ? entering : alias(changed);
        leaving.requiresGrad = true;
        this.uses.set(site, { entering, leaving });
        return leaving;
      },
    }).logits;
  }

  has(site: string): boolean {
    return this.uses.has(site);
  }

  /** Σ_t ℓ_t: the cross-entropies of all target words, `<eos>` among them, in nats. */
  loss(): Tensor {
    return this.logits.crossEntropy(this.labels, { reduction: "sum" });
  }

  /** The intermediate's value, as it went on. */
  value(site: string): Tensor {
    return this.use(site).leaving;
  }

  /**
   * ∂loss/∂ of each intermediate, through the one use of it that its site names. At a cut site `arriving` is what
   * comes back to the cut from below; what goes on upwards from there is nothing.
   */
  gradients(loss: Tensor, sites: readonly string[], side: "arriving" | "passing" = "passing"): (Tensor | null)[] {
    const tensors = sites.map((site) => (side === "arriving" ? this.use(site).leaving : this.use(site).entering));
    const live = tensors.filter((tensor) => tensor.requiresGrad);
    const found = grad(loss, live, { retainGraph: true });
    let next = 0;
    return tensors.map((tensor) => (tensor.requiresGrad ? found[next++] : null));
  }

  private use(site: string): { readonly entering: Tensor; readonly leaving: Tensor } {
    const use = this.uses.get(site);
    if (!use) {
      throw new GraphError(`trace: the model has no site "${site}": it has ${[...this.uses.keys()].join(", ")}`);
    }
    return use;
  }
}

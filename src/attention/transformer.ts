import { Dropout } from "../nn/dropout.js";
import { LayerNorm } from "../nn/layer-norm.js";
import { Linear } from "../nn/linear.js";
import { Module, type ParameterOptions } from "../nn/module.js";
import type { Tensor } from "../tensor/tensor.js";
import { MultiHeadAttention } from "./multi-head.js";

export interface TransformerLayerOptions extends ParameterOptions {
  readonly heads: number;
  /** Size of the feed-forward net's hidden layer. */
  readonly feedForwardSize: number;
  /** On each sublayer's result, while training. Default 0. */
  readonly dropout?: number;
}

/** What both layers share: y = norm(x + sublayer(x)), and the feed-forward sublayer max(0, x W₁ + b₁) W₂ + b₂. */
abstract class TransformerLayer extends Module {
  private readonly widen: Linear;
  private readonly narrow: Linear;
  private readonly dropout: Dropout;

  constructor(size: number, { feedForwardSize, dropout = 0, ...options }: TransformerLayerOptions) {
    super();
    this.widen = this.child("linear1", new Linear(size, feedForwardSize, options));
    this.narrow = this.child("linear2", new Linear(feedForwardSize, size, options));
    this.dropout = this.child("", new Dropout(dropout, options));
  }

  protected feedForward(x: Tensor): Tensor {
    return this.narrow.forward(this.dropout.forward(this.widen.forward(x).relu()));
  }

  protected addAndNorm(norm: LayerNorm, x: Tensor, sublayer: Tensor): Tensor {
    return norm.forward(x.add(this.dropout.forward(sublayer)));
  }
}

/**
 * The Transformer's encoder layer (Vaswani 2017, 3.1): self-attention, then a feed-forward net, each with a residual and a
 * layer norm after it. Parameters carry PyTorch's names: `self_attn.…`, `linear1`, `linear2`, `norm1`, `norm2`.
 */
export class TransformerEncoderLayer extends TransformerLayer {
  private readonly attention: MultiHeadAttention;
  private readonly norms: readonly [LayerNorm, LayerNorm];

  constructor(size: number, options: TransformerLayerOptions) {
    super(size, options);
    this.attention = this.child("self_attn", new MultiHeadAttention(size, options.heads, options));
    this.norms = [this.child("norm1", new LayerNorm(size, options)), this.child("norm2", new LayerNorm(size, options))];
  }

  /**
   * x [batch, time, size] → the same shape.
   * @param options `mask` bool [batch, time], true where there is a real token
   */
  forward(x: Tensor, { mask = null }: { mask?: Tensor | null } = {}): Tensor {
    const attended = this.addAndNorm(this.norms[0], x, this.attention.forward(x, x, { mask }).output);
    return this.addAndNorm(this.norms[1], attended, this.feedForward(attended));
  }
}

/**
 * The Transformer's decoder layer (Vaswani 2017, 3.1): causal self-attention, attention over the encoder's output, a
 * feed-forward net. Parameters: `self_attn.…`, `multihead_attn.…`, `linear1`, `linear2`, `norm1` … `norm3`.
 */
export class TransformerDecoderLayer extends TransformerLayer {
  private readonly selfAttention: MultiHeadAttention;
  private readonly crossAttention: MultiHeadAttention;
  private readonly norms: readonly [LayerNorm, LayerNorm, LayerNorm];

  constructor(size: number, options: TransformerLayerOptions) {
    super(size, options);
    this.selfAttention = this.child("self_attn", new MultiHeadAttention(size, options.heads, options));
    this.crossAttention = this.child("multihead_attn", new MultiHeadAttention(size, options.heads, options));
    this.norms = [
      this.child("norm1", new LayerNorm(size, options)),
      this.child("norm2", new LayerNorm(size, options)),
      this.child("norm3", new LayerNorm(size, options)),
    ];
  }

  /**
   * y [batch, target, size] → the same shape; position t depends on positions 0…t of y only.
   * @param memory the encoder's output [batch, source, size]
   * @param options `mask` bool [batch, source] for the memory
   */
  forward(y: Tensor, memory: Tensor, { mask = null }: { mask?: Tensor | null } = {}): Tensor {
    const [first, second, third] = this.norms;
    const own = this.addAndNorm(first, y, this.selfAttention.forward(y, y, { causal: true }).output);
    const crossed = this.addAndNorm(second, own, this.crossAttention.forward(own, memory, { mask }).output);
    return this.addAndNorm(third, crossed, this.feedForward(crossed));
  }
}

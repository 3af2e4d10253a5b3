import type { Backend } from "../kernels/backend.js";
import { copyOf, zerosLike } from "../tensor/create.js";
import { sizeOf } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import type { GraphNode, Product } from "./node.js";
import { add } from "./operations/arithmetic.js";

/** Joins row blocks [rows, n] into one matrix. */
function joinRows(kernels: Backend, blocks: readonly Tensor[]): Tensor {
  const first = blocks[0] as Tensor;
  const n = first.shape[1] as number;
  const rows = blocks.map((block) => block.shape[0] as number);
  const storage = kernels.concat(blocks, { outer: 1, lengths: rows, inner: n });
  return new Tensor(storage, [rows.reduce((sum, r) => sum + r, 0), n], first.device);
}

/** A view with all axes but the last as one. */
const flatRows = (x: Tensor): Tensor => x.view([sizeOf(x.shape.slice(0, -1)), x.shape[x.rank - 1] as number]);

/**
 * Where the gradient of one node collects during a backward pass. The slot owns its tensor object alone, so it may
 * add in place whenever nobody else refers to the numbers.
 */
export class Slot {
  gradient: Tensor | null = null;
  /** Whether a target of this pass lies at this node or beneath it. */
  needed = false;
  /** Set where `gradient` is a leaf's own `.grad`, which outlives the pass. */
  borrowed = false;
  private products: Product[] = [];

  constructor(readonly node: GraphNode) {}

  /** Adds a whole gradient, of the tensor's shape. The slot takes the object over. */
  arrive(gradient: Tensor, createGraph: boolean): void {
    if (!this.gradient) this.gradient = gradient;
    else if (createGraph) this.gradient = add(this.gradient, gradient);
    else {
      const mine = this.writable();
      mine.kernels.accumulate(mine, gradient);
      gradient.dispose();
    }
  }

  /** Puts a product off until the gradient is wanted. */
  postpone({ a, b }: Product): void {
    this.products.push({ a: flatRows(a), b: flatRows(b) });
  }

  /** The collected gradient as a tensor that may be written to. */
  writable(): Tensor {
    if (!this.gradient) this.gradient = zerosLike(this.node.output);
    else if (!this.borrowed && this.gradient.storage.references > 1) {
      const copy = copyOf(this.gradient);
      this.gradient.dispose();
      this.gradient = copy;
    }
    return this.gradient;
  }

  /** Whether products wait to be done. */
  get isOwed(): boolean {
    return this.products.length > 0;
  }

  /** The postponed products of all time steps as one. */
  private joined(): Product {
    const { products } = this;
    this.products = [];
    if (products.length === 1) return products[0] as Product;
    const { kernels } = this.node.output;
    const a = products.map((product) => product.a);
    const b = products.map((product) => product.b);
    const pair = { a: joinRows(kernels, a), b: joinRows(kernels, b) };
    for (const part of [...a, ...b]) part.dispose();
    return pair;
  }

  /** Does what was postponed for some nodes, all of a back end's at once: small products gain by company. */
  static settle(slots: readonly Slot[]): void {
    const owed = new Map<Backend, (Product & { into: Tensor })[]>();
    for (const slot of slots) {
      if (!slot.isOwed) continue;
      const { kernels } = slot.node.output;
      const products = owed.get(kernels) ?? [];
      const { a, b } = slot.joined();
      products.push({ a, b, into: slot.writable() });
      owed.set(kernels, products);
    }
    for (const [kernels, products] of owed) {
      kernels.addProducts(products);
      for (const { a, b } of products) {
        a.dispose();
        b.dispose();
      }
    }
  }
}

import type { GradHistory, Tensor } from "../tensor/tensor.js";
import type { Operation } from "./operation.js";

/** A gradient hook: sees ∂loss/∂tensor, and may return another tensor to pass on instead. */
export type GradientHook = (gradient: Tensor) => unknown;

/** gradient += aᵀ · b, put off so that all time steps become one product. a [..., m], b [..., n], of as many rows. */
export interface Product {
  readonly a: Tensor;
  readonly b: Tensor;
}

let recorded = 0;

/**
 * One recorded operation: what went in, what came out. The graph is these nodes, linked by `inputs[i].history`.
 * A leaf that wants a gradient has a node of its own, with no operation and no inputs.
 */
export class GraphNode implements GradHistory {
  /** Counts up with time, so that a larger number never feeds a smaller one. */
  readonly sequence = recorded++;
  hooks: GradientHook[] | null = null;
  retain = false;
  freed = false;
  /** Where the operation ran, if something was listening; see `within`. */
  place = "";
  /** The storages' versions, added up, when the operation ran: a saved value that changed since gives no gradient. */
  private readonly versions: number;

  constructor(
    readonly rule: Operation | null,
    public inputs: readonly Tensor[],
    readonly options: unknown,
    readonly output: Tensor,
  ) {
    this.versions = this.currentVersions();
  }

  /** True if an input or the result was overwritten since the operation ran. */
  get stale(): boolean {
    return this.versions !== this.currentVersions();
  }

  private currentVersions(): number {
    let sum = this.output.storage.version;
    for (let i = 0; i < this.inputs.length; i++) sum += (this.inputs[i] as Tensor).storage.version;
    return sum;
  }

  get operation(): string {
    return this.rule?.operation ?? "leaf";
  }

  /** Lets go of the saved inputs. */
  free(): void {
    this.freed = true;
    this.inputs = [];
  }
}

/** The node that a tensor's gradient arrives at, made on demand for a leaf; null where no gradient flows. */
export function nodeOf(tensor: Tensor): GraphNode | null {
  if (!tensor.requiresGrad) return null;
  tensor.history ??= new GraphNode(null, [], null, tensor);
  return tensor.history as GraphNode;
}

/** True for a tensor that no recorded operation made. */
export const isLeaf = (tensor: Tensor): boolean =>
  tensor.history === null || (tensor.history as GraphNode).rule === null;

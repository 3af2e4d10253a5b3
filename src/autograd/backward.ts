import { DTypeError, GraphError, ShapeError } from "../errors.js";
import { copyOf, zerosLike } from "../tensor/create.js";
import { isFloat } from "../tensor/devices.js";
import { scope, unscoped } from "../tensor/scope.js";
import { sameShape } from "../tensor/shape.js";
import { Tensor } from "../tensor/tensor.js";
import { assertBorn } from "./anomaly.js";
import { enableGrad, mode, noGrad } from "./mode.js";
import { type GraphNode, isLeaf, nodeOf } from "./node.js";
import type { Call, Contribution, OperationRule } from "./operation.js";
import { add } from "./operations/arithmetic.js";
import { sumTo } from "./operations/reduce.js";
import { alias } from "./operations/reshape.js";
import { Slot } from "./slot.js";

export interface BackwardOptions {
  /** Record the backward pass itself, so that gradients can be differentiated again. Implies `retainGraph`. */
  createGraph?: boolean;
  /** Keep what the forward pass saved, so that a second backward pass can run. */
  retainGraph?: boolean;
}

export interface GradOptions extends BackwardOptions {
  /** ∂loss/∂output for each output; ones for a scalar output where none is given. */
  gradOutputs?: readonly Tensor[];
}

/** The gradient that a pass starts with. */
function seedFor(operation: string, output: Tensor, given: Tensor | undefined, createGraph: boolean): Tensor {
  if (!output.requiresGrad) {
    const why = isFloat(output.dtype)
      ? "nothing it was made from has requiresGrad, or it was made inside noGrad()"
      : `${output.dtype} has no gradient`;
    throw new GraphError(`${operation}: ${output.describe()} has no gradient: ${why}`);
  }
  if (!given) {
    if (output.size !== 1) {
      throw new GraphError(
        `${operation}: ${output.describe()} is no scalar: reduce it (sum(), mean()) or give the gradient to start from`,
      );
    }
    const one = zerosLike(output);
    one.kernels.fill(one, 1);
    return one;
  }
  if (!(given instanceof Tensor)) {
    throw new GraphError(`${operation}: the gradient to start from must be a tensor, not ${typeof given}`);
  }
  given.assertAlive(operation);
  if (!sameShape(given.shape, output.shape)) {
    throw new ShapeError(`${operation}: the gradient ${given.describe()} does not fit the output ${output.describe()}`);
  }
  if (given.dtype !== output.dtype) {
    throw new DTypeError(
      `${operation}: the gradient is ${given.dtype}, the output ${output.dtype}: convert it with cast()`,
    );
  }
  // A recorded pass is also a function of the gradient it starts from.
  return createGraph ? given : given.view(given.shape);
}

/** One walk from outputs to targets. */
class BackwardPass {
  private readonly slots = new Map<GraphNode, Slot>();
  private readonly order: Slot[] = [];

  constructor(
    private readonly createGraph: boolean,
    private readonly retainGraph: boolean,
    /** The nodes whose gradients are wanted; null for every leaf. */
    private readonly targets: ReadonlySet<GraphNode> | null,
  ) {}

  /**
   * Finds every node between the outputs and the targets, in the order in which they were recorded. What is older than
   * the oldest target cannot depend on any: the walk stays off it.
   */
  reach(outputs: readonly Tensor[]): void {
    let oldest = this.targets ? Number.POSITIVE_INFINITY : 0;
    for (const target of this.targets ?? []) oldest = Math.min(oldest, target.sequence);
    const stack = outputs.map((output) => nodeOf(output) as GraphNode);
    for (let node = stack.pop(); node; node = stack.pop()) {
      if (node.sequence < oldest || this.slots.has(node)) continue;
      if (node.freed) {
        throw new GraphError(
          `backward: the graph of ${node.operation} was freed by an earlier backward(): give that one { retainGraph: true }`,
        );
      }
      const slot = new Slot(node);
      this.slots.set(node, slot);
      this.order.push(slot);
      for (const input of node.inputs) {
        if (input.requiresGrad) stack.push(nodeOf(input) as GraphNode);
      }
    }
    this.order.sort((a, b) => a.node.sequence - b.node.sequence);
    for (const slot of this.order) slot.needed = this.isNeeded(slot.node);
  }

  private isNeeded(node: GraphNode): boolean {
    if (this.targets ? this.targets.has(node) : node.rule === null) return true;
    return node.inputs.some((input) => this.slotOf(input)?.needed);
  }

  private slotOf(input: Tensor): Slot | undefined {
    return input.requiresGrad ? this.slots.get(nodeOf(input) as GraphNode) : undefined;
  }

  seed(output: Tensor, gradient: Tensor): void {
    this.slotOf(output)?.arrive(gradient, this.createGraph);
  }

  /** Walks from the newest node to the oldest, then over the leaves; gives every finished gradient that is wanted to `finish`. */
  run(finish: (node: GraphNode, gradient: Tensor) => void): void {
    const leaves: Slot[] = [];
    for (let i = this.order.length - 1; i >= 0; i--) {
      const slot = this.order[i] as Slot;
      if (!slot.needed) continue;
      if (slot.node.rule === null) {
        leaves.push(slot);
        continue;
      }
      if (slot.isOwed) Slot.settle(this.neighbours(i));
      this.finish(slot, finish);
    }
    Slot.settle(leaves);
    for (const slot of leaves) this.finish(slot, finish);
  }

  /** The node at a place of the order and those recorded just before it, as long as they wait for products too. */
  private neighbours(place: number): Slot[] {
    let first = place;
    while (first > 0 && this.order[first - 1]?.node.rule && this.order[first - 1]?.isOwed) first--;
    return this.order.slice(first, place + 1);
  }

  /** Hands one finished gradient on. */
  private finish(slot: Slot, finish: (node: GraphNode, gradient: Tensor) => void): void {
    const { node } = slot;
    if (slot.gradient) {
      const gradient = this.callHooks(node, slot.gradient);
      slot.gradient = gradient;
      if (node.retain && !isLeaf(node.output)) this.retain(node.output, gradient);
      if (this.targets ? this.targets.has(node) : node.rule === null) finish(node, gradient);
      if (node.rule) this.propagate(node, gradient);
      const wanted = this.targets?.has(node) || slot.borrowed || node.hooks !== null;
      if (!this.createGraph && !wanted) gradient.dispose();
    }
    if (node.rule && !this.retainGraph) node.free();
  }

  private callHooks(node: GraphNode, gradient: Tensor): Tensor {
    let current = gradient;
    for (const hook of node.hooks ?? []) {
      const replacement = hook(current.keep());
      if (!(replacement instanceof Tensor)) continue;
      if (!sameShape(replacement.shape, current.shape) || replacement.dtype !== current.dtype) {
        throw new ShapeError(
          `hook on ${node.output.describe()}: gave a gradient ${replacement.describe()}, not ${current.describe()}`,
        );
      }
      current = replacement;
    }
    return current;
  }

  private retain(output: Tensor, gradient: Tensor): void {
    output.grad = this.createGraph ? gradient : unscoped(() => gradient.view(gradient.shape));
  }

  /** Starts a leaf's slot at its `.grad`, so that everything is added there in place. */
  borrow(leaf: Slot): void {
    const { grad } = leaf.node.output;
    if (!grad || this.createGraph || leaf.node.hooks) return;
    leaf.gradient = grad;
    leaf.borrowed = true;
  }

  leaves(): Slot[] {
    return this.order.filter((slot) => slot.node.rule === null);
  }

  /** Runs one backward rule and hands its gradients to the inputs' slots. */
  private propagate(node: GraphNode, gy: Tensor): void {
    const { rule, inputs, output } = node;
    if (!rule || !inputs.some((input) => this.slotOf(input)?.needed)) return;
    if (node.stale) {
      throw new GraphError(
        `backward of ${node.operation}: a value it saved was changed in place since (an optimiser's step or assign() between forward and backward?)`,
      );
    }
    for (const input of inputs) if (input.disposed) input.assertAlive(`backward of ${node.operation}`);
    if (output.disposed) output.assertAlive(`backward of ${node.operation}`);
    // The rule takes the very options it was recorded with.
    const definition = rule.rule as OperationRule<unknown>;
    const call: Call<unknown> = {
      inputs,
      output,
      options: node.options,
      needs: (i) => this.slotOf(inputs[i] as Tensor)?.needed ?? false,
    };
    const contributions = this.contributions(definition, call, gy);
    for (let i = 0; i < inputs.length; i++) this.deliver(contributions[i] ?? null, inputs[i] as Tensor, node, call, gy);
  }

  /** Hands what a rule gave for one input to that input's slot. */
  private deliver(contribution: Contribution, input: Tensor, node: GraphNode, call: Call<unknown>, gy: Tensor): void {
    const slot = this.slotOf(input);
    if (!slot?.needed) {
      if (contribution instanceof Tensor && contribution !== gy && !this.createGraph) contribution.dispose();
    } else if (contribution instanceof Tensor) {
      if (mode.anomaly) {
        assertBorn(`backward of ${node.operation}`, [gy, ...call.inputs, call.output], contribution, node.place);
      }
      slot.arrive(this.fitted(contribution, input, call, gy), this.createGraph);
    } else if (contribution === null) return;
    else if ("product" in contribution) slot.postpone(contribution.product);
    else if (contribution.alone && !slot.gradient) slot.arrive(contribution.alone(), this.createGraph);
    else contribution.into(slot.writable());
  }

  private contributions(rule: OperationRule<unknown>, call: Call<unknown>, gy: Tensor): readonly Contribution[] {
    if (this.createGraph) {
      return enableGrad(() => rule.backward?.(call, gy) ?? composedBackward(rule, call, gy, true));
    }
    if (rule.backwardKernel) return rule.backwardKernel(call.output.kernels, call, gy);
    if (rule.backward) return scope(() => noGrad(() => rule.backward?.(call, gy) as readonly Contribution[]));
    return composedBackward(rule, call, gy, false);
  }

  /** Sums over broadcast axes, and makes sure that the slot's tensor object is nobody else's. */
  private fitted(gradient: Tensor, input: Tensor, call: Call<unknown>, gy: Tensor): Tensor {
    if (!sameShape(gradient.shape, input.shape)) {
      const summed = this.createGraph
        ? enableGrad(() => sumTo(gradient, input.shape))
        : noGrad(() => sumTo(gradient, input.shape));
      if (!this.createGraph && gradient !== gy) gradient.dispose();
      return summed;
    }
    if (this.createGraph) return gradient;
    const shared = gradient === gy || gradient === call.output || call.inputs.includes(gradient);
    return shared ? gradient.view(gradient.shape) : gradient;
  }
}

/** The gradients of a fused operation by way of its composed twin. */
function composedBackward(
  rule: OperationRule<unknown>,
  call: Call<unknown>,
  gy: Tensor,
  createGraph: boolean,
): readonly (Tensor | null)[] {
  return enableGrad(() => {
    // An alias for each input, so that a path from one input to another stays outside.
    const aliases = call.inputs.map((input) => (input.requiresGrad ? alias(input) : input));
    const output = rule.composed?.(aliases, call.options) as Tensor;
    const wanted = aliases.filter((_, i) => call.needs(i));
    const gradients = grad([output], wanted, { gradOutputs: [gy], createGraph });
    let next = 0;
    return aliases.map((_, i) => (call.needs(i) ? (gradients[next++] as Tensor | null) : null));
  });
}

/**
 * Back-propagates from a tensor: adds ∂tensor/∂leaf to the `.grad` of every leaf with `requiresGrad`.
 * @param gradient ∂loss/∂tensor to start from; may be left out for a scalar
 */
export function backward(tensor: Tensor, gradient?: Tensor, options: BackwardOptions = {}): void {
  const createGraph = options.createGraph ?? false;
  const run = (): void => {
    const pass = new BackwardPass(createGraph, options.retainGraph ?? createGraph, null);
    const seed = seedFor("backward", tensor, gradient, createGraph);
    pass.reach([tensor]);
    for (const leaf of pass.leaves()) pass.borrow(leaf);
    pass.seed(tensor, seed);
    pass.run((node, arrived) => leaveOnLeaf(node.output, arrived, createGraph));
  };
  if (createGraph) run();
  else scope(() => noGrad(run));
}

function leaveOnLeaf(leaf: Tensor, gradient: Tensor, createGraph: boolean): void {
  if (leaf.grad === gradient) return;
  if (createGraph) leaf.grad = leaf.grad ? add(leaf.grad, gradient) : gradient;
  else if (leaf.grad) leaf.grad.kernels.accumulate(leaf.grad, gradient);
  else leaf.grad = unscoped(() => ownGradient(gradient, nodeOf(leaf)?.hooks !== null));
}

/** Later passes add to a leaf's `.grad` in place, so its numbers must be nobody else's. */
function ownGradient(gradient: Tensor, hooked: boolean): Tensor {
  return !hooked && gradient.storage.references <= 1 ? gradient.view(gradient.shape) : copyOf(gradient);
}

/**
 * ∂(Σ outputs)/∂input for each input, leaf or not, without touching any `.grad`.
 * An input that no output depends on gets `null`.
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const from = outputs instanceof Tensor ? [outputs] : outputs;
  const createGraph = options.createGraph ?? false;
  if (!Array.isArray(inputs)) throw new GraphError("grad: give the inputs as an array of tensors");
  for (const input of inputs) {
    if (!input.requiresGrad) {
      throw new GraphError(`grad: input ${input.describe()} has no requiresGrad: set it before the forward pass`);
    }
  }
  const run = (): (Tensor | null)[] => {
    const found = new Map<GraphNode, Tensor>();
    const targets = new Set(inputs.map((input) => nodeOf(input) as GraphNode));
    const pass = new BackwardPass(createGraph, options.retainGraph ?? createGraph, targets);
    const seeds = from.map((output, i) => seedFor("grad", output, options.gradOutputs?.[i], createGraph));
    pass.reach(from);
    for (const [i, output] of from.entries()) pass.seed(output, seeds[i] as Tensor);
    pass.run((node, gradient) => {
      found.set(node, gradient);
    });
    return inputs.map((input) => found.get(nodeOf(input) as GraphNode) ?? null);
  };
  return createGraph ? run() : scope(() => noGrad(run));
}

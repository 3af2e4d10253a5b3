import { GraphError } from "../errors.js";
import { tensor, zerosLike } from "../tensor/create.js";
import { sameShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { grad } from "./backward.js";
import { enableGrad, noGrad } from "./mode.js";
import { type GraphNode, nodeOf } from "./node.js";
import type { Call, OperationRule } from "./operation.js";
import { add, mul } from "./operations/arithmetic.js";
import { broadcastTo } from "./operations/broadcast.js";
import { sum } from "./operations/reduce.js";
import { alias } from "./operations/reshape.js";

/** Every recorded operation beneath the outputs, oldest first. */
export function nodesBeneath(outputs: readonly Tensor[]): GraphNode[] {
  const found = new Set<GraphNode>();
  const stack = outputs.map(nodeOf);
  while (stack.length > 0) {
    const node = stack.pop();
    if (!node || found.has(node)) continue;
    found.add(node);
    for (const input of node.inputs) stack.push(nodeOf(input));
  }
  return [...found].sort((a, b) => a.sequence - b.sequence);
}

/**
 * Forward mode over a recorded graph: the tangents of `outputs` when the `moved` tensors move along theirs; null where an
 * output does not move. One walk from the oldest operation to the newest, by each operation's own `tangent` rule.
 */
export function pushForward(outputs: readonly Tensor[], moved: ReadonlyMap<Tensor, Tensor>): (Tensor | null)[] {
  const tangents = new Map<GraphNode, Tensor>();
  for (const [x, tangent] of moved) {
    const node = nodeOf(x);
    if (node) tangents.set(node, tangent);
  }
  const tangentOf = (x: Tensor): Tensor | null => {
    const node = nodeOf(x);
    return (node && tangents.get(node)) ?? null;
  };
  for (const node of nodesBeneath(outputs)) {
    if (tangents.has(node) || !node.rule) continue;
    if (node.freed) throw new GraphError(`jvp: the graph of ${node.operation} was freed by a backward() inside`);
    const incoming = node.inputs.map(tangentOf);
    if (incoming.every((tangent) => tangent === null)) continue;
    tangents.set(node, tangentThrough(node, incoming));
  }
  return outputs.map(tangentOf);
}

function tangentThrough(node: GraphNode, incoming: readonly (Tensor | null)[]): Tensor {
  // The rule takes the very options it was recorded with.
  const rule = node.rule?.rule as OperationRule<unknown>;
  const { inputs, output, options } = node;
  const call: Call<unknown> = { inputs, output, options, needs: (i) => incoming[i] !== null };
  const tangent =
    noGrad(() => rule.tangent?.(call, incoming)) ??
    (rule.composed ? throughComposed(rule, call, incoming) : byTransposition(rule, call, incoming));
  return sameShape(tangent.shape, output.shape) ? tangent : noGrad(() => broadcastTo(tangent, output.shape));
}

/** By way of the composed twin, operation by operation. */
function throughComposed(
  rule: OperationRule<unknown>,
  { inputs, options }: Call<unknown>,
  incoming: readonly (Tensor | null)[],
): Tensor {
  const leaves = inputs.map((input, i) => asLeaf(input, incoming[i] !== null));
  const output = enableGrad(() => rule.composed?.(leaves, options)) as Tensor;
  const moved = leaves.flatMap((leaf, i) => (incoming[i] ? [[leaf, incoming[i]] as const] : []));
  return pushForward([output], new Map(moved))[0] ?? zerosLike(output);
}

/**
 * For an operation that has a backward rule alone: that rule is linear in ȳ, so its derivative by ȳ is the Jacobian
 * again, J t = ∂/∂u ⟨Jᵀu, t⟩.
 */
function byTransposition(
  rule: OperationRule<unknown>,
  { inputs, output, options }: Call<unknown>,
  incoming: readonly (Tensor | null)[],
): Tensor {
  return enableGrad(() => {
    const u = zerosLike(output);
    u.requiresGrad = true;
    const needs = (i: number): boolean => incoming[i] !== null;
    const constants = inputs.map((input) => asLeaf(input, false));
    const call = { inputs: constants, output: asLeaf(output, false), options, needs };
    const gradients = rule.backward?.(call, alias(u)) ?? [];
    const products = gradients.flatMap((g, i) => (g?.requiresGrad && incoming[i] ? [sum(mul(g, incoming[i]))] : []));
    const [first, ...rest] = products;
    if (!first) return rowByRow(rule, call, incoming);
    const [tangent] = grad([rest.reduce(add, first)], [u]);
    return tangent ?? zerosLike(output);
  });
}

/** For a backward rule that is no tensor operation itself: ⟨Jᵀeᵢ, t⟩ for each element i of the result. */
function rowByRow(rule: OperationRule<unknown>, call: Call<unknown>, incoming: readonly (Tensor | null)[]): Tensor {
  const { size, shape, dtype, device } = call.output;
  const slopes = Array.from({ length: size }, (_, i) => {
    const e = tensor(
      Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)),
      { shape, dtype, device },
    );
    const gradients = noGrad(() => rule.backward?.(call, e)) ?? [];
    return gradients.reduce((total, g, k) => total + (g && incoming[k] ? sum(mul(g, incoming[k])).itemSync() : 0), 0);
  });
  return tensor(Float64Array.from(slopes), { shape, dtype, device });
}

function asLeaf(x: Tensor, requiresGrad: boolean): Tensor {
  const leaf = x.view(x.shape);
  leaf.requiresGrad = requiresGrad;
  return leaf;
}

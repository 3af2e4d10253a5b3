import { showShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { type GraphNode, nodeOf } from "./node.js";

/** A node of the gradient graph as plain data. */
export interface GraphVertex {
  readonly id: number;
  readonly operation: string;
  readonly shape: readonly number[];
  readonly name: string | null;
  /** The labels around the code that ran the operation; see `within`. */
  readonly place: string;
  /** ‖∂loss/∂this‖ where a gradient was kept and can be read at once, else null. */
  readonly gradientNorm: number | null;
}

/** From an input's vertex to the vertex of the operation that used it. */
export interface GraphEdge {
  readonly from: number;
  readonly to: number;
}

export interface Graph {
  readonly vertices: readonly GraphVertex[];
  readonly edges: readonly GraphEdge[];
}

function normOf(gradient: Tensor | null): number | null {
  if (gradient?.device !== "cpu" || gradient.disposed) return null;
  let squares = 0;
  for (const value of gradient.dataSync()) squares += value * value;
  return Math.sqrt(squares);
}

/** The graph that would carry gradients back from a tensor. Call it before `backward()` frees the graph. */
export function graph(output: Tensor): Graph {
  const root = nodeOf(output);
  const vertices: GraphVertex[] = [];
  const edges: GraphEdge[] = [];
  const seen = new Set<GraphNode>();
  const stack = root ? [root] : [];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    vertices.push({
      id: node.sequence,
      operation: node.operation,
      shape: node.output.shape,
      name: node.output.name ?? null,
      place: node.place,
      gradientNorm: normOf(node.output.grad),
    });
    for (const input of node.inputs) {
      const source = nodeOf(input);
      if (!source) continue;
      edges.push({ from: source.sequence, to: node.sequence });
      stack.push(source);
    }
  }
  vertices.sort((a, b) => a.id - b.id);
  return { vertices, edges };
}

const caption = (v: GraphVertex, newline: string): string => {
  const norm = v.gradientNorm === null ? [] : [`‖grad‖ ${v.gradientNorm.toPrecision(3)}`];
  return [...(v.name ? [v.name] : []), v.operation, showShape(v.shape), ...norm].join(newline).replaceAll('"', "'");
};

/** The graph in Graphviz's language. */
export function toDot({ vertices, edges }: Graph): string {
  const lines = vertices.map(
    (v) => `  n${v.id} [label="${caption(v, "\\n")}"${v.operation === "leaf" ? ", shape=box" : ""}];`,
  );
  const arrows = edges.map(({ from, to }) => `  n${from} -> n${to};`);
  return ["digraph backflow {", "  rankdir=BT;", ...lines, ...arrows, "}"].join("\n");
}

/** The graph as a Mermaid flow chart. */
export function toMermaid({ vertices, edges }: Graph): string {
  const lines = vertices.map((v) =>
    v.operation === "leaf" ? `  n${v.id}["${caption(v, "<br>")}"]` : `  n${v.id}("${caption(v, "<br>")}")`,
  );
  return ["flowchart BT", ...lines, ...edges.map(({ from, to }) => `  n${from} --> n${to}`)].join("\n");
}

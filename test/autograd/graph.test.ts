import { describe, expect, test } from "vitest";
import { graph, tensor, toDot, toMermaid, within } from "../../src/index.js";

const f64 = { dtype: "float64" } as const;
const build = () => {
  const x = tensor([1, 2], { ...f64, requiresGrad: true, name: "x" });
  const w = tensor([3, 4], { ...f64, requiresGrad: true, name: "w" });
  const h = within("encoder", () => x.mul(w).named("h"));
  return { x, w, h, loss: h.tanh().add(x).sum().named("loss") };
};

describe("the graph as data", () => {
  test("has a vertex for each operation and leaf, in the order of recording, and an edge for each use", () => {
    const { vertices, edges } = graph(build().loss);
    expect(vertices.map(({ operation, name }) => [operation, name])).toEqual([
      ["leaf", "x"],
      ["leaf", "w"],
      ["mul", "h"],
      ["tanh", null],
      ["add", null],
      ["sum", "loss"],
    ]);
    expect(vertices[2].place).toBe("encoder");
    expect(vertices[2].shape).toEqual([2]);
    const [x, w, h, tanh, add, sum] = vertices.map(({ id }) => id);
    expect(new Set(edges.map(({ from, to }) => `${from}>${to}`))).toEqual(
      new Set([`${x}>${h}`, `${w}>${h}`, `${h}>${tanh}`, `${tanh}>${add}`, `${x}>${add}`, `${add}>${sum}`]),
    );
  });

  test("knows the norm of gradients that were kept", () => {
    const { x, h, loss } = build();
    h.retainGrad();
    loss.backward(undefined, { retainGraph: true });
    const norms = Object.fromEntries(graph(loss).vertices.map(({ name, gradientNorm }) => [name, gradientNorm]));
    expect(norms.x).toBeCloseTo(Math.hypot(...(x.grad?.dataSync() ?? [])), 15);
    expect(norms.h).toBeCloseTo(Math.hypot(...(h.grad?.dataSync() ?? [])), 15);
    expect(norms.loss).toBeNull();
  });

  test("of plain data is empty", () => {
    expect(graph(tensor([1]))).toEqual({ vertices: [], edges: [] });
  });
});

test("as DOT: leaves are boxes, names come first", () => {
  const dot = toDot(graph(build().loss)).replace(/n\d+/g, "n");
  expect(dot).toContain('n [label="x\\nleaf\\n[2]", shape=box];');
  expect(dot).toContain('n [label="h\\nmul\\n[2]"];');
  expect(dot.split("\n").filter((line) => line.includes("->"))).toHaveLength(6);
  expect(dot).toMatch(/^digraph backflow \{\n[\s\S]*\n\}$/);
});

test("as Mermaid: leaves are square, operations round", () => {
  const chart = toMermaid(graph(build().loss)).replace(/n\d+/g, "n");
  expect(chart).toContain('n["x<br>leaf<br>[2]"]');
  expect(chart).toContain('n("h<br>mul<br>[2]")');
  expect(chart).toMatch(/^flowchart BT\n/);
});

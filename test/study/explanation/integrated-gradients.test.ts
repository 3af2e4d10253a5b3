import { describe, expect, it } from "vitest";
import { integratedGradients } from "../../../src/study/explanation/integrated-gradients.js";
import { dot, expectEqual, list, matrix, measure, pair, plus, scale } from "../measured.js";
import { cells, smallModel } from "../small-model.js";

describe.each(cells)("integrated gradients behind a %s encoder", (cell) => {
  const model = smallModel({ cell });

  it("are complete to 1e-10: the parts sum to F(x) − F(0)", () => {
    const { attribution, completenessError } = integratedGradients(model, pair, { nodes: 24 });
    expect(Math.max(...completenessError)).toBeLessThan(1e-10);
    const labels = list(measure(model).trace.labels);
    const logits = (beta: number): number[] => {
      const { trace } = measure(model, { change: (site, x) => (site === "source.embedding" ? x.mul(beta) : x) });
      return labels.map((label, t) => trace.logits.at(0).at(t).at(label).itemSync());
    };
    const difference = plus(logits(1), scale(logits(0), -1));
    expectEqual(
      attribution.map((row) => row.reduce((a, b) => a + b)),
      difference,
    );
  });

  it("are the mean gradient along the way times the embedding", () => {
    const { attribution } = integratedGradients(model, pair, { nodes: 24 });
    const embeddings = matrix(measure(model).trace.value("source.embedding").at(0));
    const count = 60;
    const sums = new Array<number>(5).fill(0);
    for (let i = 0; i < count; i++) {
      const { trace } = measure(model, {
        change: (site, x) => (site === "source.embedding" ? x.detach().mul((i + 0.5) / count) : x),
      });
      const label = list(trace.labels)[1];
      const [gradient] = trace.gradients(trace.logits.at(0).at(1).at(label), ["source.embedding"], {
        side: "arriving",
      });
      matrix(gradient!.at(0)).forEach((row, j) => {
        sums[j] += dot(row, embeddings[j]) / count;
      });
    }
    sums.forEach((sum, j) => {
      expect(sum).toBeCloseTo(attribution[1][j], 4);
    });
  });
});

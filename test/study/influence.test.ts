import { describe, expect, it } from "vitest";
import { influence } from "../../src/study/influence.js";
import { stateSites } from "../../src/study/states.js";
import { tensor } from "../../src/tensor/create.js";
import { expectEqual, list, measure, pair } from "./measured.js";
import { cells, smallModel } from "./small-model.js";

describe.each(cells)("influence behind a %s encoder", (cell) => {
  const model = smallModel({ cell });

  it("is K[t, j] = ‖∂ logit_t(y_t)/∂x_j‖, one backward pass a target word giving the same as the batched one", async () => {
    const { influence: K } = await influence(model, pair);
    const { trace, words } = measure(model);
    const labels = list(trace.labels);
    labels.forEach((label, t) => {
      const logit = trace.logits.at(0).at(t).at(label);
      const [gradient] = trace.gradients(logit, ["source.embedding"]);
      const rows = gradient!.arraySync() as number[][][];
      expectEqual(
        K[t],
        words.map((j) => Math.hypot(...rows[0][j])),
      );
    });
  });

  it("is G[t, j] = ‖∂ℓ_t/∂h_j‖ likewise", async () => {
    const { stateInfluence: G } = await influence(model, pair);
    const { trace, words } = measure(model);
    const losses = trace.logits.crossEntropy(trace.labels, { reduction: "none" }).at(0);
    list(losses).forEach((_, t) => {
      const found = trace
        .gradients(losses.at(t), stateSites(words.length))
        .map((gradient) => Math.hypot(...list(gradient)));
      expectEqual(
        G[t],
        words.map((j) => Math.hypot(found[j], found[words.length + j])),
      );
    });
  });
});

describe("influence", () => {
  it("is what central differences of the logit say", async () => {
    const model = smallModel();
    const { influence: K } = await influence(model, pair);
    const [j, t] = [2, 1];
    const label = list(measure(model).trace.labels)[t];
    const logit = (dimension: number, step: number): number => {
      const { trace } = measure(model, {
        change: (site, x) => {
          if (site !== "source.embedding") return x;
          const moved = Float64Array.from(x.dataSync());
          moved[j * 5 + dimension] += step;
          return tensor(moved, { shape: x.shape });
        },
      });
      return trace.logits.at(0).at(t).at(label).itemSync();
    };
    const slopes = [0, 1, 2, 3, 4].map((d) => (logit(d, 1e-5) - logit(d, -1e-5)) / 2e-5);
    expect(Math.hypot(...slopes)).toBeCloseTo(K[t][j], 7);
  });
});

import { describe, expect, it } from "vitest";
import { makeBatch } from "../../src/data/batches.js";
import { GraphError } from "../../src/errors.js";
import { batchTensors } from "../../src/training/batch-tensors.js";
import { dot, expectEqual, list, measure, pair } from "./measured.js";
import { cells, smallModel } from "./small-model.js";

describe.each(cells)("attention's gradients behind a %s encoder", (cell) => {
  const { words, states, values, gradients } = measure(smallModel({ cell }));
  const [alpha, gamma] = [values("alpha"), gradients("context")];

  it("are ᾱ_tj = h_j · γ_t", () => {
    gradients("alpha").forEach((row, t) => {
      expectEqual(
        row,
        words.map((j) => dot(states[j], gamma[t])),
      );
    });
  });

  it("are ē_tj = α_tj (h_j − c_t) · γ_t, each row of which sums to 0", () => {
    const context = values("context");
    gradients("e").forEach((row, t) => {
      const expected = words.map(
        (j) =>
          alpha[t][j] *
          dot(
            states[j].map((h, i) => h - context[t][i]),
            gamma[t],
          ),
      );
      expectEqual(row, expected);
      expect(Math.abs(row.reduce((a, b) => a + b))).toBeLessThan(1e-10);
      expect(Math.max(...row.map(Math.abs))).toBeGreaterThan(1e-6);
    });
  });
});

describe("a trace", () => {
  it("changes no number: the logits are those of the plain forward pass, bit for bit", () => {
    for (const cell of cells) {
      const model = smallModel({ cell });
      const { source, mask, target } = batchTensors(makeBatch([pair]), "cpu");
      const plain = model.forward(source, mask, target).logits;
      expect(list(measure(model).trace.logits)).toEqual(list(plain));
    }
  });

  it("changes no gradient: every parameter gets what it gets without the trace", () => {
    const model = smallModel();
    const { source, mask, target, labels } = batchTensors(makeBatch([pair]), "cpu");
    model.forward(source, mask, target).logits.crossEntropy(labels, { reduction: "sum" }).backward();
    const plain = model.parameters().map(({ grad }) => list(grad));
    for (const parameter of model.parameters()) parameter.grad = null;
    measure(model).loss.backward();
    model.parameters().forEach(({ grad }, i) => {
      expectEqual(list(grad), plain[i]);
    });
  });

  it("tells what comes back to a cut from what passes it", () => {
    const cut = measure(smallModel(), { change: (site, x) => (site === "decoder.alpha[1]" ? x.detach() : x) });
    const [arriving] = cut.trace.gradients(cut.loss, ["decoder.alpha[1]"], { side: "arriving" });
    const [passing, score] = cut.trace.gradients(cut.loss, ["decoder.alpha[1]", "decoder.e[1]"]);
    expect(list(arriving).some((x) => x !== 0)).toBe(true);
    expect([passing, score]).toEqual([null, null]);
  });

  it("names the sites there are when asked for another", () => {
    expect(() => measure(smallModel()).trace.value("decoder.beta[0]")).toThrow(GraphError);
    expect(() => measure(smallModel()).trace.value("decoder.beta[0]")).toThrow(
      /no site "decoder.beta\[0\]": it has source.embedding/,
    );
  });
});

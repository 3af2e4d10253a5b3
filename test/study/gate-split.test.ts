import { describe, expect, it } from "vitest";
import { gpuBackend } from "../../src/kernels/gpu/backend.js";
import { gateSplit, gateTerms } from "../../src/study/gate-split.js";
import { pathGradients, pathTerms } from "../../src/study/path-split.js";
import { memory, registerDevice, unregisterDevice } from "../../src/tensor/devices.js";
import { expectEqual, measure, pair, total } from "./measured.js";
import { smallModel } from "./small-model.js";

describe.each(["gru", "lstm"] as const)("the recurrence of a %s by gate", (cell) => {
  const model = smallModel({ cell });

  it("is exact: the gates' terms sum to the recurrence term to 1e-10, the shares to 1", async () => {
    const { trace, loss, words } = measure(model);
    const { recurrence } = await pathTerms(pathGradients(trace, loss));
    const terms = await gateTerms(model, pair);
    for (const j of words) expectEqual(recurrence[j], total(Object.values(terms).map((list) => [...list[j]])));
    const split = await gateSplit(model, pair);
    expectEqual(total(Object.values(split.shares)), [1, 1, 1, 1, 1]);
    expectEqual(
      split.total,
      recurrence.map((term) => Math.hypot(...term)),
    );
  });

  it("reaches every gate", async () => {
    const { gates, norms } = await gateSplit(model, pair);
    expect([...gates].sort()).toEqual(
      (cell === "gru" ? ["r", "z", "n", "carry"] : ["i", "f", "g", "o", "carry"]).sort(),
    );
    for (const gate of gates) expect(Math.min(...norms[gate]), gate).toBeGreaterThan(1e-9);
  });

  it("leaves nothing in memory", async () => {
    const before = memory().bytes;
    await gateSplit(model, pair);
    expect(memory().bytes).toBe(before);
  });
});

describe("gates on a device that cannot be read without waiting", () => {
  it("are those of float64", async () => {
    const gpu = await gpuBackend({ mode: "cpu" });
    const readSync = (): never => {
      throw new Error("read without waiting");
    };
    registerDevice("gpu", Object.create(gpu, { readSync: { value: readSync } }));
    try {
      const { norms } = await gateSplit(smallModel({}, { dtype: "float32", device: "gpu" }), pair);
      const wanted = (await gateSplit(smallModel(), pair)).norms;
      const worst = Object.keys(wanted).map((gate) => wanted[gate].map((norm, j) => Math.abs(norm - norms[gate][j])));
      expect(Math.max(...worst.flat())).toBeLessThan(1e-5);
    } finally {
      unregisterDevice("gpu");
      await gpu.close();
    }
  });
});

describe("gates of a sentence of no word", () => {
  it("have nothing to carry: all is 0", async () => {
    const { total: norms, shares } = await gateSplit(smallModel(), { source: [], target: [4] });
    expect(norms).toEqual([0]);
    expect(Object.values(shares).flat()).toEqual([0, 0, 0, 0]);
  });
});

describe("a plain recurrent net", () => {
  it("has no gates to split by", async () => {
    await expect(gateSplit(smallModel({ cell: "rnn" }), pair)).rejects.toThrow(/no gates/);
  });
});

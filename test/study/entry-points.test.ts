import { describe, expect, it } from "vitest";
import { decay } from "../../src/study/decay.js";
import { entryPoints, entryTerms } from "../../src/study/entry-points.js";
import { pathGradients, pathTerms } from "../../src/study/path-split.js";
import { cut, truncated } from "../../src/study/scalpels.js";
import { memory } from "../../src/tensor/devices.js";
import { expectEqual, matrix, measure, pair, plus, total, transposedTimes } from "./measured.js";
import { cells, smallModel } from "./small-model.js";

const H = 4;

describe.each(cells)("entry points of a %s encoder", (cell) => {
  const model = smallModel({ cell });

  it("sum to each state's gradient: h̄_j = Σ_k (J_k ⋯ J_{j+1})ᵀ d_k", async () => {
    const { trace, loss } = measure(model);
    const { total: states } = await pathTerms(pathGradients(trace, loss));
    for (const [j, terms] of (await entryTerms(model, pair)).entries()) {
      expectEqual(states[j], total(terms.map((term) => [...term])));
    }
  });

  it("are value + score + bridge at k = j", async () => {
    const { trace, loss } = measure(model);
    const { value, score, bridge } = await pathTerms(pathGradients(trace, loss));
    for (const [j, terms] of (await entryTerms(model, pair)).entries()) {
      expectEqual(terms[j], plus(plus([...value[j]], [...score[j]]), [...bridge[j]]));
    }
  });

  it("are all at home with the recurrence cut: I is diagonal, every distance 0", async () => {
    const { entries, distance } = await entryPoints(model, pair, { change: cut("recurrence") });
    entries.forEach((row, j) => {
      expect(row.map((value) => value > 0)).toEqual(row.map((_, k) => k === j));
    });
    expect(distance).toEqual([0, 0, 0, 0, 0]);
  });

  it("stay within their block when back-propagation is truncated", async () => {
    const { entries } = await entryPoints(model, pair, { change: truncated(2, 5) });
    const whole = (await entryPoints(model, pair)).entries;
    entries.forEach((row, j) => {
      row.forEach((value, k) => {
        const block = (word: number): number => (k >= j ? Math.floor(word / 2) : Math.floor((4 - word) / 2));
        if (block(j) === block(k)) expect(value).toBeCloseTo(whole[j][k], 10);
        else expect(value).toBe(0);
      });
    });
  });
});

describe("the entry points of a plain recurrent net", () => {
  it("go back by Jᵀ = Wᵀ diag(1 − h²), step by step", async () => {
    const model = smallModel({ cell: "rnn" });
    const { states } = measure(model);
    const W = matrix(model.stateDict()["encoder.weight_hh_l0"]);
    const terms = await entryTerms(model, pair);
    for (let k = 1; k < states.length; k++) {
      let gradient = [...terms[k][k].subarray(0, H)];
      for (let j = k - 1; j >= 0; j--) {
        const h = states[j + 1];
        gradient = transposedTimes(
          W,
          gradient.map((g, i) => g * (1 - h[i] ** 2)),
        );
        expectEqual(terms[j][k], [...gradient, 0, 0, 0, 0]);
      }
    }
  });
});

describe("the mean distance", () => {
  it("is Σ_k |k − j| I(j, k) / Σ_k I(j, k)", async () => {
    const { entries, distance } = await entryPoints(smallModel(), pair);
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    expectEqual(
      distance,
      entries.map((row, j) => sum(row.map((value, k) => Math.abs(k - j) * value)) / sum(row)),
    );
    expect(Math.min(...distance)).toBeGreaterThan(0);
  });
});

describe("entry points and decay", () => {
  it("leave nothing in memory", async () => {
    const model = smallModel();
    const before = memory().bytes;
    await entryPoints(model, pair);
    await decay(model, pair);
    expect(memory().bytes).toBe(before);
  });
});

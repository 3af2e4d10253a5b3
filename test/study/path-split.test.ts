import { describe, expect, it } from "vitest";
import { pathGradients, pathResidual, pathSplit, pathTerms } from "../../src/study/path-split.js";
import { pathNames } from "../../src/study/sentence-study.js";
import { expectEqual, list, matrix, measure, plus, scale, times, total, transposedTimes } from "./measured.js";
import { cells, smallModel } from "./small-model.js";

const H = 4;

/** The h of each direction within a term, [forward; backward]; an LSTM has its c between. */
const hidden = (term: Float64Array): number[] => [
  ...term.subarray(0, H),
  ...term.subarray(term.length / 2).subarray(0, H),
];

describe.each(cells)("the path split with a %s encoder", (cell) => {
  const model = smallModel({ cell });
  const weight = (name: string): number[][] => matrix(model.stateDict()[name]);
  const measured = measure(model);
  const { trace, loss, words, states, values, gradients } = measured;
  const terms = pathTerms(pathGradients(trace, loss));

  it("is exact: the four terms sum to each state's gradient to 1e-10, the shares to 1", async () => {
    expect(pathResidual(await terms)).toBeLessThan(1e-10);
    const split = pathSplit(await terms);
    expect(Math.min(...split.total)).toBeGreaterThan(1e-4);
    expectEqual(
      total(pathNames.map((path) => [...split[path]])),
      words.map(() => 1),
    );
  });

  it("has the value term Σ_t α_tj γ_t", async () => {
    const [alpha, gamma] = [values("alpha"), gradients("context")];
    for (const [j, term] of (await terms).value.entries()) {
      expectEqual(hidden(term), total(gamma.map((g, t) => scale(g, alpha[t][j]))));
    }
  });

  it("has the score term Σ_t ē_tj Uᵀ[v ⊙ (1 − q_tj²)]", async () => {
    const [eBar, query, U, [v]] = [gradients("e"), values("query"), weight("U.weight"), weight("v.weight")];
    for (const [j, term] of (await terms).score.entries()) {
      const key = times(U, states[j]);
      const perStep = query.map((w, t) => {
        const slope = v.map((x, a) => x * (1 - Math.tanh(w[a] + key[a]) ** 2));
        return scale(transposedTimes(U, slope), eBar[t][j]);
      });
      expectEqual(hidden(term), total(perStep));
    }
  });

  it("has the bridge term Wᵀ[s̄₀ ⊙ (1 − s₀²)] at the first word's backward state, and nothing elsewhere", async () => {
    // With one sentence the bracket is the gradient of the bridge's bias.
    loss.backward(undefined, { retainGraph: true });
    const bracket = list(model.bridge.bias?.grad ?? null);
    const [first, ...rest] = (await terms).bridge;
    expectEqual(hidden(first), [0, 0, 0, 0, ...transposedTimes(weight("bridge.weight"), bracket)]);
    for (const term of rest) expect([...term].every((x) => x === 0)).toBe(true);
  });

  it("has recurrence terms everywhere, and in an LSTM only they reach c", async () => {
    const { recurrence, value, score, bridge } = await terms;
    expect(Math.min(...pathSplit(await terms).norms.recurrence)).toBeGreaterThan(1e-5);
    for (const j of words) {
      const memory = plus(plus([...value[j]], [...score[j]]), [...bridge[j]]).filter((_, i) => i % (2 * H) >= H);
      if (cell === "lstm") expect(memory).toEqual(new Array(2 * H).fill(0));
    }
    expect(recurrence.length).toBe(words.length);
  });
});

describe("the recurrence term of a plain recurrent net", () => {
  it("is Wᵀ[h̄ ⊙ (1 − h²)] of the next state of its direction", async () => {
    const model = smallModel({ cell: "rnn" });
    const { trace, loss, words, states } = measure(model);
    const terms = await pathTerms(pathGradients(trace, loss));
    const back = (suffix: string, next: number, from: number): number[] => {
      if (!(next in states)) return [0, 0, 0, 0];
      const h = states[next].slice(from, from + H);
      const bracket = h.map((x, i) => terms.total[next][from + i] * (1 - x * x));
      return transposedTimes(matrix(model.stateDict()[`encoder.weight_hh_l0${suffix}`]), bracket);
    };
    for (const j of words) {
      expectEqual(terms.recurrence[j], [...back("", j + 1, 0), ...back("_reverse", j - 1, H)]);
    }
  });
});

describe("the path split without attention", () => {
  it("knows the bridge and the recurrence only, and still sums to 1", async () => {
    const { trace, loss } = measure(smallModel({ model: "rnnencdec" }));
    const terms = await pathTerms(pathGradients(trace, loss));
    const split = pathSplit(terms);
    expect(pathResidual(terms)).toBeLessThan(1e-10);
    expect([...split.norms.value, ...split.norms.score]).toEqual(new Array(10).fill(0));
    expectEqual(plus(split.bridge, split.recurrence), [1, 1, 1, 1, 1]);
    expect(split.norms.bridge.map((norm) => norm > 0)).toEqual([true, false, false, false, true]);
  });
});

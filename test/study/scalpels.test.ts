import { describe, expect, it } from "vitest";
import { DataError } from "../../src/errors.js";
import { type PathTerms, pathGradients, pathTerms } from "../../src/study/path-split.js";
import { cut, type ScalpelName, scalpels, together, truncated } from "../../src/study/scalpels.js";
import { type PathName, pathNames } from "../../src/study/sentence-study.js";
import { expectEqual, list, measure } from "./measured.js";
import { cells, smallModel } from "./small-model.js";

const termsOf = (model: ReturnType<typeof smallModel>, ...names: ScalpelName[]): Promise<PathTerms> => {
  const { trace, loss } = measure(model, { change: cut(...names) });
  return pathTerms(pathGradients(trace, loss));
};

const isZero = (terms: readonly Float64Array[]): boolean => terms.every((term) => term.every((x) => x === 0));

describe.each(cells)("a cut behind a %s encoder", (cell) => {
  const model = smallModel({ cell });

  it("changes no output, whichever it is", () => {
    const plain = list(measure(model).trace.logits);
    for (const name of Object.keys(scalpels) as ScalpelName[]) {
      expect(list(measure(model, { change: cut(name) }).trace.logits), name).toEqual(plain);
    }
  });

  it("through one path takes exactly that term away, and leaves what enters by the others", async () => {
    const whole = await termsOf(model);
    for (const removed of pathNames) {
      const terms = await termsOf(model, removed);
      expect(isZero(terms[removed]), removed).toBe(true);
      // The recurrence passes on what enters elsewhere, so it follows the others.
      const untouched = (["value", "score", "bridge"] as PathName[]).filter((path) => path !== removed);
      for (const path of untouched) {
        for (const [j, term] of terms[path].entries()) expectEqual(term, [...whole[path][j]]);
      }
    }
  });

  it("through the attention weights leaves no gradient to scores and keys", async () => {
    const { trace, loss } = measure(model, { change: cut("attention") });
    expect(trace.gradients(loss, trace.steps("e"))).toEqual(trace.steps("e").map(() => null));
    expect(isZero((await termsOf(model, "attention")).score)).toBe(true);
  });

  it("between decoder states leaves each context the gradient of its own word's loss only", () => {
    const { trace, loss } = measure(model, { change: cut("decoder") });
    const losses = trace.logits.crossEntropy(trace.labels, { reduction: "none" }).at(0);
    trace.steps("context").forEach((site, t) => {
      const [all] = trace.gradients(loss, [site]);
      const [own] = trace.gradients(losses.at(t), [site]);
      expectEqual(list(all), list(own));
    });
  });

  it("through every path leaves the encoder without a gradient", async () => {
    const { total } = await termsOf(model, "value", "score", "bridge");
    expect(isZero(total)).toBe(true);
  });
});

describe("truncated back-propagation", () => {
  const recurrence = async (change: ReturnType<typeof truncated>): Promise<boolean[]> => {
    const { trace, loss } = measure(smallModel(), { change });
    const terms = await pathTerms(pathGradients(trace, loss));
    return terms.recurrence.map((term) => term.subarray(0, 4).some((x) => x !== 0));
  };

  it("cuts the forward direction after every block", async () => {
    expect(await recurrence(truncated(2, 5))).toEqual([true, false, true, false, false]);
    expect(await recurrence(truncated(1, 5))).toEqual([false, false, false, false, false]);
    expect(await recurrence(truncated(5, 5))).toEqual([true, true, true, true, false]);
  });

  it("goes together with other cuts", async () => {
    const { trace, loss } = measure(smallModel(), { change: together(truncated(1, 5), cut("score")) });
    const terms = await pathTerms(pathGradients(trace, loss));
    expect([isZero(terms.recurrence), isZero(terms.score), isZero(terms.value)]).toEqual([true, true, false]);
  });
});

describe("cut and truncated", () => {
  it("refuse what they do not know", () => {
    expect(() => cut("scores" as ScalpelName)).toThrow(DataError);
    expect(() => cut("scores" as ScalpelName)).toThrow(/no scalpel "scores": there are attention, value, score/);
    expect(() => truncated(0, 5)).toThrow(/steps must be a whole number of 1 or more, got 0/);
  });
});

import * as Plot from "@observablehq/plot";
import type { CorpusExplanation, SeedVariance } from "../../src/index.js";
import { plot } from "./plot.js";
import { exact } from "./theme.js";

const tauColors = {
  domain: ["gradient, α constant", "gradient through α", "leave one out"],
  range: ["var(--value)", "var(--score)", "var(--recurrence)"],
};

const BINS = 20;

/** How τ between α and three measures is spread over target words. */
export function tauHistogram({ tau }: CorpusExplanation, width: number): Element {
  const lists = [tau.gradient, tau.gradientThroughAttention, tau.leaveOneOut];
  const bars = lists.flatMap((list, i) => {
    const counts = new Array<number>(BINS).fill(0);
    for (const value of list) counts[Math.min(BINS - 1, Math.floor(((value + 1) / 2) * BINS))]++;
    return counts.map((count, bin) => ({
      measure: tauColors.domain[i],
      tau: -1 + (2 * (bin + 0.5)) / BINS,
      share: count / (list.length || 1),
      count,
    }));
  });
  return plot({
    width,
    height: 300,
    marginLeft: 48,
    below: "Kendall τ with α",
    x: { domain: [-1, 1] },
    y: { label: "share of target words", grid: true, nice: true },
    color: { ...tauColors, legend: true },
    marks: [
      Plot.ruleX([0], { strokeOpacity: 0.5 }),
      Plot.lineY(bars, { x: "tau", y: "share", z: "measure", stroke: "measure", curve: "step", strokeWidth: 1.8 }),
      Plot.tip(
        bars,
        Plot.pointer({
          x: "tau",
          y: "share",
          title: (d) =>
            `${d.measure}\nτ from ${exact(d.tau - 1 / BINS)} to ${exact(d.tau + 1 / BINS)}: ${d.count} words`,
        }),
      ),
      Plot.ruleY([0]),
    ],
  });
}

const orderColors = {
  domain: ["attention", "gradient", "product", "random"],
  range: ["var(--value)", "var(--score)", "var(--bridge)", "var(--quiet)"],
};

/** The share of target words whose decision has flipped once a share of the weights is gone. */
export function erasureCurves({ erasure }: CorpusExplanation, width: number): Element {
  const orders = ["attention", "gradient", "product", "random"] as const;
  const points = orders.flatMap((order) => {
    const sorted = [...erasure[order]].sort((a, b) => a - b);
    const flipped = sorted.filter((share) => share < 1);
    const steps = flipped.map((share, i) => ({ order, share, words: (i + 1) / sorted.length }));
    return [{ order, share: 0, words: 0 }, ...steps, { order, share: 1, words: flipped.length / (sorted.length || 1) }];
  });
  return plot({
    width,
    height: 300,
    marginLeft: 48,
    below: "share of weights erased",
    x: { domain: [0, 1] },
    y: { label: "share of decisions flipped", grid: true, domain: [0, 1] },
    color: { ...orderColors, legend: true },
    marks: [
      Plot.line(points, { x: "share", y: "words", z: "order", stroke: "order", curve: "step-after", strokeWidth: 1.8 }),
      Plot.tip(
        points,
        Plot.pointer({
          x: "share",
          y: "words",
          title: (d) =>
            `${d.order === "random" ? "at random" : `by ${d.order}`}\n${exact(d.share)} of the weights gone\n${exact(d.words)} of the decisions flipped`,
        }),
      ),
      Plot.ruleY([0]),
    ],
  });
}

/** JSD of the farthest attention that says the same, against how much the output changes by shuffling α. */
export function adversaryPlot({ adversary, permutation }: CorpusExplanation, width: number): Element {
  const points = adversary.divergence.map((divergence, i) => ({ divergence, permutation: permutation[i] }));
  return plot({
    width,
    height: 300,
    marginLeft: 48,
    below: "output change by shuffling α (median TVD)",
    x: {
      domain: [0, 1],
    },
    y: { label: "divergence of the adversary (nats, at most ln 2)", grid: true, domain: [0, 0.7] },
    marks: [
      Plot.ruleY([Math.LN2], { strokeDasharray: "3 3" }),
      Plot.ruleY([0]),
      Plot.dot(points, {
        x: "permutation",
        y: "divergence",
        fill: "var(--value)",
        fillOpacity: 0.5,
        r: 3,
        title: (d) => `JSD(α̃, α) = ${exact(d.divergence)}\nshuffled α: ${exact(d.permutation)}`,
        tip: true,
      }),
    ],
  });
}

const moverColors = { domain: ["adversary", "another seed"], range: ["var(--value)", "var(--score)"] };

/** The share of target words whose attention moved by at most so much: by the adversary, and by the seed alone. */
export function seedCurves(adversary: readonly number[], seeds: readonly SeedVariance[], width: number): Element {
  const curve = (mover: string, values: readonly number[]) => {
    const sorted = [...values].sort((a, b) => a - b);
    const steps = sorted.map((divergence, i) => ({ mover, divergence, words: (i + 1) / sorted.length }));
    return steps.length === 0 ? [] : [{ mover, divergence: 0, words: 0 }, ...steps];
  };
  const moved = seeds.flatMap(({ divergence }) => divergence);
  const points = [...curve("adversary", adversary), ...curve("another seed", moved)];
  return plot({
    width,
    height: 300,
    marginLeft: 48,
    below: "divergence from α (nats, at most ln 2)",
    x: {
      domain: [0, 0.7],
    },
    y: { label: "share of target words", grid: true, domain: [0, 1] },
    color: { ...moverColors, legend: true },
    marks: [
      Plot.ruleX([Math.LN2], { strokeDasharray: "3 3" }),
      Plot.line(points, {
        x: "divergence",
        y: "words",
        z: "mover",
        stroke: "mover",
        curve: "step-after",
        strokeWidth: 1.8,
      }),
      Plot.tip(
        points,
        Plot.pointer({
          x: "divergence",
          y: "words",
          title: (d) => `${d.mover}\n${exact(d.words)} of the words moved by at most ${exact(d.divergence)} nats`,
        }),
      ),
      Plot.ruleY([0]),
    ],
  });
}

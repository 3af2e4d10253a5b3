import * as Plot from "@observablehq/plot";
import { plot } from "./plot.js";
import { exact } from "./theme.js";
import { shortened, wordsWidth } from "./words.js";

/** A word that a beam search kept; what `calls.ts` of the study page calls a beam node. */
interface Node {
  readonly parent: number | null;
  readonly step: number;
  readonly word: string;
  readonly logProbability: number;
  readonly ended: boolean;
}

const MOST_STEP = 86;
/** A word's part of a step; the rest is the line to the next one. */
const WORD_SHARE = 0.74;
const ROW = 26;

/** The beam as a tree: steps from left to right, at each the kept beginnings, the likeliest on top; the chosen one bold. */
export function beamTree(nodes: readonly Node[], chosen: readonly string[], width: number): Element {
  const ranks = new Map<number, number>();
  const placed = nodes.map((node, index) => {
    const rank = ranks.get(node.step) ?? 0;
    ranks.set(node.step, rank + 1);
    return { ...node, index, rank };
  });
  const best = chosenPath(nodes, chosen);
  const links = placed.flatMap((node) =>
    node.parent === null ? [] : [{ from: placed[node.parent], to: node, best: best.has(node.index) }],
  );
  const text = ({ word }: Node): string => shortened(word);
  const steps = Math.max(...nodes.map(({ step }) => step)) + 1;
  const rows = Math.max(...ranks.values());
  const least = (wordsWidth(nodes.map(({ word }) => word)) + 6) / WORD_SHARE;
  const step = Math.max(least, Math.min(MOST_STEP, (width - 20) / steps));
  return plot({
    width: steps * step + 20,
    height: rows * ROW + 46,
    marginLeft: 10,
    marginRight: 10,
    marginTop: 34,
    marginBottom: 6,
    x: {
      domain: [-0.4, steps - 0.4],
      axis: "top",
      label: "step",
      labelAnchor: "left",
      labelArrow: "none",
      ticks: steps,
      tickFormat: (i: number) => String(i + 1),
    },
    y: { domain: [-0.5, rows - 0.5], reverse: true, axis: null },
    marks: [
      Plot.link(links, {
        x1: (d) => d.from.step + WORD_SHARE / 2,
        x2: (d) => d.to.step - WORD_SHARE / 2,
        y1: (d) => d.from.rank,
        y2: (d) => d.to.rank,
        stroke: (d) => (d.best ? "var(--accent)" : "var(--quiet)"),
        strokeWidth: 1.6,
        strokeOpacity: (d) => (d.best ? 1 : 0.45),
        curve: "bump-x",
      }),
      Plot.text(
        placed.filter(({ index }) => best.has(index)),
        { x: "step", y: "rank", text, fill: "var(--accent)", fontWeight: "bold" },
      ),
      Plot.text(
        placed.filter(({ index }) => !best.has(index)),
        { x: "step", y: "rank", text, fill: (d) => (d.ended ? "var(--quiet)" : "currentColor") },
      ),
      Plot.tip(
        placed,
        Plot.pointer({
          x: "step",
          y: "rank",
          title: (d) =>
            `${d.word}, step ${d.step + 1}\nln p so far: ${exact(d.logProbability)}${d.ended ? "\nended here" : ""}`,
        }),
      ),
    ],
  });
}

/** The nodes of the branch that became the translation. */
function chosenPath(nodes: readonly Node[], chosen: readonly string[]): Set<number> {
  const path = (index: number): number[] => {
    const { parent } = nodes[index];
    return parent === null ? [index] : [...path(parent), index];
  };
  const ends = nodes.flatMap(({ ended }, index) => (ended ? [path(index)] : []));
  const words = (branch: readonly number[]): string[] =>
    branch.map((index) => nodes[index].word).filter((w) => w !== "<eos>");
  return new Set(ends.find((branch) => words(branch).join(" ") === chosen.join(" ")));
}

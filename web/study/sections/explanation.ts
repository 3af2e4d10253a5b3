import type { CorpusExplanation } from "../../../src/index.js";
import { byId, figure } from "../../page/figure.js";
import { adversaryPlot, erasureCurves, tauHistogram } from "../../plots/explanation.js";
import { short } from "../../plots/theme.js";
import type { App } from "../app.js";
import type { AskedSentence } from "../calls.js";
import { cancellable, type Progress } from "../cancellable.js";
import { remember, rememberedWhole } from "../permalink.js";

/** What was measured here, for the plots that hold something against it. */
export interface Explained {
  /** The run with attention; −1 where there is none. */
  readonly run: number;
  /** The sentences that are measured on. */
  pairs(): AskedSentence[];
  latest(): CorpusExplanation | null;
  onMeasured(listener: () => void): void;
}

/** 7a. Is attention an explanation? Measured over test sentences, with progress, until it is done or cancelled. */
export function explanationSection(app: App): Explained {
  const run = app.runs.findIndex(({ model }) => model === "rnnsearch");
  const count = byId("explain-count") as HTMLInputElement;
  const available = app.data.sentences.length;
  count.max = String(available);
  count.value = String(rememberedWhole("explained", 1, available) ?? Math.min(10, available));
  count.addEventListener("input", () => remember("explained", count.validity.valid ? count.value : null));

  const listeners: (() => void)[] = [];
  let found: CorpusExplanation | null = null;
  const redraws = [
    figure("tau", {
      draw: (width) => found && tauHistogram(found, width),
      otherwise: "Not measured yet.",
      table: () =>
        Object.entries(found!.tau).flatMap(([measure, values]) => values.map((tau: number) => ({ measure, tau }))),
    }),
    figure("erasure", {
      draw: (width) => found && erasureCurves(found, width),
      otherwise: "Not measured yet.",
      table: () =>
        Object.entries(found!.erasure).flatMap(([order, values]) => values.map((share: number) => ({ order, share }))),
    }),
    figure("adversary", {
      draw: (width) => found && adversaryPlot(found, width),
      otherwise: "Not measured yet.",
      table: () =>
        found!.adversary.divergence.map((divergence, i) => ({
          divergence,
          outputChange: found!.adversary.outputChange[i],
          permutation: found!.permutation[i],
        })),
    }),
  ];
  const show = (soFar: CorpusExplanation): void => {
    found = soFar;
    for (const redraw of redraws) redraw();
    for (const listener of listeners) listener();
    tell(soFar);
  };
  const pairs = (): AskedSentence[] => {
    if (!count.validity.valid || count.value === "") {
      throw new Error(`sentences: a whole number from 1 to ${available}`);
    }
    return app.data.sentences.slice(0, count.valueAsNumber).map((pair) => ({ run, ...pair }));
  };
  const measure = async ({ signal, share }: Progress): Promise<void> => {
    const onProgress = (report: { share: number; soFar: CorpusExplanation }): void => {
      share(report.share);
      show(report.soFar);
    };
    const all = await app.remote.ask("explain", { run, pairs: pairs() }, { signal, onProgress });
    if (all.sentences > 0) show(all);
  };
  cancellable("explain", run >= 0 && available > 0, measure);
  return { run, pairs, latest: () => found, onMeasured: (listener) => void listeners.push(listener) };
}

const mean = (values: readonly number[]): string =>
  values.length === 0 ? "unknown" : short(values.reduce((sum, value) => sum + value, 0) / values.length);

function tell({ sentences, tau, adversary, erasure, alignmentErrorRate, loss }: CorpusExplanation): void {
  const rates = alignmentErrorRate
    ? ` Alignment error rate of α: ${short(alignmentErrorRate.attention)}; of gradient × input: ${short(alignmentErrorRate.saliency)}.`
    : "";
  const facts = {
    explain:
      `${sentences} ${sentences === 1 ? "sentence" : "sentences"}, ${adversary.divergence.length} target words. Loss with α: ` +
      `${short(loss.observed)} nats a token; with all words looked at alike: ${short(loss.uniform)}.${rates}`,
    tau:
      `Mean τ: ${mean(tau.gradient)} with gradient × input, α constant; ${mean(tau.gradientThroughAttention)} through α; ` +
      `${mean(tau.leaveOneOut)} with leave one out.`,
    erasure:
      `Mean share erased before a decision flips: ${mean(erasure.attention)} by α, ${mean(erasure.gradient)} by gradient, ` +
      `${mean(erasure.product)} by their product, ${mean(erasure.random)} at random.`,
    adversary: `Mean divergence: ${mean(adversary.divergence)} of at most ${short(Math.LN2)} nats.`,
  };
  for (const [id, text] of Object.entries(facts)) byId(`${id}-facts`).textContent = text;
}

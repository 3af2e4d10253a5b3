import type { CorpusExplanation } from "../../../src/index.js";
import { byId, figure } from "../../page/figure.js";
import { adversaryPlot, erasureCurves, tauHistogram } from "../../plots/explanation.js";
import { short } from "../../plots/theme.js";
import type { App } from "../app.js";
import type { AskedSentence } from "../calls.js";
import { remember, rememberedNumber } from "../permalink.js";

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
  const start = byId("explain-start") as HTMLButtonElement;
  const cancel = byId("explain-cancel") as HTMLButtonElement;
  const count = byId("explain-count") as HTMLInputElement;
  const bar = byId("explain-progress") as HTMLProgressElement;
  const available = app.data.sentences.length;
  count.max = String(available);
  count.value = String(rememberedNumber("explained", 1, available) ?? Math.min(10, available));
  count.addEventListener("input", () => remember("explained", count.validity.valid ? count.value : null));
  start.disabled = run < 0 || available === 0;

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
    byId("explain-facts").textContent = factsOf(soFar);
  };
  const pairs = (): AskedSentence[] => {
    const wanted = Math.max(1, Math.min(available, Math.round(Number(count.value)) || 1));
    return app.data.sentences.slice(0, wanted).map((pair) => ({ run, ...pair }));
  };
  start.addEventListener("click", async () => {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    cancel.addEventListener("click", stop);
    [start.disabled, cancel.disabled, bar.hidden, bar.value] = [true, false, false, 0];
    try {
      const onProgress = (report: { share: number; soFar: CorpusExplanation }): void => {
        bar.value = report.share;
        show(report.soFar);
      };
      const all = await app.remote.ask("explain", { run, pairs: pairs() }, { signal: controller.signal, onProgress });
      if (all.sentences > 0) show(all);
    } catch (error) {
      app.fail(error);
    }
    [start.disabled, cancel.disabled, bar.hidden] = [false, true, true];
    cancel.removeEventListener("click", stop);
  });
  return { run, pairs, latest: () => found, onMeasured: (listener) => void listeners.push(listener) };
}

const mean = (values: readonly number[]): string =>
  values.length === 0 ? "unknown" : short(values.reduce((sum, value) => sum + value, 0) / values.length);

function factsOf({ sentences, tau, adversary, erasure, alignmentErrorRate, loss }: CorpusExplanation): string {
  const rates = alignmentErrorRate
    ? ` Alignment error rate of α: ${short(alignmentErrorRate.attention)}, of gradient × input: ${short(alignmentErrorRate.saliency)}.`
    : "";
  return (
    `${sentences} sentences. Mean τ with gradient × input, α constant: ${mean(tau.gradient)}; through α: ` +
    `${mean(tau.gradientThroughAttention)}; with leave one out: ${mean(tau.leaveOneOut)}. Mean divergence of the adversary: ` +
    `${mean(adversary.divergence)} of at most ${short(Math.LN2)} nats. Mean share erased before a decision flips, by α: ` +
    `${mean(erasure.attention)}, by gradient: ${mean(erasure.gradient)}, by their product: ${mean(erasure.product)}, at random: ` +
    `${mean(erasure.random)}. Loss with α: ${short(loss.observed)} nats a token, all words looked at alike: ${short(loss.uniform)}.${rates}`
  );
}

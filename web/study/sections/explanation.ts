import type { CorpusExplanation } from "../../../src/index.js";
import { byId, figure } from "../../page/figure.js";
import { adversaryPlot, erasureCurves, tauHistogram } from "../../plots/explanation.js";
import { exact } from "../../plots/theme.js";
import type { App } from "../app.js";

/** 7. Is attention an explanation? Measured over test sentences, with progress, until it is done or cancelled. */
export function explanationSection(app: App): void {
  const run = app.runs.findIndex(({ model }) => model === "rnnsearch");
  const start = byId("explain-start") as HTMLButtonElement;
  const cancel = byId("explain-cancel") as HTMLButtonElement;
  const count = byId("explain-count") as HTMLInputElement;
  const bar = byId("explain-progress") as HTMLProgressElement;
  const available = app.data.sentences.length;
  count.max = String(available);
  count.value = String(Math.min(10, available));
  start.disabled = run < 0 || available === 0;

  let found: CorpusExplanation | null = null;
  const redraws = [
    figure("tau", {
      draw: (width) => found && tauHistogram(found, width),
      table: () =>
        Object.entries(found!.tau).flatMap(([measure, values]) => values.map((tau: number) => ({ measure, tau }))),
    }),
    figure("erasure", {
      draw: (width) => found && erasureCurves(found, width),
      table: () =>
        Object.entries(found!.erasure).flatMap(([order, values]) => values.map((share: number) => ({ order, share }))),
    }),
    figure("adversary", {
      draw: (width) => found && adversaryPlot(found, width),
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
    byId("explain-facts").textContent = factsOf(soFar);
  };
  start.addEventListener("click", async () => {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    cancel.addEventListener("click", stop);
    [start.disabled, cancel.disabled, bar.hidden, bar.value] = [true, false, false, 0];
    const wanted = Math.max(1, Math.min(available, Math.round(Number(count.value)) || 1));
    const pairs = app.data.sentences.slice(0, wanted).map((pair) => ({ run, ...pair }));
    try {
      const onProgress = (report: { share: number; soFar: CorpusExplanation }): void => {
        bar.value = report.share;
        show(report.soFar);
      };
      const all = await app.remote.ask("explain", { run, pairs }, { signal: controller.signal, onProgress });
      if (all.sentences > 0) show(all);
    } catch (error) {
      app.fail(error);
    }
    [start.disabled, cancel.disabled, bar.hidden] = [false, true, true];
    cancel.removeEventListener("click", stop);
  });
}

const mean = (values: readonly number[]): string =>
  values.length === 0 ? "unknown" : exact(values.reduce((sum, value) => sum + value, 0) / values.length);

function factsOf({ sentences, tau, adversary, erasure, alignmentErrorRate, loss }: CorpusExplanation): string {
  const rates = alignmentErrorRate
    ? ` Alignment error rate of α: ${exact(alignmentErrorRate.attention)}, of gradient × input: ${exact(alignmentErrorRate.saliency)}.`
    : "";
  return (
    `${sentences} sentences. Mean τ with gradient × input, α constant: ${mean(tau.gradient)}; through α: ` +
    `${mean(tau.gradientThroughAttention)}; with leave one out: ${mean(tau.leaveOneOut)}. Mean divergence of the adversary: ` +
    `${mean(adversary.divergence)} of at most ${exact(Math.LN2)} nats. Mean share erased before a decision flips, by α: ` +
    `${mean(erasure.attention)}, by gradient: ${mean(erasure.gradient)}, by their product: ${mean(erasure.product)}, at random: ` +
    `${mean(erasure.random)}. Loss with α: ${exact(loss.observed)} nats a token, all words looked at alike: ${exact(loss.uniform)}.${rates}`
  );
}

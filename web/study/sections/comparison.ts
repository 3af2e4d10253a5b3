import type { AttentionStudy } from "../../../src/index.js";
import { choice } from "../../page/choice.js";
import { byId, figure } from "../../page/figure.js";
import { byLengthPlot, type LengthMetric, lengthMetrics } from "../../plots/by-length.js";
import { pathShares } from "../../plots/paths.js";
import { modelNames } from "../../plots/theme.js";
import type { App } from "../app.js";
import { pathTable } from "../path-table.js";
import { remember, rememberedOption } from "../permalink.js";

/** 9. Two models on the same sentence and target, and Bahdanau's figure 2 at this scale. */
export function comparisonSection(app: App): void {
  const studies: (AttentionStudy | null)[] = [null, null];
  const sides = app.runs.slice(0, 2).map(({ model }, side) => {
    byId(`compare-name-${side}`).textContent = modelNames[model];
    return figure(`compare-${side}`, {
      draw: (width) => {
        const study = studies[side];
        const beside = studies.filter((one) => one !== null);
        return study && pathShares(study, width, beside);
      },
      table: () => pathTable(studies[side]!),
    });
  });
  if (sides.length === 2) {
    app.onStudied(({ sentence }) => {
      for (const side of sides.keys()) {
        const ask = { sentence: { ...sentence, run: side }, cuts: [], truncate: null };
        app.remote
          .askLatest(`compare-${side}`, "study", ask, (study) => {
            studies[side] = study;
            for (const redraw of sides) redraw();
          })
          .catch(app.fail);
      }
    });
  } else byId("compare").remove();

  const { summary } = app.data;
  if (!summary) {
    byId("figure-2").remove();
    return;
  }
  let metric = rememberedOption("metric", Object.keys(lengthMetrics) as LengthMetric[], "bleu");
  const redraw = figure("by-length", {
    draw: (width) => byLengthPlot(summary, metric, width),
    table: () => summary.models.flatMap(({ model, byLength }) => byLength.map((bucket) => ({ model, ...bucket }))),
  });
  const metrics = (Object.keys(lengthMetrics) as LengthMetric[]).map((key) => [key, lengthMetrics[key].name] as const);
  choice(
    byId("by-length-choice"),
    "metric",
    metrics,
    (chosen) => {
      metric = chosen;
      remember("metric", chosen);
      redraw();
    },
    metric,
  );
}

import type { ReportData } from "../../src/index.js";
import { choice, dropDown } from "../page/choice.js";
import { byId, figure } from "../page/figure.js";
import { type AlignmentQuantity, alignmentHeatmap, alignmentQuantities } from "../plots/alignment.js";
import { byLengthPlot, type LengthMetric, lengthMetrics } from "../plots/by-length.js";
import { type InfluenceQuantity, influenceQuantities, influenceWords } from "../plots/influence.js";
import { gradientNormCurve, lossCurve } from "../plots/learning-curves.js";
import { pathNorms, pathShares } from "../plots/paths.js";
import { modelNames } from "../plots/theme.js";
import { exampleList, summaryTable } from "./tables.js";

const entries = <T extends string>(options: Record<T, { name: string }>, label: (key: T) => string): [T, string][] =>
  (Object.keys(options) as T[]).map((key) => [key, label(key)]);

function showRun({ summary, curves, studyPage }: ReportData): void {
  if (studyPage) {
    byId("live").hidden = false;
    byId("live-link").setAttribute("href", studyPage);
  }
  const { name, created, corpus } = summary;
  document.title = `Backflow: ${name}`;
  byId("run-name").textContent = name;
  byId("run-facts").textContent =
    `${corpus.kind} corpus: ${corpus.train.toLocaleString("en")} training, ${corpus.validation.toLocaleString("en")} validation and ` +
    `${corpus.test.toLocaleString("en")} test pairs, trained on sentences of up to ${corpus.trainMaxLength} words; ` +
    `vocabularies of ${corpus.sourceVocabulary} and ${corpus.targetVocabulary} tokens. ${new Date(created).toLocaleString("en")}.`;
  byId("summary").replaceChildren(summaryTable(summary));
  byId("examples").replaceChildren(exampleList(summary));
  figure("loss", { draw: (width) => lossCurve(curves, width) });
  figure("gradient-norm", { draw: (width) => gradientNormCurve(curves, width) });

  const measured = entries<LengthMetric>(lengthMetrics, (key) => lengthMetrics[key].name).filter(([metric]) =>
    summary.models.some(({ byLength }) => byLength.some((bucket) => bucket[metric] !== null)),
  );
  let metric: LengthMetric = "exactMatch";
  const redraw = figure("by-length", { draw: (width) => byLengthPlot(summary, metric, width) });
  choice(byId("by-length-choice"), "metric", measured, (chosen) => {
    metric = chosen;
    redraw();
  });
}

function showStudies({ studies }: ReportData): void {
  if (studies.length === 0) {
    byId("studies").remove();
    return;
  }
  let study = studies[0];
  let quantity: AlignmentQuantity = "alpha";
  let influence: InfluenceQuantity = "influence";
  const redraws = [
    figure("alignment", {
      draw: (width) => alignmentHeatmap(study, quantity, width),
      otherwise: "This model has no attention.",
    }),
    figure("path-shares", { draw: (width) => pathShares(study, width) }),
    figure("path-norms", { draw: (width) => pathNorms(study, width) }),
    figure("influence", { draw: () => influenceWords(study, influence) }),
  ];
  const redraw = (): void => {
    for (const one of redraws) one();
  };
  dropDown(
    byId("sentence-choice"),
    "Sentence",
    studies.map(({ model, source }) => `${modelNames[model]}: ${source.join(" ")}`),
    (index) => {
      study = studies[index];
      redraw();
    },
  );
  const symbols = entries<AlignmentQuantity>(alignmentQuantities, (key) => alignmentQuantities[key].symbol);
  choice(byId("alignment-choice"), "quantity", symbols, (chosen) => {
    quantity = chosen;
    redraw();
  });
  const influences = entries<InfluenceQuantity>(influenceQuantities, (key) => influenceQuantities[key].symbol);
  choice(byId("influence-choice"), "influence", influences, (chosen) => {
    influence = chosen;
    redraw();
  });
}

const data: ReportData = JSON.parse(byId("report-data").textContent ?? "");
showRun(data);
showStudies(data);

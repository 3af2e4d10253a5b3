import type { StudyPageData } from "../../src/index.js";
import { byId } from "../page/figure.js";
import { modelNames } from "../plots/theme.js";
import { App } from "./app.js";
import { Remote } from "./remote.js";
import { alignmentSection } from "./sections/alignment.js";
import { comparisonSection } from "./sections/comparison.js";
import { distanceSection } from "./sections/distance.js";
import { explanationSection } from "./sections/explanation.js";
import { lossSection } from "./sections/loss.js";
import { pathsSection } from "./sections/paths.js";
import { scalpelSection } from "./sections/scalpels.js";
import { sentenceSection } from "./sections/sentence.js";
import { trainingSection } from "./sections/training.js";
import BackflowWorker from "./worker.js?worker&inline";

const fail = (error: unknown): void => {
  const box = byId("failure");
  box.hidden = false;
  box.textContent = error instanceof Error ? error.message : String(error);
};

async function start(): Promise<void> {
  const data: StudyPageData = JSON.parse(byId("report-data").textContent ?? "");
  const remote = new Remote(new BackflowWorker());
  const { runs, scalpels } = await remote.ask("open", data.runs);
  const app = new App(remote, data, runs, scalpels, fail);
  byId("run-name").textContent = runs[0]?.name ?? "";
  byId("run-facts").textContent = runs
    .map(
      ({ model, cell, parameters }) => `${modelNames[model]} (${cell}), ${parameters.toLocaleString("en")} parameters`,
    )
    .join("; ");
  alignmentSection(app);
  pathsSection(app);
  distanceSection(app);
  lossSection(app);
  scalpelSection(app);
  explanationSection(app);
  trainingSection(app);
  comparisonSection(app);
  sentenceSection(app);
}

start().catch(fail);

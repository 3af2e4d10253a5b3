import type { StudyPageData } from "../../src/index.js";
import { byId } from "../page/figure.js";
import { modelNames } from "../plots/theme.js";
import { App } from "./app.js";
import { Remote } from "./remote.js";
import { alignmentSection } from "./sections/alignment.js";
import { comparisonSection } from "./sections/comparison.js";
import { deviceSection } from "./sections/device.js";
import { distanceSection } from "./sections/distance.js";
import { explanationSection } from "./sections/explanation.js";
import { lossSection } from "./sections/loss.js";
import { pathsSection } from "./sections/paths.js";
import { runFilmSection } from "./sections/run-film.js";
import { scalpelSection } from "./sections/scalpels.js";
import { seedsSection } from "./sections/seeds.js";
import { sentenceSection } from "./sections/sentence.js";
import { trainingSection } from "./sections/training.js";
import BackflowWorker from "./worker.js?worker&inline";

/** The way to each section. What stands behind "#" in the address is the page's state, so a link scrolls by itself. */
const sectionLinks = (): HTMLElement[] =>
  [...document.querySelectorAll("h2")].map((title) => {
    const link = document.createElement("a");
    link.href = `#${title.id}`;
    link.textContent = title.textContent;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      title.tabIndex = -1;
      title.focus({ preventScroll: true });
      title.scrollIntoView();
    });
    return link;
  });

const fail = (error: unknown): void => {
  const box = byId("failure");
  box.hidden = false;
  box.textContent = error instanceof Error ? error.message : String(error);
};

async function start(): Promise<void> {
  const data: StudyPageData = JSON.parse(byId("report-data").textContent ?? "");
  const remote = new Remote(new BackflowWorker());
  const { runs, scalpels, computer } = await remote.ask("open", { runs: data.runs, device: "cpu" });
  const app = new App(remote, data, runs, scalpels, computer, fail);
  byId("run-name").textContent = runs[0]?.name ?? "";
  byId("run-facts").textContent = runs
    .map(
      ({ model, cell, parameters }) =>
        `${modelNames[model]} (${cell.toUpperCase()}), ${parameters.toLocaleString("en")} parameters`,
    )
    .join("; ");
  byId("sections").replaceChildren(...sectionLinks());
  if (data.reportPage) {
    byId("report-link").hidden = false;
    byId("report-link").querySelector("a")?.setAttribute("href", data.reportPage);
  }
  alignmentSection(app);
  pathsSection(app);
  distanceSection(app);
  lossSection(app);
  scalpelSection(app);
  seedsSection(app, explanationSection(app));
  runFilmSection(app);
  trainingSection(app);
  comparisonSection(app);
  await deviceSection(app, sentenceSection(app));
}

/** `backflow serve` has the kernel lab beside this page; where the page is a file, there is none. */
async function linkLab(): Promise<void> {
  if (!location.protocol.startsWith("http")) return;
  const { ok } = await fetch("/kernel-lab", { method: "HEAD" });
  byId("lab-link").hidden = !ok;
}

// What goes wrong while a figure is drawn is said as well; a browser's own warnings carry no error.
window.addEventListener("error", ({ error }) => error && fail(error));
start().catch(fail);
// A page that cannot ask is a page without the link.
linkLab().catch(() => {});

import { crossovers, crossoverTable } from "../../bench/report/crossover.js";
import { families } from "../../bench/report/families.js";
import { byProblem, preamble } from "../../bench/report/formats.js";
import type { BenchReport } from "../../bench/report/report.js";
import { choice, dropDown } from "../page/choice.js";
import { byId, figure } from "../page/figure.js";
import { table } from "../page/table.js";
import { candidateTimes, phaseTimes, sizeCurves } from "../plots/kernel-times.js";
import { roofline } from "../plots/roofline.js";
import { resultsTable } from "./results-table.js";

const lines = (texts: readonly string[], tag: "p" | "h3"): HTMLElement[] =>
  texts.map((text) => {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  });

function showRoofline(report: BenchReport): void {
  const devices = report.devices.map(({ name }) => name);
  let device = devices.find((name) => name.startsWith("gpu web")) ?? devices.at(-1) ?? "";
  const redraw = figure("roofline", {
    draw: (width) => roofline(report, device, width),
    otherwise: "No kernel with a rate ran on this device.",
  });
  const labels = [device, ...devices.filter((name) => name !== device)];
  dropDown(byId("device-choice"), "Device", labels, (index) => {
    device = labels[index];
    redraw();
  });
}

function showSizes({ results }: BenchReport): void {
  const found = families(results);
  if (found.length === 0) {
    byId("sizes-title").parentElement?.remove();
    return;
  }
  let [, chosen] = found[0];
  let span: "run" | "total" = "run";
  const redraw = figure("sizes", {
    draw: (width) => sizeCurves(chosen, span, width),
    otherwise: "Nothing was measured with upload and read-back here.",
  });
  dropDown(
    byId("family-choice"),
    "Kernel",
    found.map(([name]) => name),
    (index) => {
      chosen = found[index][1];
      redraw();
    },
  );
  const spans: ["run" | "total", string][] = [
    ["run", "data resident"],
    ["total", "with upload and read-back"],
  ];
  choice(byId("span-choice"), "span", spans, (value) => {
    span = value;
    redraw();
  });
  const crossings = crossoverTable(crossovers(results));
  if (crossings)
    byId("crossovers").replaceChildren(...lines([crossings.heading], "h3"), table(crossings.columns, crossings.rows));
}

function showProblems({ results, ceilings }: BenchReport): void {
  const problems = byProblem(results);
  if (problems.length === 0) return;
  let [, shown] = problems[0];
  const redraws = [
    figure("times", { draw: (width) => candidateTimes(shown, width), otherwise: "Nothing was timed." }),
    figure("phases", { draw: (width) => phaseTimes(shown, width), otherwise: "Only whole steps were timed here." }),
    figure("table", { draw: () => resultsTable(shown, ceilings) }),
  ];
  dropDown(
    byId("problem-choice"),
    "Problem",
    problems.map(([heading]) => heading),
    (index) => {
      shown = problems[index][1];
      for (const redraw of redraws) redraw();
    },
  );
}

/** Draws a report into the sections of results.html. */
export function showReport(report: BenchReport): void {
  byId("facts").replaceChildren(...lines(preamble(report), "p"));
  showRoofline(report);
  showSizes(report);
  showProblems(report);
}

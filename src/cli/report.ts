import { rename, rm, writeFile } from "node:fs/promises";
import { Command } from "commander";
import { DataError } from "../errors.js";
import { readRunConfig } from "../training/run-config.js";
import { readSummary, SUMMARY_FILE } from "../training/summarize.js";
import { openCorpus } from "./corpus.js";
import { notEmpty } from "./option-values.js";
import { DEMO_RUN, existingRun, runsInside } from "./run-folder.js";
import { studyPage } from "./study-page.js";

export function reportCommand(): Command {
  return new Command("report")
    .description("write the live study of a run as one HTML file that needs nothing else")
    .argument("[run]", "the run's folder", notEmpty, DEMO_RUN)
    .option("--out <file>", "where it is written", notEmpty, "study.html")
    .addHelpText("after", `\nExample:\n  $ backflow report ${DEMO_RUN} --out study.html`)
    .action(report);
}

async function report(run: string, { out }: { out: string }): Promise<void> {
  const storage = existingRun(run);
  const { corpus } = await openCorpus((await readRunConfig(storage)).corpus);
  const evaluated = (await storage.read(SUMMARY_FILE)) !== null;
  const summary = evaluated ? await readSummary(storage) : null;
  const page = await studyPage(await runsInside(run), corpus.test, summary);
  try {
    await writeFile(`${out}.part`, page);
    await rename(`${out}.part`, out);
  } catch (error) {
    // What stood in the page's way may stand in this one's too: the first reason is the one to tell.
    await rm(`${out}.part`, { force: true }).catch(() => undefined);
    throw new DataError(`${out}: it cannot be written: ${error instanceof Error ? error.message : error}`);
  }
  console.log(`${out}: ${(page.length / 1e6).toFixed(1)} MB, open it in a browser`);
}

import { Command } from "commander";
import { DataError } from "../errors.js";
import { digestOf, openRun } from "../training/run.js";
import { CONFIG_FILE } from "../training/run-config.js";
import type { RunDirectory } from "../training/run-directory.node.js";
import { concludeRun, type TrainedRun } from "./conclude-run.js";
import { openCorpus } from "./corpus.js";
import { metricsTable } from "./metrics-table.js";
import { wholeNumber } from "./option-values.js";
import { existingRun, RIVAL_FOLDER } from "./run-folder.js";
import { openTrainedModel } from "./translate.js";

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("test a trained model, and bring its summary and report up to date")
    .argument("<run>", "the run's folder")
    .option("--beam <width>", "hypotheses kept at each step; 1 is greedy", wholeNumber(1), 1)
    .option("--json", "print summary.json")
    .addHelpText("after", "\nExample:\n  $ backflow evaluate runs/fra --beam 5")
    .action(async (run: string, { beam, json }: { beam: number; json?: boolean }) => {
      const { config, model, vocabularies } = await openTrainedModel(run);
      const storage = existingRun(run);
      const opened = await openCorpus(config.corpus);
      if (digestOf(opened.corpus.train) !== config.dataDigest) {
        throw new DataError(
          `${run}: its corpus has changed, so test sentences may be among those trained on. Train anew`,
        );
      }
      const runs = [{ config, model, storage }, ...(await rivals(storage))];
      const { summary } = await concludeRun(runs, vocabularies, opened, { beam });
      console.log(
        json ? JSON.stringify(summary, null, 2) : metricsTable(summary.models, summary.corpus.trainMaxLength),
      );
    });
}

/** The run inside a demo's: the same training without attention. */
async function rivals(storage: RunDirectory): Promise<TrainedRun[]> {
  const inside = storage.folder(RIVAL_FOLDER);
  if (!(await inside.read(CONFIG_FILE))) return [];
  const { config, model } = await openRun(inside);
  return [{ config, model, storage: inside }];
}

import { Command } from "commander";
import { DataError } from "../errors.js";
import { digestOf, openRun } from "../training/run.js";
import { concludeRun, type TrainedRun } from "./conclude-run.js";
import { openCorpus } from "./corpus.js";
import { metricsTable } from "./metrics-table.js";
import { beamWidth, notEmpty } from "./option-values.js";
import { runsInside } from "./run-folder.js";
import { openTrainedModel } from "./translate.js";

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("test a trained model, and bring its summary and report up to date")
    .argument("<run>", "the run's folder", notEmpty)
    .option("--beam <width>", "hypotheses kept at each step; 1 is greedy", beamWidth, 1)
    .option("--json", "print summary.json")
    .addHelpText("after", "\nExample:\n  $ backflow evaluate runs/fra --beam 5")
    .action(async (run: string, { beam, json }: { beam: number; json?: boolean }) => {
      const { config, vocabularies } = await openTrainedModel(run);
      const opened = await openCorpus(config.corpus);
      if (digestOf(opened.corpus.train) !== config.dataDigest) {
        throw new DataError(
          `${run}: its corpus has changed, so test sentences may be among those trained on. Train anew`,
        );
      }
      const trained: TrainedRun[] = [];
      for (const storage of await runsInside(run)) trained.push({ ...(await openRun(storage)), storage });
      const { summary } = await concludeRun(trained, vocabularies, opened, { beam });
      console.log(
        json ? JSON.stringify(summary, null, 2) : metricsTable(summary.models, summary.corpus.trainMaxLength),
      );
    });
}

import { Command } from "commander";
import { tokenize } from "../data/tokenize.js";
import { studySentence } from "../study/study-sentence.js";
import { formatStudy } from "./study-table.js";
import { openTrainedModel, readSentence } from "./translate.js";

export function studyCommand(): Command {
  return new Command("study")
    .description("show where the gradient of one sentence comes from")
    .argument("<run>", "the run's folder")
    .argument("<sentence>", "the sentence, in quotes")
    .option("--target <translation>", "the translation that the loss asks for; the model's own where left out")
    .option("--json", "print JSON: tokens, α, ᾱ, ē, the path split, the influence matrices")
    .addHelpText("after", '\nExample:\n  $ backflow study runs/fra "i am cold ." --json')
    .action(async (run: string, sentence: string, options: { target?: string; json?: boolean }) => {
      const trained = await openTrainedModel(run);
      const { targetLanguage: language, lowerCase } = trained.config.text;
      const source = readSentence(trained, sentence);
      const target = options.target === undefined ? {} : { target: tokenize(options.target, { language, lowerCase }) };
      const study = await studySentence(trained.model, trained.vocabularies, { source, ...target });
      console.log(options.json ? JSON.stringify(study) : formatStudy(study));
    });
}

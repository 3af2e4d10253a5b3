import { Command } from "commander";
import { tokenize } from "../data/tokenize.js";
import { measureSentence } from "../study/measured-sentence.js";
import { type StudiedSentence, studySentence } from "../study/study-sentence.js";
import { openRun, type TrainedModel } from "../training/run.js";
import { notEmpty } from "./option-values.js";
import { runsInside } from "./run-folder.js";
import { writePictures } from "./study-pictures.js";
import { formatStudy } from "./study-table.js";
import { openTrainedModel, readSentence } from "./translate.js";

interface StudyOptions {
  readonly target?: string;
  readonly json?: boolean;
  readonly svg?: string;
}

export function studyCommand(): Command {
  return new Command("study")
    .description("show where the gradient of one sentence comes from")
    .argument("<run>", "the run's folder", notEmpty)
    .argument("<sentence>", "the sentence, in quotes")
    .option(
      "--target <translation>",
      "the translation that the loss asks for; the model's own, greedily decoded, where left out",
      notEmpty,
    )
    .option("--json", "print JSON: tokens, α, ᾱ, ē, the path split, the influence matrices")
    .option("--svg <folder>", "write every plot of it into a folder, one SVG file each", notEmpty)
    .addHelpText(
      "after",
      '\nExample:\n  $ backflow study runs/fra "i am cold ." --json\n  $ backflow study runs/fra "i am cold ." --svg plots',
    )
    .action(study);
}

async function study(run: string, sentence: string, options: StudyOptions): Promise<void> {
  const trained = await openTrainedModel(run);
  const { targetLanguage: language, lowerCase } = trained.config.text;
  const source = readSentence(trained, sentence);
  const target = options.target === undefined ? {} : { target: tokenize(options.target, { language, lowerCase }) };
  const found =
    options.svg === undefined
      ? await studySentence(trained.model, trained.vocabularies, { source, ...target })
      : await pictured(trained, { source, ...target }, run, options.svg);
  if (options.json) console.log(JSON.stringify(found));
  else if (options.svg === undefined) console.log(formatStudy(found));
}

/** Writes the plots; in a demo's run the model without attention is measured beside it. */
async function pictured({ model, vocabularies }: TrainedModel, sentence: StudiedSentence, run: string, folder: string) {
  const [, rival] = await runsInside(run);
  const measured = await measureSentence(model, vocabularies, sentence, rival && (await openRun(rival)).model);
  const names = await writePictures(measured, folder);
  console.error(`${folder}: ${names.length} plots: ${names.join(", ")}`);
  return measured.study;
}

import { Command } from "commander";
import pc from "picocolors";
import { detokenize, tokenize } from "../data/tokenize.js";
import { DataError } from "../errors.js";
import { loadDevice } from "../tensor/load-device.js";
import { decode } from "../training/decode.js";
import { openRun, type TrainedModel } from "../training/run.js";
import { readRunConfig } from "../training/run-config.js";
import { alignmentGrid } from "./alignment-grid.js";
import { beamWidth, notEmpty } from "./option-values.js";
import { existingRun } from "./run-folder.js";

export function translateCommand(): Command {
  return new Command("translate")
    .description("translate a sentence with a trained model")
    .argument("<run>", "the run's folder", notEmpty)
    .argument("<sentence>", "the sentence, in quotes")
    .option("--beam <width>", "hypotheses kept at each step; 1 is greedy", beamWidth, 5)
    .option("--json", "print JSON: tokens, ln p, attention weights")
    .addHelpText("after", '\nExample:\n  $ backflow translate runs/fra "i am cold ." --beam 5')
    .action(translate);
}

async function translate(run: string, sentence: string, options: { beam: number; json?: boolean }): Promise<void> {
  const trained = await openTrainedModel(run);
  const { model, vocabularies, config } = trained;
  const source = readSentence(trained, sentence);
  const [decoded] = await decode(model, [vocabularies.source.encode(source)], { beam: options.beam });
  const target = vocabularies.target.decode(decoded.tokens);
  if (options.json) {
    const { logProbability, weights } = decoded;
    console.log(JSON.stringify({ source, target, logProbability, weights }));
    return;
  }
  console.log(pc.bold(detokenize(target, config.text.targetLanguage)));
  if (decoded.weights) {
    const said = decoded.ended ? [...target, "<eos>"] : target;
    console.log(`\n${alignmentGrid({ source: [...source, "<eos>"], target: said, weights: decoded.weights })}`);
  }
}

/** A run's trained model, its device ready. */
export async function openTrainedModel(run: string): Promise<TrainedModel> {
  const storage = existingRun(run);
  const { device } = await readRunConfig(storage);
  await loadDevice(device);
  return openRun(storage);
}

/**
 * A user's sentence as the model's words; says which it does not know.
 * @throws DataError for an empty one
 */
export function readSentence({ config, vocabularies }: TrainedModel, sentence: string): string[] {
  const { sourceLanguage, lowerCase } = config.text;
  const source = tokenize(sentence, { language: sourceLanguage, lowerCase });
  if (source.length === 0) throw new DataError('the sentence is empty: give one in quotes, as "i am cold ."');
  const unknown = source.filter((word) => !vocabularies.source.has(word));
  if (unknown.length > 0) {
    console.error(pc.yellow(`not in the model's vocabulary, so read as <unk>: ${unknown.join(" ")}`));
  }
  return source;
}

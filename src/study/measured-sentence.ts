import { encodePairs } from "../data/batches.js";
import type { Translator } from "../models/translator.js";
import type { Vocabularies } from "../training/evaluate.js";
import { type Distances, distances } from "./distances.js";
import { type GateSplit, gateSplit } from "./gate-split.js";
import type { SentenceStudy } from "./sentence-study.js";
import { type StudiedSentence, studySentence } from "./study-sentence.js";

/** Everything that is measured on one sentence alone. */
export interface MeasuredSentence {
  readonly study: SentenceStudy;
  /** Null for an encoder without gates. */
  readonly gates: GateSplit | null;
  readonly distances: Distances;
}

/** @param rival a model without attention, to compare distances with */
export async function measureSentence(
  model: Translator,
  vocabularies: Vocabularies,
  sentence: StudiedSentence,
  rival?: Translator,
): Promise<MeasuredSentence> {
  const study = await studySentence(model, vocabularies, sentence);
  const target = study.target.slice(0, -1);
  const [pair] = encodePairs([{ source: sentence.source, target }], vocabularies.source, vocabularies.target);
  return {
    study,
    gates: model.config.cell === "rnn" ? null : await gateSplit(model, pair),
    distances: await distances(model, pair, rival),
  };
}

import type { EncodedPair } from "../data/batches.js";
import type { Translator } from "../models/translator.js";
import { type Decay, decay } from "./decay.js";
import { type EntryPoints, entryPoints } from "./entry-points.js";
import { cut } from "./scalpels.js";

/** How far gradients come under one condition. */
export interface DistanceCurve {
  readonly name: string;
  readonly decay: Decay;
}

export interface Distances {
  readonly entryPoints: EntryPoints;
  readonly curves: readonly DistanceCurve[];
}

/**
 * Where a sentence's gradients entered the encoder, and how they fall off: as the model is, with α frozen where it has one, with the
 * recurrence cut, and in a model without attention, where there is one to compare with.
 */
export async function distances(model: Translator, pair: EncodedPair, rival?: Translator): Promise<Distances> {
  const curves: DistanceCurve[] = [{ name: "as it is", decay: await decay(model, pair) }];
  if (model.config.model === "rnnsearch") {
    curves.push({ name: "α frozen", decay: await decay(model, pair, { change: cut("attention") }) });
  }
  curves.push({ name: "recurrence cut", decay: await decay(model, pair, { change: cut("recurrence") }) });
  if (rival && rival !== model) curves.push({ name: "no attention", decay: await decay(rival, pair) });
  return { entryPoints: await entryPoints(model, pair), curves };
}

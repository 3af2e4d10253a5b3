import { DataError } from "../errors.js";

export interface BleuOptions {
  /** The longest n-gram counted; 4 unless told. All lengths weigh the same. */
  readonly maximumOrder?: number;
  /**
   * `none` (the definition): one precision of zero makes the score zero. `addOne`: one is added to matches and total of
   * every order above 1 (Lin & Och 2004), for texts too short to hold a 4-gram in common.
   */
  readonly smoothing?: "none" | "addOne";
}

/** Corpus BLEU and what it is made of. */
export interface Bleu {
  /** From 0 to 1. */
  readonly score: number;
  /** Clipped n-gram precision for n = 1, 2, … Smoothed, if that was asked for; 0 where there is no n-gram. */
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  /** Tokens in all hypotheses, and in the references closest to them in length. */
  readonly hypothesisLength: number;
  readonly referenceLength: number;
}

/**
 * Corpus BLEU (Papineni et al. 2002), as a number from 0 to 1:
 *
 *   BLEU = BP · exp(1/N Σₙ log pₙ),   BP = min(1, exp(1 − r/c))
 *
 * pₙ: the n-grams of all hypotheses that are found in a reference of the same sentence, each counted at most as often as
 * in the one reference that has it most, over all n-grams of the hypotheses. c: tokens in the hypotheses. r: tokens in
 * the references, for each sentence the one closest in length (the shorter of two equally close).
 *
 * @param references for each sentence one or more right translations
 * @throws DataError where the two lists differ in length, or a sentence has no reference
 */
export function corpusBleu(
  references: readonly (readonly (readonly string[])[])[],
  hypotheses: readonly (readonly string[])[],
  options: BleuOptions = {},
): Bleu {
  const { maximumOrder = 4, smoothing = "none" } = options;
  if (references.length !== hypotheses.length) {
    throw new DataError(`bleu: ${hypotheses.length} hypotheses for ${references.length} lists of references`);
  }
  const matches = new Array<number>(maximumOrder).fill(0);
  const totals = new Array<number>(maximumOrder).fill(0);
  let [hypothesisLength, referenceLength] = [0, 0];
  hypotheses.forEach((hypothesis, index) => {
    const translations = references[index];
    if (translations.length === 0) throw new DataError(`bleu: sentence ${index} has no reference`);
    hypothesisLength += hypothesis.length;
    referenceLength += closestLength(translations, hypothesis.length);
    for (let order = 1; order <= maximumOrder; order++) {
      matches[order - 1] += clippedMatches(translations, hypothesis, order);
      totals[order - 1] += Math.max(0, hypothesis.length - order + 1);
    }
  });
  const precisions = matches.map((count, index) => {
    const added = smoothing === "addOne" && index > 0 ? 1 : 0;
    return totals[index] + added === 0 ? 0 : (count + added) / (totals[index] + added);
  });
  const brevityPenalty = penalty(hypothesisLength, referenceLength);
  const meanLog = precisions.reduce((sum, precision) => sum + Math.log(precision), 0) / maximumOrder;
  return { score: brevityPenalty * Math.exp(meanLog), precisions, brevityPenalty, hypothesisLength, referenceLength };
}

function penalty(hypothesisLength: number, referenceLength: number): number {
  if (hypothesisLength >= referenceLength) return 1;
  return hypothesisLength === 0 ? 0 : Math.exp(1 - referenceLength / hypothesisLength);
}

function closestLength(references: readonly (readonly string[])[], length: number): number {
  return references
    .map((reference) => reference.length)
    .reduce((best, candidate) => {
      const [near, far] = [Math.abs(candidate - length), Math.abs(best - length)];
      return near < far || (near === far && candidate < best) ? candidate : best;
    });
}

function clippedMatches(
  references: readonly (readonly string[])[],
  hypothesis: readonly string[],
  order: number,
): number {
  const most = new Map<string, number>();
  for (const reference of references) {
    for (const [gram, count] of countNgrams(reference, order)) most.set(gram, Math.max(count, most.get(gram) ?? 0));
  }
  let matches = 0;
  for (const [gram, count] of countNgrams(hypothesis, order)) matches += Math.min(count, most.get(gram) ?? 0);
  return matches;
}

function countNgrams(tokens: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= tokens.length; start++) {
    // Joined by a character that no tokenizer leaves in a token.
    const gram = tokens.slice(start, start + order).join("\u0000");
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

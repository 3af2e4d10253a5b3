import { DataError } from "../errors.js";

/** Whether the translation is one of the references, token for token. */
export function isExactMatch(references: readonly (readonly string[])[], hypothesis: readonly string[]): boolean {
  return references.some(
    (reference) => reference.length === hypothesis.length && reference.every((token, i) => token === hypothesis[i]),
  );
}

/**
 * The share of translations, from 0 to 1, that are one of their references token for token. 0 for no sentences.
 * @throws DataError where the two lists differ in length
 */
export function exactMatch(
  references: readonly (readonly (readonly string[])[])[],
  hypotheses: readonly (readonly string[])[],
): number {
  if (references.length !== hypotheses.length) {
    throw new DataError(`exactMatch: ${hypotheses.length} hypotheses for ${references.length} lists of references`);
  }
  if (hypotheses.length === 0) return 0;
  return hypotheses.filter((hypothesis, i) => isExactMatch(references[i], hypothesis)).length / hypotheses.length;
}

import { InvalidArgumentError } from "commander";

const numberOf = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

/** Parses a whole number of `least` or more, and `most` or less where there is a most. */
export const wholeNumber =
  (least: number, most = Number.POSITIVE_INFINITY) =>
  (text: string): number => {
    const value = numberOf(text);
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      const range = Number.isFinite(most) ? `from ${least} to ${most}` : `${least} or more`;
      throw new InvalidArgumentError(`It must be a whole number, ${range}.`);
    }
    return value;
  };

/** A port to listen on. */
export const port = wholeNumber(1, 65_535);

/** Hypotheses of a beam: more than these no search has use for, and each costs a decoder's step. */
export const beamWidth = wholeNumber(1, 1000);

/** Takes a name of a file or folder, or a sentence, as it stands. */
export function notEmpty(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It must not be empty.");
  return text;
}

/** Parses a number above 0. */
export function positiveNumber(text: string): number {
  const value = numberOf(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

/** Parses a number from 0 up to, but not including, 1. */
export function share(text: string): number {
  const value = numberOf(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError("It must be a number from 0 to below 1.");
  return value;
}

import { InvalidArgumentError } from "commander";

const numberOf = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

/** Parses a whole number of `least` or more. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = numberOf(text);
    if (!Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
    }
    return value;
  };

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

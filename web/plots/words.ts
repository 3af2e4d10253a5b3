/** Words beside a plot, and the room that they take: there is nothing to measure with outside of a page. */
import type { ScaleOptions } from "@observablehq/plot";

/** Of all plots, in pixels. */
export const FONT = 12;

/** Longer words are cut, so that one of them does not take the plot's room; tooltips have them whole. */
const LONGEST = 14;

/** About how wide a text is. */
export const textWidth = (text: string): number =>
  [...text].reduce((sum, character) => sum + (character > "\u2e80" ? FONT : 0.56 * FONT), 0);

/** A word as it stands beside a plot. */
export function shortened(word: string): string {
  const characters = [...word];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join("")}…` : word;
}

/** The room for the widest of some words. */
export const wordsWidth = (words: readonly string[]): number =>
  Math.ceil(Math.max(...words.map((word) => textWidth(shortened(word)))));

/** How high, and how wide, a word of this width is when it leans by 45°. */
const leaning = (width: number): number => Math.ceil((width + FONT) * Math.SQRT1_2);

/** The room for leaning words below or above a plot. */
export const leaningHeight = (words: readonly string[]): number => leaning(wordsWidth(words)) + 8;

/** How far leaning words reach beyond the last of the columns that they stand over. */
export const leaningOverhang = (words: readonly string[], column: number): number =>
  Math.max(
    0,
    ...words.map((word, i) => leaning(textWidth(shortened(word))) - Math.floor((words.length - i - 0.5) * column)),
  );

/** The words of a sentence as the axis below a plot. */
export const wordAxis = (words: readonly string[]): ScaleOptions => ({
  domain: words.map((_, j) => j),
  label: null,
  tickFormat: (j: number) => shortened(words[j]),
  tickRotate: -45,
  tickSize: 0,
});

/** A plot over the words of a sentence: as wide as there is room, within what looks well for so many words. */
export const wordFrame = (words: readonly string[], width: number) => ({
  width: Math.max(Math.min(width, 60 + words.length * 84), 60 + words.length * 22),
  marginLeft: 48,
  marginBottom: leaningHeight(words),
  x: { type: "band" as const, ...wordAxis(words) },
});

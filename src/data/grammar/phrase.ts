import type { Random } from "../../tensor/random.js";
import type { AlignedPair, Link } from "../pair.js";

/** An English word in its place. An object, not a string: the same word may stand twice in a sentence. */
export interface SourceWord {
  readonly text: string;
}

/** A Chinese word and the one English word it comes from. */
export interface TargetWord {
  readonly text: string;
  readonly origin: SourceWord;
}

/**
 * A phrase in both languages at once, each in its own order: one node of a synchronous grammar (Aho & Ullman 1969).
 * Every target word knows its origin, so the gold alignment needs no search. Phrases are joined by listing their words.
 */
export interface Phrase {
  readonly source: readonly SourceWord[];
  readonly target: readonly TargetWord[];
}

export const english = (text: string): SourceWord => ({ text });

export const chinese = (text: string, origin: SourceWord): TargetWord => ({ text, origin });

export const emptyPhrase: Phrase = { source: [], target: [] };

/** One English word and the Chinese words that stand for it, side by side. */
export function word(source: string, ...target: string[]): Phrase {
  const origin = english(source);
  return { source: [origin], target: target.map((text) => chinese(text, origin)) };
}

/** What one sentence is drawn with. */
export interface Draw {
  readonly random: Random;
  /** From 0 (bare clauses) to 1 (every option is taken often): how much is hung on each clause. */
  readonly richness: number;
  /** Word combinations in the sentence drawn so far: `red hat`, `Tom chase`. */
  readonly combinations: string[];
}

/** True with the given probability. */
export const chance = (draw: Draw, probability: number): boolean => draw.random.uniform() < probability;

/** The finished pair, with one link for every target word. */
export function toPair({ source, target }: Phrase): AlignedPair {
  const position = new Map(source.map((token, index) => [token, index]));
  return {
    source: source.map((token) => token.text),
    target: target.map((token) => token.text),
    alignment: target.map((token, index): Link => [position.get(token.origin)!, index]),
  };
}

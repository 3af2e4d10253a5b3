import { DataError } from "../errors.js";

export interface TokenizeOptions {
  /** BCP 47 tag: Chinese and Japanese are split into characters, other languages into words. `und` unless told. */
  readonly language?: string;
  readonly lowerCase?: boolean;
}

const segmenters = new Map<string, Intl.Segmenter>();

/** Making a segmenter costs far more than using it, so each kind is made once. */
function segmenterFor(language: string, granularity: "word" | "grapheme"): Intl.Segmenter {
  const key = `${granularity} ${language}`;
  let segmenter = segmenters.get(key);
  if (!segmenter) {
    try {
      // `und` alone would mean the machine's own language; English follows the root rules everywhere.
      segmenter = new Intl.Segmenter(language === "und" ? "en" : language, { granularity });
    } catch {
      throw new DataError(`tokenize: "${language}" is not a language tag. Try "en", "fr" or "zh".`);
    }
    segmenters.set(key, segmenter);
  }
  return segmenter;
}

/** Han, Hiragana, Katakana: written without spaces. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u;
const SPACE = /^[\s\p{Cf}]+$/u;
const isUnspacedLanguage = (language: string): boolean => /^(zh|ja|yue|wuu)\b/i.test(language);

/**
 * Words and punctuation marks by Unicode's word boundaries (UAX 29), spaces dropped: `"I'm cold."` is `I'm`, `cold`, `.`
 * Text is brought to Unicode's NFC first; no-break spaces (U+00A0, U+202F) are spaces. In Chinese and Japanese each Han
 * or kana character is a token of its own, whatever else stands in the text keeps its words.
 *
 * @throws DataError for a language tag that is not well formed
 */
export function tokenize(text: string, options: TokenizeOptions = {}): string[] {
  const { language = "und", lowerCase = false } = options;
  // UAX 29 joins U+202F to the word before it, but French typography puts it between word and mark.
  const normal = text.normalize("NFC").replace(/\s/gu, " ");
  const words = segmenterFor(language, "word");
  const cased = lowerCase ? normal.toLocaleLowerCase(language) : normal;
  const characters = isUnspacedLanguage(language) ? segmenterFor(language, "grapheme") : null;
  const tokens: string[] = [];
  for (const { segment } of words.segment(cased)) {
    if (SPACE.test(segment)) continue;
    if (characters && UNSPACED.test(segment)) {
      for (const { segment: character } of characters.segment(segment)) tokens.push(character);
    } else {
      tokens.push(segment);
    }
  }
  return tokens;
}

const NO_SPACE_BEFORE = /^[.,;:!?%)\]}»”’…、。，；：！？）】》」』]/u;
/** Binds the words on both sides: est-ce, and/or. */
const BINDS = /^[-‐/]$/u;
const FRENCH_SPACE_BEFORE = /^[;:!?»]/u;
const NO_SPACE_AFTER = /^[([{«“‘（【《「『¿¡]$/u;

/** Tokens as a line to read: good enough to print, not the exact inverse of {@link tokenize}. */
export function detokenize(tokens: readonly string[], language = "und"): string {
  const french = /^fr\b/i.test(language);
  let text = "";
  let previous = "";
  for (const token of tokens) {
    text += separator(previous, token, french) + token;
    previous = token;
  }
  return text;
}

const isUnspaced = (token: string): boolean =>
  UNSPACED.test(token) || /^[、。，；：！？（）【】《》「」『』]/u.test(token);

function separator(previous: string, token: string, french: boolean): string {
  if (previous === "" || (isUnspaced(previous) && isUnspaced(token))) return "";
  if (french && (FRENCH_SPACE_BEFORE.test(token) || previous === "«")) return "\u00a0";
  if (BINDS.test(token) || BINDS.test(previous)) return "";
  return NO_SPACE_BEFORE.test(token) || NO_SPACE_AFTER.test(previous) ? "" : " ";
}

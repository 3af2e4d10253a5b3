import { DataError } from "../errors.js";
import { Random } from "../tensor/random.js";
import { type Corpus, type SentencePair, type SplitSizes, sentenceKey } from "./pair.js";
import { tokenize } from "./tokenize.js";

export interface PairsOptions {
  /** Pairs with a longer side, in tokens, are left out. */
  readonly maxLength?: number;
  /** So many pairs at most, the first of the file. */
  readonly maxPairs?: number;
  readonly lowerCase?: boolean;
  /** BCP 47 tags for the tokenizer: `en` and `und` unless told. */
  readonly sourceLanguage?: string;
  readonly targetLanguage?: string;
}

/** A line that is not `source<TAB>target`. Lines count from 1. */
export interface MalformedLine {
  readonly line: number;
  readonly reason: string;
  /** The line's beginning. */
  readonly text: string;
}

/** What a file of pairs held. */
export interface ParsedPairs {
  readonly pairs: readonly SentencePair[];
  readonly lines: number;
  readonly malformed: number;
  /** The first five of them. */
  readonly malformedLines: readonly MalformedLine[];
  /** Well-formed pairs left out for their length. */
  readonly tooLong: number;
  /** Lines that say again what an earlier one said. */
  readonly repeated: number;
}

const SHOWN_LINES = 5;
const SHOWN_CHARACTERS = 60;

/**
 * Reads `source<TAB>target[<TAB>anything]`, one pair a line (the format of Tatoeba and manythings.org). A byte order
 * mark, CRLF and empty lines are fine. A line that is not a pair is counted and left out.
 *
 * @param name what the text is called in errors: the file's path
 * @throws DataError where not one pair is left, saying why
 */
export function parsePairs(text: string, name: string, options: PairsOptions = {}): ParsedPairs {
  const { lowerCase = false, sourceLanguage = "en", targetLanguage = "und" } = options;
  const maxLength = positive("maxLength", options.maxLength);
  const maxPairs = positive("maxPairs", options.maxPairs);
  const pairs: SentencePair[] = [];
  const seen = new Set<string>();
  const malformedLines: MalformedLine[] = [];
  let [malformed, tooLong, repeated] = [0, 0, 0];
  const lines = (text.startsWith("\ufeff") ? text.slice(1) : text).split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  for (const [index, line] of lines.entries()) {
    if (pairs.length >= maxPairs) break;
    if (line.trim() === "") continue;
    const columns = line.split("\t");
    const source = tokenize(columns[0], { language: sourceLanguage, lowerCase });
    const target = tokenize(columns[1] ?? "", { language: targetLanguage, lowerCase });
    const reason = whyMalformed(columns, source, target);
    const key = `${sentenceKey(source)}\t${sentenceKey(target)}`;
    if (reason) {
      malformed++;
      if (malformed <= SHOWN_LINES) {
        malformedLines.push({ line: index + 1, reason, text: line.slice(0, SHOWN_CHARACTERS) });
      }
    } else if (Math.max(source.length, target.length) > maxLength) {
      tooLong++;
    } else if (seen.has(key)) {
      repeated++;
    } else {
      seen.add(key);
      pairs.push({ source, target });
    }
  }
  if (pairs.length === 0)
    throw new DataError(`${name}: ${whyNone({ lines: lines.length, malformed, tooLong, maxLength, malformedLines })}`);
  return { pairs, lines: lines.length, malformed, malformedLines, tooLong, repeated };
}

function positive(option: string, value = Number.POSITIVE_INFINITY): number {
  if (!(value >= 1)) throw new DataError(`pairs: ${option} must be 1 or more, got ${value}`);
  return value;
}

function whyMalformed(columns: readonly string[], source: readonly string[], target: readonly string[]): string | null {
  if (columns.length < 2) return "no tab";
  if (source.length === 0) return "no source before the tab";
  return target.length === 0 ? "no target after the tab" : null;
}

interface Emptiness {
  readonly lines: number;
  readonly malformed: number;
  readonly tooLong: number;
  readonly maxLength: number;
  readonly malformedLines: readonly MalformedLine[];
}

function whyNone({ lines, malformed, tooLong, maxLength, malformedLines }: Emptiness): string {
  if (tooLong > 0) return `none of its ${tooLong} pairs has at most ${maxLength} tokens a side. Allow longer ones.`;
  if (malformed === 0) return "it is empty. One pair a line is expected: source<TAB>target";
  const [{ line, reason }] = malformedLines;
  return `none of its ${lines} lines is a pair (line ${line}: ${reason}). Expected source<TAB>target`;
}

/**
 * Splits pairs so that all translations of one source sentence fall into the same part; sizes count source sentences.
 * The same pairs and seed give the same split.
 *
 * @throws DataError where nothing would be left for training
 */
export function splitPairs(
  pairs: readonly SentencePair[],
  options: SplitSizes & { seed: number },
): Pick<Corpus, "train" | "validation" | "test"> {
  const { validation, test, seed } = options;
  const bySource = new Map<string, SentencePair[]>();
  for (const pair of pairs) {
    const key = sentenceKey(pair.source);
    const group = bySource.get(key);
    if (group) group.push(pair);
    else bySource.set(key, [pair]);
  }
  for (const [part, size] of Object.entries({ validation, test })) {
    if (!Number.isInteger(size) || size < 0) throw new DataError(`split: ${part} must be a count, got ${size}`);
  }
  if (validation + test >= bySource.size) {
    throw new DataError(
      `split: ${bySource.size} different source sentences cannot give ${validation} for validation and ${test} for the test and leave some for training`,
    );
  }
  const groups = new Random(seed).shuffle([...bySource.values()]);
  return {
    test: groups.slice(0, test).flat(),
    validation: groups.slice(test, test + validation).flat(),
    train: groups.slice(test + validation).flat(),
  };
}

/** A text of pairs as a corpus, with what was left out of it. */
export function pairsCorpus(
  text: string,
  name: string,
  options: PairsOptions & SplitSizes & { seed: number },
): { corpus: Corpus; parsed: ParsedPairs } {
  const parsed = parsePairs(text, name, options);
  const { sourceLanguage = "en", targetLanguage = "und" } = options;
  return { corpus: { name, sourceLanguage, targetLanguage, ...splitPairs(parsed.pairs, options) }, parsed };
}

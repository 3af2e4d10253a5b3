import { DataError } from "../errors.js";
import { Random } from "../tensor/random.js";
import { type Draw, toPair } from "./grammar/phrase.js";
import { sentence } from "./grammar/sentence.js";
import { type AlignedPair, type Corpus, type SplitSizes, sentenceKey } from "./pair.js";

export interface GrammarOptions extends SplitSizes {
  readonly seed: number;
  /** How many training pairs. */
  readonly train: number;
  /** The longest English sentence in words, punctuation counted; 20 unless told, 40 at most. */
  readonly maxLength?: number;
}

/** A generated corpus: it knows what was kept from training. */
export interface GrammarCorpus extends Corpus {
  readonly seed: number;
  readonly maxLength: number;
  readonly train: readonly GrammarPair[];
  readonly validation: readonly GrammarPair[];
  readonly test: readonly GrammarPair[];
}

/** A generated pair, with the word combinations that no training or validation sentence holds. */
export interface GrammarPair extends AlignedPair {
  /** `red hat` (adjective and noun) or `Tom chase` (subject and verb). Each word alone is in the training part. */
  readonly heldOut: readonly string[];
}

/** The lengths of English sentences that the grammar is made for, punctuation counted. */
const SHORTEST = 3;
const LONGEST = 40;
/** One combination in so many is kept for the test. */
const HELD_OUT_EVERY = 8;
/** Relative clauses stand inside one another at most so deep, in short sentences and long ones: only length differs. */
const NESTING = 2;
/** Draws for one length before another length is tried. */
const DRAWS = 20;
/** So many failed attempts in a row mean that there are no more sentences. */
const PATIENCE = 5_000;

/**
 * English → Chinese sentences made by our own small grammar: `Tom chased a red hat in the garden .` A sentence has one
 * translation only, and every target word is linked to the source word it comes from. Chinese puts time and place
 * before the verb and relative clauses before the noun, leaves question words in place, and counts with classifiers.
 *
 * No sentence is in two parts; one word combination in eight is in the test part only. Lengths are spread evenly
 * from 3 to `maxLength` words. The same options give the same corpus everywhere.
 *
 * @throws DataError for sizes or lengths that cannot be made
 */
export function grammarCorpus(options: GrammarOptions): GrammarCorpus {
  const { seed, maxLength = 20 } = options;
  if (!Number.isInteger(maxLength) || maxLength < 6 || maxLength > LONGEST) {
    throw new DataError(`grammar: maxLength must be an integer from 6 to ${LONGEST}, got ${maxLength}`);
  }
  const seen = new Set<string>();
  const fill = (part: "train" | "validation" | "test", stream: number): GrammarPair[] => {
    const count = options[part];
    if (!Number.isInteger(count) || count < 0) throw new DataError(`grammar: ${part} must be a count, got ${count}`);
    const random = new Random(streamSeed(seed, stream));
    return drawPairs({ random, count, seen, shortest: SHORTEST, longest: maxLength, withHeldOut: part === "test" });
  };
  return {
    name: "grammar",
    sourceLanguage: "en",
    targetLanguage: "zh",
    seed,
    maxLength,
    train: fill("train", 1),
    validation: fill("validation", 2),
    test: fill("test", 3),
  };
}

export interface LengthBucket {
  /** Shortest and longest English sentence in the bucket, in words. */
  readonly shortest: number;
  readonly longest: number;
  readonly pairs: readonly GrammarPair[];
}

/**
 * Test sentences by length, also far longer than those trained on. None is in the corpus.
 * @param options.edges the longest sentence of each bucket, rising, 40 at most: `[10, 20, 30, 40]` is 3–10, 11–20, …
 */
export function grammarByLength(
  corpus: GrammarCorpus,
  options: { edges?: readonly number[]; perBucket: number },
): LengthBucket[] {
  const { edges = [10, 20, 30, 40], perBucket } = options;
  const seen = new Set(
    [...corpus.train, ...corpus.validation, ...corpus.test].map(({ source }) => sentenceKey(source)),
  );
  const random = new Random(streamSeed(corpus.seed, 4));
  return edges.map((longest, index) => {
    const shortest = index === 0 ? SHORTEST : edges[index - 1] + 1;
    if (!(longest >= shortest && longest <= LONGEST)) {
      throw new DataError(`grammar: edges must rise and end at ${LONGEST} or below, got ${edges.join(", ")}`);
    }
    return {
      shortest,
      longest,
      pairs: drawPairs({ random, count: perBucket, seen, shortest, longest, withHeldOut: true }),
    };
  });
}

interface Order {
  readonly random: Random;
  readonly count: number;
  /** Sentences that may not come again; the new ones are added. */
  readonly seen: Set<string>;
  readonly shortest: number;
  readonly longest: number;
  readonly withHeldOut: boolean;
}

function drawPairs({ random, count, seen, shortest, longest, withHeldOut }: Order): GrammarPair[] {
  const pairs: GrammarPair[] = [];
  let misses = 0;
  while (pairs.length < count) {
    const aim = shortest + random.integer(longest - shortest + 1);
    const pair = attempt(random, aim, ({ source, heldOut }) => {
      const fits = source.length >= shortest && source.length <= longest && Math.abs(source.length - aim) <= 1;
      return fits && (withHeldOut || heldOut.length === 0);
    });
    const key = pair && sentenceKey(pair.source);
    if (pair && key && !seen.has(key)) {
      seen.add(key);
      pairs.push(pair);
      misses = 0;
    } else if (++misses > PATIENCE) {
      throw new DataError(
        `grammar: found only ${pairs.length} of ${count} different sentences of ${shortest} to ${longest} words. Ask for fewer, or allow longer ones.`,
      );
    }
  }
  return pairs;
}

/** The first sentence of about so many words that will do, if a few draws give one: every length is tried as often. */
function attempt(random: Random, length: number, willDo: (pair: GrammarPair) => boolean): GrammarPair | null {
  for (let draw = 0; draw < DRAWS; draw++) {
    const pair = drawPair(random, length);
    if (willDo(pair)) return pair;
  }
  return null;
}

/** A sentence of about so many words: long ones get more clauses, short ones barer ones. */
function drawPair(random: Random, aim: number): GrammarPair {
  const fewest = Math.max(1, Math.ceil(aim / 14));
  const most = Math.max(1, Math.floor(aim / 6));
  const clauses = fewest + random.integer(most - fewest + 1);
  const richness = Math.min(1, Math.max(0, (aim / clauses - 3) / 9));
  const draw: Draw = { random, richness, combinations: [] };
  const pair = toPair(sentence(draw, clauses, NESTING));
  return { ...pair, heldOut: draw.combinations.filter(isHeldOut) };
}

/** Whether a combination (`red hat`) is kept from training. Fixed for ever: it does not depend on the seed. */
export function isHeldOut(combination: string): boolean {
  let hash = 0x811c9dc5;
  for (let i = 0; i < combination.length; i++) hash = Math.imul(hash ^ combination.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % HELD_OUT_EVERY === 0;
}

/** Each part draws from its own stream: asking for more training pairs hardly changes the test. */
const streamSeed = (seed: number, stream: number): number => {
  const random = new Random(seed);
  let value = 0;
  for (let i = 0; i < stream; i++) value = random.integer(0x7fffffff);
  return value;
};

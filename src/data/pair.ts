/** One translated sentence, as tokens. */
export interface SentencePair {
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** Gold links between token positions, counted from 0; only where they are known. */
  readonly alignment?: readonly Link[];
}

/** A pair whose gold links are known. */
export type AlignedPair = SentencePair & { readonly alignment: readonly Link[] };

/** A target token at position `target` is the translation of the source token at position `source`. */
export type Link = readonly [source: number, target: number];

/** Sentence pairs in three parts that share no source sentence. */
export interface Corpus {
  /** What the corpus is called in reports: `grammar`, `intl zh`, the file's name. */
  readonly name: string;
  /** BCP 47 tags, such as `en` and `zh`. `und` where a file does not say. */
  readonly sourceLanguage: string;
  readonly targetLanguage: string;
  readonly train: readonly SentencePair[];
  readonly validation: readonly SentencePair[];
  readonly test: readonly SentencePair[];
}

/** How many pairs go where. Whatever is in neither of the two is for training. */
export interface SplitSizes {
  readonly validation: number;
  readonly test: number;
}

/** A sentence as the key of a set or a map. */
export const sentenceKey = (tokens: readonly string[]): string => tokens.join(" ");

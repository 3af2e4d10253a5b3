import { DataError } from "../errors.js";

/** The first four ids of every vocabulary. */
export const PAD = 0;
export const BOS = 1;
export const EOS = 2;
export const UNK = 3;
const SPECIAL = ["<pad>", "<bos>", "<eos>", "<unk>"] as const;

/** A vocabulary as it is written to `vocabulary.json`: the token with id i stands at position i. */
export interface VocabularyJson {
  readonly tokens: readonly string[];
}

/** Tokens and their ids. `<pad>` is 0, `<bos>` 1, `<eos>` 2, `<unk>` 3; words follow, the frequent first. */
export class Vocabulary {
  private readonly ids: ReadonlyMap<string, number>;

  private constructor(private readonly tokens: readonly string[]) {
    this.ids = new Map(tokens.map((token, id) => [token, id]));
  }

  /**
   * The tokens that occur at least `minimumCount` times, by falling count, equals by code unit order.
   * A token spelt like a special one (`<unk>`) is left out: it reads as unknown.
   * @param options.maximumSize the most ids, the four special ones counted
   */
  static build(
    sentences: Iterable<readonly string[]>,
    options: { minimumCount?: number; maximumSize?: number } = {},
  ): Vocabulary {
    const { minimumCount = 1, maximumSize = Number.POSITIVE_INFINITY } = options;
    if (!(minimumCount >= 1)) throw new DataError(`vocabulary: minimumCount must be 1 or more, got ${minimumCount}`);
    if (!(maximumSize > SPECIAL.length)) {
      throw new DataError(`vocabulary: maximumSize must be over ${SPECIAL.length}, got ${maximumSize}`);
    }
    const counts = new Map<string, number>();
    for (const sentence of sentences) for (const token of sentence) counts.set(token, (counts.get(token) ?? 0) + 1);
    for (const token of SPECIAL) counts.delete(token);
    const words = [...counts]
      .filter(([, count]) => count >= minimumCount)
      .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
      .slice(0, maximumSize - SPECIAL.length)
      .map(([token]) => token);
    return new Vocabulary([...SPECIAL, ...words]);
  }

  /** @throws DataError where the value is not a vocabulary that {@link toJSON} wrote */
  static fromJSON(json: unknown): Vocabulary {
    const tokens = json !== null && typeof json === "object" && "tokens" in json ? json.tokens : undefined;
    if (!Array.isArray(tokens) || !tokens.every((token): token is string => typeof token === "string")) {
      throw new DataError('vocabulary: expected {"tokens": ["<pad>", "<bos>", "<eos>", "<unk>", …]}, all strings');
    }
    const wrong = SPECIAL.findIndex((token, id) => tokens[id] !== token);
    if (wrong >= 0) {
      throw new DataError(`vocabulary: token ${wrong} must be ${SPECIAL[wrong]}, got ${JSON.stringify(tokens[wrong])}`);
    }
    const vocabulary = new Vocabulary([...tokens]);
    if (vocabulary.ids.size !== tokens.length) {
      const twice = tokens.find((token, id) => vocabulary.ids.get(token) !== id);
      throw new DataError(`vocabulary: ${JSON.stringify(twice)} stands there twice`);
    }
    return vocabulary;
  }

  toJSON(): VocabularyJson {
    return { tokens: this.tokens };
  }

  /** How many ids there are, the four special ones counted. */
  get size(): number {
    return this.tokens.length;
  }

  /** Whether a word has an id of its own. */
  has(token: string): boolean {
    return (this.ids.get(token) ?? UNK) > UNK;
  }

  /** The id of a word, {@link UNK} where it has none or is spelt like a special token. */
  id(token: string): number {
    return this.has(token) ? this.ids.get(token)! : UNK;
  }

  /** @throws DataError for an id outside the vocabulary */
  token(id: number): string {
    const token = this.tokens[id];
    if (token === undefined) {
      throw new DataError(`vocabulary: id ${id} is not in 0…${this.size - 1}. Was the model trained with another one?`);
    }
    return token;
  }

  /** One id for each word; no `<bos>` or `<eos>` is added. */
  encode(tokens: readonly string[]): number[] {
    return tokens.map((token) => this.id(token));
  }

  /** The words up to the first `<eos>`, without `<bos>` and `<pad>`; `<unk>` stays visible. */
  decode(ids: Iterable<number>): string[] {
    const tokens: string[] = [];
    for (const id of ids) {
      if (id === EOS) break;
      if (id !== BOS && id !== PAD) tokens.push(this.token(id));
    }
    return tokens;
  }
}

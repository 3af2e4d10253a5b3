import { grammarByLength, grammarCorpus } from "../data/grammar.js";
import { intlCorpus } from "../data/intl.js";
import type { Corpus, SentencePair } from "../data/pair.js";
import { readPairs } from "../data/pairs.node.js";
import { DataError } from "../errors.js";
import type { CorpusDescription } from "../training/run-config.js";

export interface OpenedCorpus {
  readonly corpus: Corpus;
  /** Test sentences longer than those trained on, where they can be made. */
  readonly longer: readonly SentencePair[];
  /** The longest source sentence of each bucket when metrics are given by length. */
  readonly edges: readonly number[];
  /** What the user should know of it, a line each. */
  readonly notes: readonly string[];
}

const GRAMMAR_EDGES = [10, 20, 30, 40];
const EDGES = [5, 10, 15, 20, 30, 40];

/** Makes or reads the sentences that a description means. */
export async function openCorpus(description: CorpusDescription): Promise<OpenedCorpus> {
  switch (description.kind) {
    case "grammar": {
      const corpus = grammarCorpus(description);
      const { maxLength, longerPerBucket: perBucket } = description;
      const edges = [maxLength, ...GRAMMAR_EDGES.filter((edge) => edge > maxLength)];
      const longer = grammarByLength(corpus, { edges, perBucket }).slice(1);
      return { corpus, longer: longer.flatMap(({ pairs }) => pairs), edges: GRAMMAR_EDGES, notes: [] };
    }
    case "intl":
      return { corpus: intlCorpus(description), longer: [], edges: EDGES, notes: [] };
    case "pairs": {
      const { corpus, parsed } = await readPairs(description.path, description);
      const notes: string[] = [];
      if (parsed.malformed > 0) {
        notes.push(`${parsed.malformed} of ${parsed.lines} lines are no pairs and were left out:`);
        for (const { line, reason, text } of parsed.malformedLines) notes.push(`  line ${line}: ${reason}: ${text}`);
      }
      if (parsed.tooLong > 0) {
        notes.push(`${parsed.tooLong} pairs are longer than ${description.maxLength} tokens and were left out`);
      }
      return { corpus, longer: [], edges: EDGES, notes };
    }
    default:
      throw new DataError(`the run's config.json names a corpus that is not known: ${JSON.stringify(description)}`);
  }
}

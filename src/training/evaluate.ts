import "../autograd/methods.js";
import { noGrad } from "../autograd/mode.js";
import { type EncodedPair, encodePairs, makeBatch } from "../data/batches.js";
import { type SentencePair, sentenceKey } from "../data/pair.js";
import { PAD, type Vocabulary } from "../data/vocabulary.js";
import { DataError } from "../errors.js";
import type { Translator } from "../models/translator.js";
import { scope } from "../tensor/scope.js";
import { type AlignmentLink, alignmentErrorRate, hardAlignment } from "./alignment-error-rate.js";
import { batchTensors, deviceOf } from "./batch-tensors.js";
import { corpusBleu } from "./bleu.js";
import { groupByLength } from "./by-length.js";
import { type DecodeOptions, decode } from "./decode.js";
import { inEvaluationMode } from "./evaluation-mode.js";
import { exactMatch } from "./exact-match.js";
import type { LengthBucket } from "./summary.js";

/** The words on both sides of a translator. */
export interface Vocabularies {
  readonly source: Vocabulary;
  readonly target: Vocabulary;
}

/** What a model made of one source sentence. */
export interface SentenceResult {
  readonly source: readonly string[];
  /** Every right translation that the test set has. */
  readonly references: readonly (readonly string[])[];
  readonly output: readonly string[];
  /** Σ −ln p over the references' tokens, and how many those are, `<eos>` counted. */
  readonly loss: number;
  readonly tokens: number;
  /** Gold links of the first reference, and those of the attention while it was made to say that reference. */
  readonly alignment: { readonly gold: readonly AlignmentLink[]; readonly predicted: AlignmentLink[] } | null;
}

export interface Metrics {
  /** Nats a token. */
  readonly loss: number;
  readonly exactMatch: number;
  readonly bleu: number;
  /** Null without attention, or where no gold alignment is known. */
  readonly alignmentErrorRate: number | null;
}

export interface EvaluateOptions extends DecodeOptions {
  /** Sentences in one batch; 64 unless told. */
  readonly batchSize?: number;
  /** Called after each batch with the share that is done, 0 to 1; waited for. */
  readonly onProgress?: (share: number) => void | Promise<void>;
}

/**
 * Translates every different source sentence of some pairs, and measures the loss on its references. Sentences come
 * back in their order; all translations of one sentence count as its references.
 */
export async function evaluate(
  model: Translator,
  vocabularies: Vocabularies,
  pairs: readonly SentencePair[],
  options: EvaluateOptions = {},
): Promise<SentenceResult[]> {
  const { batchSize = 64, onProgress, ...decoding } = options;
  const bySource = new Map<string, SentencePair[]>();
  for (const pair of pairs) {
    const key = sentenceKey(pair.source);
    const group = bySource.get(key);
    if (group) group.push(pair);
    else bySource.set(key, [pair]);
  }
  const groups = [...bySource.values()];
  // Sentences of one length in one batch: little padding, and decoding ends together.
  const order = groups.map((_, i) => i).sort((a, b) => groups[a][0].source.length - groups[b][0].source.length);
  const results = new Array<SentenceResult>(groups.length);
  for (let start = 0; start < order.length; start += batchSize) {
    const indices = order.slice(start, start + batchSize);
    const batch = await evaluateGroups(
      model,
      vocabularies,
      indices.map((i) => groups[i]),
      decoding,
    );
    indices.forEach((index, i) => {
      results[index] = batch[i];
    });
    await onProgress?.(Math.min(1, (start + batchSize) / order.length));
  }
  return results;
}

async function evaluateGroups(
  model: Translator,
  vocabularies: Vocabularies,
  groups: readonly (readonly SentencePair[])[],
  decoding: DecodeOptions,
): Promise<SentenceResult[]> {
  const sources = groups.map(([{ source }]) => vocabularies.source.encode(source));
  const decoded = await decode(model, sources, decoding);
  const pairs = groups.flat();
  const forced = await teacherForced(model, encodePairs(pairs, vocabularies.source, vocabularies.target));
  let row = 0;
  return groups.map((group, i) => {
    const rows = forced.slice(row, row + group.length);
    row += group.length;
    const [{ source, target, alignment: gold }] = group;
    const lengths = { sourceLength: source.length, targetLength: target.length };
    const weights = rows[0].weights;
    return {
      source,
      references: group.map((pair) => pair.target),
      output: vocabularies.target.decode(decoded[i].tokens),
      loss: rows.reduce((sum, { loss }) => sum + loss, 0),
      tokens: group.reduce((sum, pair) => sum + pair.target.length + 1, 0),
      alignment: gold && weights ? { gold, predicted: hardAlignment(weights, lengths) } : null,
    };
  });
}

/** Each pair's loss (Σ over its tokens), and its attention weights `[target tokens][source tokens]`, both with `<eos>`. */
async function teacherForced(
  model: Translator,
  pairs: readonly EncodedPair[],
): Promise<{ loss: number; weights: number[][] | null }[]> {
  const batch = makeBatch(pairs);
  const { sourceLength, targetLength, sourceLengths, targetLengths } = batch;
  const outputs = await inEvaluationMode(model, async () =>
    scope(() =>
      noGrad(() => {
        const { source, mask, target, labels } = batchTensors(batch, deviceOf(model));
        const { logits, weights } = model.forward(source, mask, target);
        return { losses: logits.crossEntropy(labels, { ignoreIndex: PAD, reduction: "none" }), weights };
      }),
    ),
  );
  const losses = await outputs.losses.data();
  const weights = outputs.weights && (await outputs.weights.data());
  outputs.losses.dispose();
  outputs.weights?.dispose();
  return pairs.map((_, row) => ({
    loss: sumOf(losses, row * targetLength, (row + 1) * targetLength),
    weights:
      weights &&
      Array.from({ length: targetLengths[row] }, (_, t) => {
        const start = (row * targetLength + t) * sourceLength;
        return [...weights.subarray(start, start + sourceLengths[row])];
      }),
  }));
}

function sumOf(values: ArrayLike<number>, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i];
  return sum;
}

/** Metrics over sentences; NaN loss and zeros for none. */
export function metricsOf(results: readonly SentenceResult[]): Metrics {
  const references = results.map((result) => result.references);
  const outputs = results.map(({ output }) => output);
  const aligned = results.flatMap(({ alignment }) => (alignment ? [alignment] : []));
  const tokens = results.reduce((sum, result) => sum + result.tokens, 0);
  return {
    loss: results.reduce((sum, { loss }) => sum + loss, 0) / tokens,
    exactMatch: exactMatch(references, outputs),
    bleu: corpusBleu(references, outputs).score,
    alignmentErrorRate:
      aligned.length === 0
        ? null
        : alignmentErrorRate(
            aligned.map(({ gold }) => ({ sure: gold })),
            aligned.map(({ predicted }) => predicted),
          ),
  };
}

/** The metrics by source length, in words. Buckets without a sentence are left out. */
export function metricsByLength(results: readonly SentenceResult[], edges: readonly number[]): LengthBucket[] {
  return groupByLength(results, ({ source }) => source.length, edges)
    .filter(({ items }) => items.length > 0)
    .map(({ shortest, longest, items }) => {
      const { loss: _, ...metrics } = metricsOf(items);
      const to = Number.isFinite(longest) ? longest : Math.max(...items.map(({ source }) => source.length));
      return { from: shortest, to, count: items.length, ...metrics };
    });
}

/** Mean loss in nats a token over pairs, by teacher forcing only: what validation looks at. */
export async function meanLoss(
  model: Translator,
  pairs: readonly EncodedPair[],
  options: { batchSize?: number } = {},
): Promise<number> {
  const { batchSize = 64 } = options;
  if (pairs.length === 0) throw new DataError("meanLoss: there are no pairs");
  const order = [...pairs].sort((a, b) => a.source.length - b.source.length || a.target.length - b.target.length);
  let [sum, tokens] = [0, 0];
  for (let start = 0; start < order.length; start += batchSize) {
    const batch = order.slice(start, start + batchSize);
    for (const { loss } of await teacherForced(model, batch)) sum += loss;
    for (const { target } of batch) tokens += target.length + 1;
  }
  return sum / tokens;
}

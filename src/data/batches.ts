import { DataError } from "../errors.js";
import { Random } from "../tensor/random.js";
import type { SentencePair } from "./pair.js";
import { BOS, EOS, PAD, type Vocabulary } from "./vocabulary.js";

/** A pair as ids, without `<bos>` and `<eos>`. */
export interface EncodedPair {
  readonly source: readonly number[];
  readonly target: readonly number[];
}

/**
 * Several pairs as padded rows, row-major, one row a pair. Padding is id 0 everywhere, also in `labels`: a loss takes 0
 * (`PAD`) as its ignored index, which no real label has.
 */
export interface Batch {
  /** `[batchSize, sourceLength]`: the words, then `<eos>`. */
  readonly source: Int32Array;
  /** `[batchSize, targetLength]`: what the decoder reads: `<bos>`, then the words. */
  readonly target: Int32Array;
  /** `[batchSize, targetLength]`: what it must say: the words, then `<eos>`. */
  readonly labels: Int32Array;
  /** `[batchSize]`: real tokens in each row, `<eos>` counted. */
  readonly sourceLengths: Int32Array;
  /** `[batchSize]`: real tokens in each row of `target`, and of `labels`. */
  readonly targetLengths: Int32Array;
  readonly batchSize: number;
  readonly sourceLength: number;
  readonly targetLength: number;
}

/** The next batch to come: `batch` of `epoch`, both counted from 0. */
export interface BatchPosition {
  readonly epoch: number;
  readonly batch: number;
}

export interface BatchOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** So many batches' worth of shuffled pairs are sorted by length before they are cut; 20 unless told. */
  readonly sortWindow?: number;
}

export function encodePairs(pairs: readonly SentencePair[], source: Vocabulary, target: Vocabulary): EncodedPair[] {
  return pairs.map((pair) => ({ source: source.encode(pair.source), target: target.encode(pair.target) }));
}

/** Pads pairs into one batch, in their order. */
export function makeBatch(pairs: readonly EncodedPair[]): Batch {
  if (pairs.length === 0) throw new DataError("batch: needs at least one pair");
  const batchSize = pairs.length;
  const sourceLengths = Int32Array.from(pairs, ({ source }) => source.length + 1);
  const targetLengths = Int32Array.from(pairs, ({ target }) => target.length + 1);
  const sourceLength = Math.max(...sourceLengths);
  const targetLength = Math.max(...targetLengths);
  const source = new Int32Array(batchSize * sourceLength).fill(PAD);
  const target = new Int32Array(batchSize * targetLength).fill(PAD);
  const labels = new Int32Array(batchSize * targetLength).fill(PAD);
  pairs.forEach((pair, row) => {
    source.set([...pair.source, EOS], row * sourceLength);
    target.set([BOS, ...pair.target], row * targetLength);
    labels.set([...pair.target, EOS], row * targetLength);
  });
  return { source, target, labels, sourceLengths, targetLengths, batchSize, sourceLength, targetLength };
}

/**
 * Endless batches for training, epoch after epoch; each epoch holds every pair once. Pairs are shuffled, sorted by
 * length within a window so that little is padded, cut, and the batches shuffled again. The order of an epoch depends
 * on nothing but the seed and the epoch's number, so a {@link BatchPosition} is all a checkpoint needs.
 */
export class BatchStream {
  private readonly pairs: readonly EncodedPair[];
  private readonly options: Required<BatchOptions>;
  private epoch = 0;
  private batch = 0;
  private order: readonly (readonly EncodedPair[])[];

  /** @throws DataError without pairs, or for a size that is not a positive integer */
  constructor(pairs: readonly EncodedPair[], options: BatchOptions) {
    const { batchSize, seed, sortWindow = 20 } = options;
    if (pairs.length === 0) throw new DataError("batches: there are no pairs to train on");
    for (const [name, value] of Object.entries({ batchSize, sortWindow })) {
      if (!Number.isInteger(value) || value < 1)
        throw new DataError(`batches: ${name} must be 1 or more, got ${value}`);
    }
    this.pairs = pairs;
    this.options = { batchSize, seed, sortWindow };
    this.order = this.orderOf(0);
  }

  /** The last batch of an epoch may be smaller. */
  get batchesPerEpoch(): number {
    return Math.ceil(this.pairs.length / this.options.batchSize);
  }

  next(): Batch {
    const batch = makeBatch(this.order[this.batch]);
    this.batch++;
    if (this.batch === this.order.length) this.moveTo({ epoch: this.epoch + 1, batch: 0 });
    return batch;
  }

  position(): BatchPosition {
    return { epoch: this.epoch, batch: this.batch };
  }

  /**
   * Continues exactly where {@link position} was read.
   * @throws DataError for a position that this stream cannot have
   */
  moveTo({ epoch, batch }: BatchPosition): void {
    const fits = Number.isInteger(epoch) && Number.isInteger(batch) && epoch >= 0 && batch >= 0;
    if (!fits || batch >= this.batchesPerEpoch) {
      throw new DataError(
        `batches: no batch ${batch} in epoch ${epoch}: there are ${this.batchesPerEpoch}. Is the checkpoint from other data?`,
      );
    }
    if (epoch !== this.epoch) this.order = this.orderOf(epoch);
    this.epoch = epoch;
    this.batch = batch;
  }

  private orderOf(epoch: number): (readonly EncodedPair[])[] {
    const { batchSize, seed, sortWindow } = this.options;
    const random = new Random(epochSeed(seed, epoch));
    const shuffled = random.shuffle(this.pairs);
    // The short batch is cut from the shuffled pairs, not from a sorted window: else it would always hold the longest.
    const whole = shuffled.length - (shuffled.length % batchSize);
    const batches: EncodedPair[][] = whole < shuffled.length ? [shuffled.slice(whole)] : [];
    for (let start = 0; start < whole; start += batchSize * sortWindow) {
      const window = shuffled.slice(start, Math.min(whole, start + batchSize * sortWindow));
      window.sort((a, b) => a.source.length - b.source.length || a.target.length - b.target.length);
      for (let row = 0; row < window.length; row += batchSize) batches.push(window.slice(row, row + batchSize));
    }
    return random.shuffle(batches);
  }
}

/** One 32-bit seed for each (seed, epoch), well mixed (the finaliser of MurmurHash3). */
function epochSeed(seed: number, epoch: number): number {
  let hash = Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

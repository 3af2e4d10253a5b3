/** Metrics of one model on test sentences of a range of lengths. */
export interface LengthBucket {
  /** Shortest and longest source sentence of the bucket, in words. */
  from: number;
  to: number;
  /** How many sentences. */
  count: number;
  /** Share of sentences translated word for word as in a reference, 0 to 1. */
  exactMatch: number;
  /** Corpus BLEU, 0 to 1. */
  bleu: number;
  /** 0 (all links right) to 1; null where there is no attention or no gold alignment. */
  alignmentErrorRate: number | null;
}

/** One trained model and what it scored. */
export interface ModelSummary {
  model: "rnnsearch" | "rnnencdec";
  /** How many trained numbers. */
  parameters: number;
  embeddingSize: number;
  hiddenSize: number;
  /** Optimiser steps, and the seconds they took. */
  steps: number;
  seconds: number;
  device: string;
  threads: number;
  /** On the test set; the loss in nats a token. */
  metrics: { loss: number; exactMatch: number; bleu: number; alignmentErrorRate: number | null };
  byLength: LengthBucket[];
}

/** `summary.json` of a run folder. */
export interface RunSummary {
  name: string;
  /** ISO 8601. */
  created: string;
  corpus: {
    kind: string;
    train: number;
    validation: number;
    test: number;
    /** The longest source sentence trained on, in words. */
    trainMaxLength: number;
    sourceVocabulary: number;
    targetVocabulary: number;
  };
  models: ModelSummary[];
  /** Test sentences with each model's translation, by model name. */
  examples: { source: string[]; target: string[]; outputs: Record<string, string[]> }[];
}

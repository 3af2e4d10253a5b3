import type {
  AttentionCell,
  CorpusExplanation,
  Decay,
  EntryPoints,
  GateSplit,
  RunFiles,
  ScalpelName,
  SentenceStudy,
} from "../../src/index.js";

/** A sentence to look at. Without a target the model's own translation is taken. */
export interface AskedSentence {
  readonly run: number;
  readonly source: readonly string[];
  readonly target?: readonly string[];
  readonly alignment?: readonly (readonly [number, number])[];
}

export interface OpenedRun {
  readonly name: string;
  readonly model: "rnnsearch" | "rnnencdec";
  readonly cell: string;
  readonly parameters: number;
}

/** A word in the tree of a beam search. */
export interface BeamNode {
  /** The node it continues; null at the first word. */
  readonly parent: number | null;
  readonly step: number;
  readonly word: string;
  /** ln p of all words up to this one. */
  readonly logProbability: number;
  readonly ended: boolean;
}

export interface Translation {
  readonly source: readonly string[];
  /** Whether the model knows each source word. */
  readonly known: readonly boolean[];
  readonly target: readonly string[];
  readonly logProbability: number;
  readonly milliseconds: number;
  readonly beam: readonly BeamNode[];
}

/** How far gradients come under one condition. */
export interface DistanceCurve {
  readonly name: string;
  readonly decay: Decay;
}

export interface Distances {
  readonly source: readonly string[];
  readonly entryPoints: EntryPoints;
  readonly curves: readonly DistanceCurve[];
}

/** What a training in the page says after some steps. */
export interface TrainingReport {
  readonly step: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly gradientNorms: Readonly<Record<string, number>>;
  readonly sentencesPerSecond: number;
  /** The sentence that is watched, at this step. */
  readonly frame: SentenceStudy | null;
}

export interface TrainingSetup {
  readonly embeddingSize: number;
  readonly hiddenSize: number;
  readonly batchSize: number;
  readonly maxLength: number;
  readonly seed: number;
}

/** What the page asks its worker, and what comes back. */
export interface Calls {
  open: {
    ask: readonly RunFiles[];
    answer: { runs: readonly OpenedRun[]; scalpels: Readonly<Record<ScalpelName, string>> };
    progress: never;
  };
  translate: { ask: { run: number; text: string; beam: number }; answer: Translation; progress: never };
  study: {
    ask: { sentence: AskedSentence; cuts: readonly ScalpelName[]; truncate: number | null };
    answer: SentenceStudy;
    progress: never;
  };
  cell: { ask: { sentence: AskedSentence; t: number; j: number }; answer: AttentionCell; progress: never };
  distances: { ask: { sentence: AskedSentence }; answer: Distances; progress: never };
  /** Null for an encoder without gates. */
  gates: { ask: { sentence: AskedSentence }; answer: GateSplit | null; progress: never };
  explain: {
    ask: { run: number; pairs: readonly AskedSentence[] };
    answer: CorpusExplanation;
    progress: { share: number; soFar: CorpusExplanation };
  };
  prepareTraining: { ask: TrainingSetup; answer: { parameters: number; sentence: readonly string[] }; progress: never };
  train: {
    ask: { steps: number; learningRate: number; frameEvery: number };
    answer: TrainingReport;
    progress: TrainingReport;
  };
}

export type CallName = keyof Calls;

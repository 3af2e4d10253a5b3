import type {
  AttentionCell,
  AttentionStudy,
  CorpusExplanation,
  Device,
  Distances,
  GateSplit,
  Influence,
  RunFiles,
  ScalpelName,
  SeedVariance,
} from "../../src/index.js";

/** A sentence to look at. Without a target the model's own translation is taken. */
export interface AskedSentence {
  readonly run: number;
  readonly source: readonly string[];
  readonly target?: readonly string[];
  readonly alignment?: readonly (readonly [number, number])[];
}

/** What computes: how the page calls it, and how it calls itself. */
export interface Computer {
  readonly name: string;
  readonly adapter: string;
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
  /** Of the sentence with this translation as its target. */
  readonly study: AttentionStudy;
}

/** What a training in the page says after some steps. */
export interface TrainingReport {
  readonly step: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly gradientNorms: Readonly<Record<string, number>>;
  readonly sentencesPerSecond: number;
  /** The sentence that is watched, at this step. */
  readonly frame: AttentionStudy | null;
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
    ask: { runs: readonly RunFiles[]; device: Device };
    answer: {
      runs: readonly OpenedRun[];
      scalpels: Readonly<Record<ScalpelName, string>>;
      computer: Computer;
    };
    progress: never;
  };
  translate: { ask: { run: number; text: string; beam: number }; answer: Translation; progress: never };
  study: {
    ask: { sentence: AskedSentence; cuts: readonly ScalpelName[]; truncate: number | null };
    answer: AttentionStudy;
    progress: never;
  };
  influence: { ask: { sentence: AskedSentence }; answer: Influence; progress: never };
  cell: { ask: { sentence: AskedSentence; t: number; j: number }; answer: AttentionCell; progress: never };
  distances: {
    ask: { sentence: AskedSentence };
    answer: Distances & { readonly source: readonly string[] };
    progress: never;
  };
  /** Null for an encoder without gates. */
  gates: { ask: { sentence: AskedSentence }; answer: GateSplit | null; progress: never };
  explain: {
    ask: { run: number; pairs: readonly AskedSentence[] };
    answer: CorpusExplanation;
    progress: { share: number; soFar: CorpusExplanation };
  };
  /** One more training of the run from another seed; all of them so far beside the run's own, null where it was stopped. */
  trainSeed: {
    ask: { run: number; steps: number; pairs: readonly AskedSentence[] };
    answer: readonly SeedVariance[] | null;
    progress: number;
  };
  prepareTraining: { ask: TrainingSetup; answer: { parameters: number; sentence: readonly string[] }; progress: never };
  train: {
    ask: { steps: number; learningRate: number; frameEvery: number };
    answer: TrainingReport;
    progress: TrainingReport;
  };
}

export type CallName = keyof Calls;

import "../autograd/methods.js";
import { noGrad } from "../autograd/mode.js";
import { type EncodedPair, makeBatch } from "../data/batches.js";
import { BOS, EOS, PAD } from "../data/vocabulary.js";
import { DataError } from "../errors.js";
import type { Encoded, Translator } from "../models/translator.js";
import { tensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { batchTensors, deviceOf } from "./batch-tensors.js";
import { inEvaluationMode } from "./evaluation-mode.js";

/** A translation as ids, without `<bos>` and `<eos>`. */
export interface Decoded {
  readonly tokens: readonly number[];
  /** ln p of the tokens and of the `<eos>` that ended them. */
  readonly logProbability: number;
  /** False where the longest length was reached before `<eos>`. */
  readonly ended: boolean;
  /**
   * Attention weights: a row for each token said, `<eos>` among them, a column for each source token and its `<eos>`.
   * Null without attention.
   */
  readonly weights: readonly (readonly number[])[] | null;
}

export interface DecodeOptions {
  /** How many hypotheses are kept for each sentence; 1, which is greedy decoding, unless told. */
  readonly beam?: number;
  /** The α of {@link lengthPenalty}: 0 prefers short translations, 1 compares the mean ln p; 0.6 unless told. */
  readonly lengthPenalty?: number;
  /** The longest translation in tokens; twice the source and ten more unless told. */
  readonly maxLength?: number;
  /** Called for each sentence and step with the hypotheses that were kept, best first: the beam as a tree. */
  readonly onStep?: (sentence: number, kept: readonly BeamStep[]) => void;
}

/** A hypothesis that a step kept. */
export interface BeamStep {
  /** Which of the hypotheses that lived before it continues, counted as they were told then, the ended ones left out. */
  readonly parent: number;
  readonly token: number;
  /** ln p from the first token on. */
  readonly logProbability: number;
  readonly ended: boolean;
}

interface Hypothesis extends Decoded {
  readonly tokens: readonly number[];
  readonly weights: (readonly number[])[] | null;
}

/** What is known of one sentence: hypotheses that may go on, and finished ones. */
interface Search {
  readonly sourceLength: number;
  readonly maxLength: number;
  live: Hypothesis[];
  finished: Hypothesis[];
}

/** lp(Y) = ((5 + |Y|) / 6)^α (Wu et al. 2016, equation 14); a hypothesis is worth ln p / lp, `<eos>` counted. */
export const lengthPenalty = (length: number, alpha: number): number => ((5 + length) / 6) ** alpha;

/**
 * Translates sentences, all in one batch, by beam search (with a beam of 1: greedily). Returns the best hypothesis of each.
 * A sentence is done when `beam` hypotheses have ended, or at the longest length.
 *
 * @param sources ids without `<eos>`
 * @throws DataError for a beam that is no positive integer
 */
export async function decode(
  model: Translator,
  sources: readonly (readonly number[])[],
  options: DecodeOptions = {},
): Promise<Decoded[]> {
  const { beam = 1, lengthPenalty: alpha = 0.6, maxLength } = options;
  if (!Number.isInteger(beam) || beam < 1) throw new DataError(`decode: beam must be 1 or more, got ${beam}`);
  if (sources.length === 0) return [];
  const searches = sources.map((source): Search => {
    const start: Hypothesis = { tokens: [], logProbability: 0, ended: false, weights: null };
    const longest = maxLength ?? 2 * source.length + 10;
    return { sourceLength: source.length + 1, maxLength: longest, live: [start], finished: [] };
  });
  await inEvaluationMode(model, () => search(model, sources, searches, beam, options.onStep));
  const worth = ({ tokens, logProbability, ended }: Hypothesis) =>
    logProbability / lengthPenalty(tokens.length + Number(ended), alpha);
  return searches.map(({ finished }) => finished.reduce((best, other) => (worth(other) > worth(best) ? other : best)));
}

/** Row `sentence · beam + i` of every tensor belongs to hypothesis i of a sentence; rows without one repeat `<eos>`. */
async function search(
  model: Translator,
  sources: readonly (readonly number[])[],
  searches: readonly Search[],
  beam: number,
  onStep: DecodeOptions["onStep"],
): Promise<void> {
  const rows = sources.flatMap((source) => new Array<EncodedPair>(beam).fill({ source, target: [] }));
  const encoded = encodeRows(model, rows);
  let { state } = encoded;
  while (searches.some(({ live }) => live.length > 0)) {
    const tokens = new Int32Array(rows.length).fill(EOS);
    searches.forEach(({ live }, sentence) => {
      live.forEach((hypothesis, i) => {
        tokens[sentence * beam + i] = hypothesis.tokens.at(-1) ?? BOS;
      });
    });
    const step = await advance(model, encoded, tokens, state);
    const parents = new Int32Array(rows.length);
    searches.forEach((sentenceSearch, sentence) => {
      const { survivors, kept } = extend(sentenceSearch, step, sentence * beam, beam);
      if (kept.length > 0) onStep?.(sentence, kept);
      for (let i = 0; i < beam; i++) parents[sentence * beam + i] = sentence * beam + (survivors[i] ?? 0);
    });
    state.dispose();
    state = beam === 1 ? step.state : pickRows(model, step.state, parents);
  }
  state.dispose();
  const parameters = new Set(model.parameters());
  for (const part of [...Object.values(encoded.rows), ...Object.values(encoded.shared)]) {
    if (!parameters.has(part)) part.dispose();
  }
}

function encodeRows(model: Translator, rows: readonly EncodedPair[]): Encoded {
  return scope(() =>
    noGrad(() => {
      const { source, mask } = batchTensors(makeBatch(rows), deviceOf(model));
      return model.encode(source, mask);
    }),
  );
}

interface Step {
  /** ln p, row-major `[rows, vocabulary]`. */
  readonly logProbabilities: ArrayLike<number>;
  readonly vocabulary: number;
  /** Row-major `[rows, columns]`. */
  readonly weights: ArrayLike<number> | null;
  readonly columns: number;
  readonly state: Tensor;
}

/** One decoder step for all rows: numbers out, but the state stays a tensor. */
async function advance(model: Translator, encoded: Encoded, tokens: Int32Array, state: Tensor): Promise<Step> {
  const result = scope(() =>
    noGrad(() => {
      const { logits, ...rest } = model.step(encoded, tensor(tokens, { device: deviceOf(model) }), state);
      return { logProbabilities: logits.logSoftmax(), ...rest };
    }),
  );
  const vocabulary = result.logProbabilities.shape[1];
  const columns = result.weights?.shape[1] ?? 0;
  const logProbabilities = await result.logProbabilities.data();
  const weights = result.weights ? await result.weights.data() : null;
  result.logProbabilities.dispose();
  result.weights?.dispose();
  return { logProbabilities, vocabulary, weights, columns, state: result.state };
}

function pickRows(model: Translator, state: Tensor, rows: Int32Array): Tensor {
  const picked = scope(() => noGrad(() => model.selectState(state, tensor(rows, { device: state.device }))));
  state.dispose();
  return picked;
}

/**
 * Goes on with a sentence's hypotheses: the best `beam` continuations of all end or live.
 * @returns for each hypothesis that lives now, the one it continues; and all that were kept, ended ones among them
 */
function extend(search: Search, step: Step, firstRow: number, beam: number): { survivors: number[]; kept: BeamStep[] } {
  const { live, finished, maxLength, sourceLength } = search;
  const candidates = live.flatMap((hypothesis, i) =>
    bestTokens(step, firstRow + i, beam).map(([token, logP]) => ({
      parent: i,
      token,
      logProbability: hypothesis.logProbability + logP,
    })),
  );
  candidates.sort((a, b) => b.logProbability - a.logProbability);
  const survivors: number[] = [];
  const kept: BeamStep[] = [];
  search.live = [];
  for (const { parent, token, logProbability } of candidates.slice(0, beam)) {
    const before = live[parent];
    const weights = step.weights ? [...(before.weights ?? []), weightsOf(step, firstRow + parent, sourceLength)] : null;
    const ended = token === EOS;
    const next = { tokens: ended ? before.tokens : [...before.tokens, token], logProbability, ended, weights };
    const isOver = ended || next.tokens.length >= maxLength;
    kept.push({ parent, token, logProbability, ended: isOver });
    if (isOver) finished.push(next);
    else {
      search.live.push(next);
      survivors.push(parent);
    }
  }
  if (finished.length >= beam) search.live = [];
  return { survivors, kept };
}

const weightsOf = ({ weights, columns }: Step, row: number, sourceLength: number): number[] =>
  Array.from({ length: sourceLength }, (_, j) => weights?.[row * columns + j] ?? 0);

/** The `count` likeliest tokens of a row, best first; never `<pad>` or `<bos>`. */
function bestTokens({ logProbabilities, vocabulary }: Step, row: number, count: number): [number, number][] {
  const best: [number, number][] = [];
  for (let token = 0; token < vocabulary; token++) {
    if (token === PAD || token === BOS) continue;
    const logP = logProbabilities[row * vocabulary + token];
    if (best.length === count && !(logP > best[count - 1][1])) continue;
    const at = best.findIndex(([, other]) => logP > other);
    best.splice(at < 0 ? best.length : at, 0, [token, logP]);
    if (best.length > count) best.pop();
  }
  return best;
}

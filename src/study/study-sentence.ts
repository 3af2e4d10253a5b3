import { type EncodedPair, encodePairs } from "../data/batches.js";
import type { SentencePair } from "../data/pair.js";
import type { Translator } from "../models/translator.js";
import { scope } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { decode } from "../training/decode.js";
import type { Vocabularies } from "../training/evaluate.js";
import { inEvaluationMode } from "../training/evaluation-mode.js";
import { influence } from "./influence.js";
import { pathGradients, pathSplit, pathTerms } from "./path-split.js";
import type { AttentionStudy, SentenceStudy } from "./sentence-study.js";
import { numbers, rowsOf } from "./states.js";
import { Trace, type TraceOptions } from "./trace.js";

/** A sentence to study; where it has no translation, the model's own greedy one is taken. */
export type StudiedSentence = Pick<SentencePair, "source" | "alignment"> & Partial<Pick<SentencePair, "target">>;

/** What a change to the backward pass may be; see {@link TraceOptions}. */
export type StudyOptions = Pick<TraceOptions, "change">;

/**
 * Where the gradient of one sentence comes from: attention and its gradients, the path split of every encoder state's
 * gradient, and the influence of each source word on each target word. Two forward passes with the model's own code,
 * their intermediates under aliases, and three backward passes.
 *
 * @example
 * const study = await studySentence(model, vocabularies, { source: ["i", "am", "cold", "."] });
 * study.paths.value[0]; // the share of the first word's gradient that came through the attention's values
 */
export async function studySentence(
  model: Translator,
  vocabularies: Vocabularies,
  sentence: StudiedSentence,
  options: StudyOptions = {},
): Promise<SentenceStudy> {
  const study = await studyAttention(model, vocabularies, sentence, options);
  const [pair] = encodePairs(
    [{ source: sentence.source, target: study.target.slice(0, -1) }],
    vocabularies.source,
    vocabularies.target,
  );
  return { ...study, ...(await inEvaluationMode(model, () => influence(model, pair, options))) };
}

/** The same without the influence of each word on each, which takes most of the time. */
export async function studyAttention(
  model: Translator,
  vocabularies: Vocabularies,
  sentence: StudiedSentence,
  options: StudyOptions = {},
): Promise<AttentionStudy> {
  const target = sentence.target ?? (await translation(model, vocabularies, sentence.source));
  const [pair] = encodePairs([{ source: sentence.source, target }], vocabularies.source, vocabularies.target);
  return {
    model: model.config.model,
    source: [...sentence.source, "<eos>"],
    target: [...target, "<eos>"],
    gold: sentence.alignment ?? null,
    ...(await inEvaluationMode(model, () => attentionAndPaths(model, pair, options))),
  };
}

/** Attention, its gradients and the path split alone: one forward pass. The model has to be in evaluation mode. */
export async function attentionAndPaths(
  model: Translator,
  pair: EncodedPair,
  options: StudyOptions = {},
): Promise<Pick<AttentionStudy, "alpha" | "alphaBar" | "eBar" | "paths">> {
  const found = scope(() => attentionGradients(model, pair, options));
  const length = pair.source.length + 1;
  return {
    alpha: await rows(found.weights, length),
    alphaBar: await rows(found.alphaBar, length),
    eBar: await rows(found.eBar, length),
    paths: pathSplit(await pathTerms(found.paths)),
  };
}

async function translation(
  model: Translator,
  vocabularies: Vocabularies,
  source: readonly string[],
): Promise<readonly string[]> {
  const [{ tokens }] = await decode(model, [vocabularies.source.encode(source)]);
  return vocabularies.target.decode(tokens);
}

type MaybeTensors = readonly (Tensor | null)[] | null;

function attentionGradients(model: Translator, pair: EncodedPair, options: StudyOptions) {
  const trace = new Trace(model, pair, options);
  const loss = trace.loss();
  const attends = trace.has("decoder.alpha[0]");
  const arriving = (name: string): MaybeTensors =>
    attends ? trace.gradients(loss, trace.steps(name), { side: "arriving" }) : null;
  const weights: MaybeTensors = attends ? trace.steps("alpha").map((site) => trace.value(site)) : null;
  const [alphaBar, eBar] = [arriving("alpha"), arriving("e")];
  return { weights, alphaBar, eBar, paths: pathGradients(trace, loss) };
}

/** One [1, length] tensor a row, read and freed. */
async function rows(tensors: MaybeTensors, length: number): Promise<number[][] | null> {
  if (!tensors) return null;
  const read = await Promise.all(tensors.map((tensor) => numbers(tensor, length)));
  for (const tensor of tensors) tensor?.dispose();
  return read.map((row) => rowsOf(row, length)[0]);
}

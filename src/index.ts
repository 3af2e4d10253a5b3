/** Backflow's public API: tensors, autograd, layers, attention, and the study of their gradients. */
import "./autograd/methods.js";

export { AdditiveAttention, type AttentionMemory, additiveAttention } from "./attention/additive.js";
export { type Attended, type AttentionOptions, attend, type Score } from "./attention/attend.js";
export {
  ConcatAttention,
  type ConcatSource,
  dotAttention,
  GeneralAttention,
  type ProjectedSource,
} from "./attention/luong.js";
export { type MultiHeadAttended, MultiHeadAttention, type MultiHeadOptions } from "./attention/multi-head.js";
export {
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./attention/transformer.js";
export { type BackwardOptions, backward, type GradOptions, grad } from "./autograd/backward.js";
export { hessian, jacobian, jvp, type TensorFunction, vjp } from "./autograd/functional.js";
export { type ForeignFunction, foreign } from "./autograd/gradcheck/foreign.js";
export {
  assertGradients,
  type GradcheckOptions,
  GradientError,
  gradcheck,
  gradgradcheck,
} from "./autograd/gradcheck/gradcheck.js";
export {
  type DirectionReport,
  type ElementComparison,
  type Failure,
  type FailureKind,
  type GradcheckReport,
  type InputReport,
  type Kink,
  showReport,
} from "./autograd/gradcheck/report.js";
export type { CheckedFunction, CheckedModule, ParameterOwner } from "./autograd/gradcheck/subject.js";
export { type EpsSweep, epsSweep, type SweepOptions, type SweepPoint } from "./autograd/gradcheck/sweep.js";
export { describeSweep, plotSweep, sweepSvg } from "./autograd/gradcheck/sweep-plot.js";
export { checkOperation, type DeviceRow, operationNames, type TableRow } from "./autograd/gradcheck/table.js";
export { type Graph, type GraphEdge, type GraphVertex, graph, toDot, toMermaid } from "./autograd/graph.js";
export { detectAnomaly, enableGrad, noGrad, within } from "./autograd/mode.js";
export type { GradientHook } from "./autograd/node.js";
export {
  type Call,
  defineOp,
  type OperationFunction,
  type OperationRule,
} from "./autograd/operation.js";
export { additiveScore } from "./autograd/operations/additive-score.js";
export {
  add,
  div,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  mul,
  notEqual,
  pow,
  sub,
} from "./autograd/operations/arithmetic.js";
export { broadcastTo } from "./autograd/operations/broadcast.js";
export { cast, to } from "./autograd/operations/cast.js";
export { concat, stack } from "./autograd/operations/concat.js";
export { type CrossEntropyOptions, crossEntropy } from "./autograd/operations/cross-entropy.js";
export { type DropoutOptions, dropout } from "./autograd/operations/dropout.js";
export { abs, clamp, exp, log, neg, relu, sigmoid, softplus, sqrt, tanh } from "./autograd/operations/elementwise.js";
export { gruGates, lstmGates } from "./autograd/operations/gates.js";
export { gather, scatterAdd } from "./autograd/operations/gather.js";
export { layerNorm } from "./autograd/operations/layer-norm.js";
export { linear, matmul } from "./autograd/operations/matmul.js";
export { permute, transpose } from "./autograd/operations/permute.js";
export { argmax, argmin, max, mean, min, type ReduceOptions, sum } from "./autograd/operations/reduce.js";
export { alias, reshape } from "./autograd/operations/reshape.js";
export { at, pad, type SliceRange, slice, split } from "./autograd/operations/slice.js";
export { logSoftmax, softmax } from "./autograd/operations/softmax.js";
export { where } from "./autograd/operations/where.js";
export {
  type Batch,
  type BatchPosition,
  BatchStream,
  type EncodedPair,
  encodePairs,
  makeBatch,
} from "./data/batches.js";
export { type GrammarCorpus, type GrammarOptions, grammarByLength, grammarCorpus } from "./data/grammar.js";
export { type IntlOptions, intlCorpus } from "./data/intl.js";
export type { AlignedPair, Corpus, SentencePair } from "./data/pair.js";
export { pairsCorpus, parsePairs, splitPairs } from "./data/pairs.js";
export { detokenize, tokenize } from "./data/tokenize.js";
export { BOS, EOS, PAD, UNK, Vocabulary } from "./data/vocabulary.js";
export { DataError, DeviceError, DTypeError, GraphError, ShapeError } from "./errors.js";
export type { DType, NumberArray } from "./kernels/storage.js";
export { threadCount } from "./kernels/wasm/workers.js";
export { createTranslator } from "./models/create-translator.js";
export { initializeAsBahdanau } from "./models/initialization.js";
export { translatorParameterCount, withParameterCount } from "./models/parameter-count.js";
export { RNNencdec } from "./models/rnnencdec.js";
export { RNNsearch } from "./models/rnnsearch.js";
export {
  type Encoded,
  Translator,
  type TranslatorConfig,
  type TranslatorOutput,
  type TranslatorStep,
} from "./models/translator.js";
export { Adadelta } from "./nn/adadelta.js";
export { Adam, type AdamOptions, AdamW } from "./nn/adam.js";
export { clipGradNorm } from "./nn/clip-grad-norm.js";
export { Conv1d } from "./nn/conv1d.js";
export { Dropout } from "./nn/dropout.js";
export { Embedding } from "./nn/embedding.js";
export { GRU, GRUCell } from "./nn/gru.js";
export { gaussian, type Initializer, orthogonal, uniform, xavierUniform, zero } from "./nn/initializers.js";
export { LayerNorm } from "./nn/layer-norm.js";
export { Linear } from "./nn/linear.js";
export { LSTM, LSTMCell } from "./nn/lstm.js";
export { Module, type ParameterOptions, type StateDict } from "./nn/module.js";
export { Optimizer, type OptimizerOptions, type OptimizerState } from "./nn/optimizer.js";
export { RecurrentCell, type RecurrentCellOptions, type SequenceStates } from "./nn/recurrent-cell.js";
export {
  RecurrentLayer,
  type RecurrentLayerOptions,
  type RecurrentOutput,
  type RecurrentRun,
  type RecurrentRunOptions,
} from "./nn/recurrent-layer.js";
export { RNN, RNNCell } from "./nn/rnn.js";
export { SGD } from "./nn/sgd.js";
export type { Tap } from "./nn/tap.js";
export { type AttentionCell, attentionCell } from "./study/attention-cell.js";
export { type AttentionHealth, attentionHealth } from "./study/attention-health.js";
export { type Decay, type DecayPoint, decay } from "./study/decay.js";
export { type DistanceCurve, type Distances, distances } from "./study/distances.js";
export { type EntryPoints, type EntryTerms, entryPoints, entryTerms } from "./study/entry-points.js";
export { type Adversary, type AdversaryOptions, adversary } from "./study/explanation/adversary.js";
export { jensenShannon, totalVariation } from "./study/explanation/divergence.js";
export { type Erasure, type ErasureOrder, erasure } from "./study/explanation/erasure.js";
export {
  type CorpusExplainOptions,
  type CorpusExplanation,
  type ExplainOptions,
  type Explanation,
  explainCorpus,
  explainPair,
} from "./study/explanation/explain.js";
export { leaveOneOut, permutation, saliency, uniformAttention } from "./study/explanation/faithfulness.js";
export { type IntegratedGradients, integratedGradients } from "./study/explanation/integrated-gradients.js";
export { kendallTau } from "./study/explanation/kendall-tau.js";
export { type SeedVariance, seedVariance } from "./study/explanation/seed-variance.js";
export { type Film, type FilmFrame, type FilmPicture, FilmRecorder, readFilm } from "./study/film.js";
export { type GatePath, gatePaths } from "./study/gate-paths.js";
export { type GateSplit, gateSplit, gateTerms } from "./study/gate-split.js";
export { type Influence, influence } from "./study/influence.js";
export { type MeasuredSentence, measureSentence } from "./study/measured-sentence.js";
export {
  type PathGradients,
  type PathTerms,
  pathGradients,
  pathResidual,
  pathSplit,
  pathTerms,
} from "./study/path-split.js";
export {
  type CurvePoint,
  type ReportData,
  type RunFiles,
  renderReport,
  renderStudyPage,
  type StudyPageData,
} from "./study/report.js";
export { cut, type ScalpelName, scalpels, together, truncated } from "./study/scalpels.js";
export type { AttentionStudy, PathName, PathSplit, SentenceStudy } from "./study/sentence-study.js";
export { type StudiedSentence, type StudyOptions, studyAttention, studySentence } from "./study/study-sentence.js";
export { Recorder, Trace, type TraceOptions } from "./study/trace.js";
export {
  arange,
  eye,
  full,
  oneHot,
  ones,
  rand,
  randn,
  type TensorOptions,
  tensor,
  zeros,
} from "./tensor/create.js";
export {
  type Device,
  defaults,
  deviceReady,
  type MemoryReport,
  memory,
  registerDevice,
  setDefaults,
  unregisterDevice,
} from "./tensor/devices.js";
export { type LoadedDevice, loadDevice } from "./tensor/load-device.js";
export { Random, type RandomState, seed } from "./tensor/random.js";
export { keep, scope, unscoped } from "./tensor/scope.js";
export type { Shape } from "./tensor/shape.js";
export { type NestedArray, Tensor } from "./tensor/tensor.js";
export { type AlignmentLink, alignmentErrorRate, hardAlignment } from "./training/alignment-error-rate.js";
export { corpusBleu } from "./training/bleu.js";
export { MODEL_FILE, readModel, resume, TRAINING_STATE_FILE, writeModel } from "./training/checkpoint.js";
export { type BeamStep, type Decoded, type DecodeOptions, decode } from "./training/decode.js";
export {
  evaluate,
  type Metrics,
  meanLoss,
  metricsByLength,
  metricsOf,
  type SentenceResult,
  type Vocabularies,
} from "./training/evaluate.js";
export { exactMatch } from "./training/exact-match.js";
export { type MetricsLine, readMetrics } from "./training/metrics-log.js";
export { buildVocabularies, digestOf, makeTrainingRun, openRun, type TrainedModel } from "./training/run.js";
export { type CorpusDescription, type RunConfig, readRunConfig, readVocabularies } from "./training/run-config.js";
export { MemoryRunStorage, type RunStorage } from "./training/run-storage.js";
export { decodeSafetensors, encodeSafetensors, type TensorData } from "./training/safetensors.js";
export type { LengthBucket, ModelSummary, RunSummary } from "./training/summary.js";
export { type StepReport, Trainer, type TrainerOptions, type TrainerState } from "./training/trainer.js";
export { type TrainingLoopOptions, type TrainingProgress, train } from "./training/training-loop.js";
export { freshHistory, type TrainingHistory, type TrainingRun } from "./training/training-run.js";

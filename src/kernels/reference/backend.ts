import type { Backend } from "../backend.js";
import { additiveScore, additiveScoreBackward } from "./attention.js";
import { concat, copy, pad, padInto } from "./copy.js";
import { crossEntropy, crossEntropyBackward } from "./cross-entropy.js";
import { map, mapBackward, mapConstant, where, zip } from "./elementwise.js";
import { gruGates, gruGatesBackward, lstmGates, lstmGatesBackward } from "./gates.js";
import { gather, scatterAdd, scatterAddInto } from "./gather.js";
import { layerNorm, layerNormBackward } from "./layer-norm.js";
import { addProducts, linear, matmul, matmulInto } from "./matmul.js";
import { adadelta, adam, sgd } from "./optimizers.js";
import { reduce } from "./reduce.js";
import { sequences } from "./sequences.js";
import { logSoftmax, logSoftmaxBackward, softmax, softmaxBackward } from "./softmax.js";
import { accumulate, assign, cast, fill, liveMemory, read, readSync, upload, zeros } from "./storage.js";

const reference: Backend = {
  name: "reference",
  float: "float64",
  zeros,
  upload,
  read,
  readSync,
  memory: liveMemory,
  fill,
  assign,
  accumulate,
  map,
  mapBackward,
  zip,
  where,
  mapConstant,
  cast,
  reduce,
  matmul,
  matmulInto,
  addProducts,
  linear,
  copy,
  concat,
  pad,
  padInto,
  gather,
  scatterAdd,
  scatterAddInto,
  softmax,
  softmaxBackward,
  logSoftmax,
  logSoftmaxBackward,
  layerNorm,
  layerNormBackward,
  gruGates,
  gruGatesBackward,
  lstmGates,
  lstmGatesBackward,
  additiveScore,
  additiveScoreBackward,
  crossEntropy,
  crossEntropyBackward,
  sequences,
  sgd,
  adam,
  adadelta,
};

/**
 * The float64 CPU back end: the formulas as they stand, over plain typed arrays. It is the truth that the other back
 * ends are tested against, and it also runs the integer and bool operations of the whole CPU: its operands may be any
 * `HostStorage`, its results are always its own.
 */
export const referenceBackend = (): Backend => reference;

/** Every operation that has a derivative, by name: what the table of gradient-check cases must cover. */
import { additiveScoreOp } from "./additive-score.js";
import * as arithmetic from "./arithmetic.js";
import { broadcastToOp } from "./broadcast.js";
import { castOp } from "./cast.js";
import { concatOp } from "./concat.js";
import { crossEntropyRowsOp } from "./cross-entropy.js";
import * as elementwise from "./elementwise.js";
import { gruGatesOp, lstmGatesOp } from "./gates.js";
import { gatherOp, scatterAddOp } from "./gather.js";
import { gruDecoderOp } from "./gru-decoder.js";
import { gruSequenceOp } from "./gru-sequence.js";
import { layerNormOp } from "./layer-norm.js";
import { linearOp, matmulOp } from "./matmul.js";
import { permuteOp } from "./permute.js";
import { maxOp, minOp, sumOp } from "./reduce.js";
import { aliasOp, reshapeOp } from "./reshape.js";
import { padOp, sectionOp, sliceOp } from "./slice.js";
import { logSoftmaxOp, maskedSoftmaxOp, softmaxOp } from "./softmax.js";
import { whereOp } from "./where.js";

export const operations = {
  add: arithmetic.addOp,
  sub: arithmetic.subOp,
  mul: arithmetic.mulOp,
  div: arithmetic.divOp,
  pow: arithmetic.powOp,
  maximum: arithmetic.maximumOp,
  minimum: arithmetic.minimumOp,
  addConstant: arithmetic.addConstantOp,
  subConstant: arithmetic.subConstantOp,
  mulConstant: arithmetic.mulConstantOp,
  divConstant: arithmetic.divConstantOp,
  powConstant: arithmetic.powConstantOp,
  maximumConstant: arithmetic.maximumConstantOp,
  minimumConstant: arithmetic.minimumConstantOp,
  neg: elementwise.negOp,
  exp: elementwise.expOp,
  log: elementwise.logOp,
  sqrt: elementwise.sqrtOp,
  abs: elementwise.absOp,
  tanh: elementwise.tanhOp,
  sigmoid: elementwise.sigmoidOp,
  relu: elementwise.reluOp,
  softplus: elementwise.softplusOp,
  clamp: elementwise.clampOp,
  where: whereOp,
  sum: sumOp,
  max: maxOp,
  min: minOp,
  matmul: matmulOp,
  linear: linearOp,
  permute: permuteOp,
  reshape: reshapeOp,
  alias: aliasOp,
  broadcastTo: broadcastToOp,
  section: sectionOp,
  slice: sliceOp,
  pad: padOp,
  concat: concatOp,
  gather: gatherOp,
  scatterAdd: scatterAddOp,
  softmax: softmaxOp,
  maskedSoftmax: maskedSoftmaxOp,
  logSoftmax: logSoftmaxOp,
  layerNorm: layerNormOp,
  crossEntropy: crossEntropyRowsOp,
  gruGates: gruGatesOp,
  lstmGates: lstmGatesOp,
  gruSequence: gruSequenceOp,
  gruDecoder: gruDecoderOp,
  additiveScore: additiveScoreOp,
  cast: castOp,
} as const;

export type OperationName = keyof typeof operations;

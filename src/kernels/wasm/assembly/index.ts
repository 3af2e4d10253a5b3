// Everything that JavaScript calls. The JavaScript side describes these functions in `../kernels.ts`; since no call
// checks how many arguments it gets, that description is the only guard.

export { additiveScore, additiveScoreBackward } from "./attention";
export { gather, moveStrided, scatterAdd } from "./copy";
export { crossEntropy, crossEntropyBackward } from "./cross-entropy";
export { accumulate, clear, copyBytes, fill, map, mapBackward } from "./map";
export { gruDecoder, gruDecoderBackward } from "./gru-decoder";
export { gruSequence, gruSequenceBackward } from "./gru-sequence";
export { layerNorm, layerNormBackward } from "./layer-norm";
export { addProducts, matmul, scratchSize } from "./matmul";
export { adadelta, adam, sgd } from "./optimizers";
export { gruGates, gruGatesBackward, lstmGates, lstmGatesBackward } from "./gates";
export { reduce } from "./reduce";
export { logSoftmax, logSoftmaxBackward, softmax, softmaxBackward } from "./softmax";
export { controlSize, heapStart, setInteger, setup, threads, work } from "./threads";
export { truth, where, zip, zipBroadcast } from "./zip";

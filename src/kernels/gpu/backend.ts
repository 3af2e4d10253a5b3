import type { Backend } from "../backend.js";
import { sizeOf } from "../storage.js";
import { additiveScore, additiveScoreBackward } from "./attention.js";
import { availableModes, type GpuMode, openContext } from "./context.js";
import { concat, copy, pad } from "./copy.js";
import { accumulate, cast, map, mapBackward, mapConstant, where, zip } from "./elementwise.js";
import { gruGates, gruGatesBackward, lstmGates, lstmGatesBackward } from "./gates.js";
import { gather, scatterAdd, scatterAddInto } from "./gather.js";
import { layerNorm, layerNormBackward } from "./layer-norm.js";
import { crossEntropy, crossEntropyBackward, logSoftmax, logSoftmaxBackward } from "./log-softmax.js";
import { addProducts, linear, matmul, matmulInto } from "./matmul.js";
import { adadelta, adam, sgd } from "./optimizers.js";
import { reduce } from "./reduce.js";
import { Runtime, whole } from "./runtime.js";
import { softmax, softmaxBackward } from "./softmax.js";

/** The GPU back end, and what only a GPU back end can tell. */
export interface GpuBackend extends Backend {
  readonly name: "gpu";
  /** How the kernels really run: on a GPU in the first three modes, on the CPU in the others. */
  readonly mode: GpuMode;
  /** What runs the kernels, as it calls itself: "nvidia hopper", "google swiftshader" (software), "this CPU". */
  readonly adapter: string;
  /** Kernels launched since the back end was opened. */
  readonly launches: number;
  /** Bytes that crossed between host and device since then. */
  readonly traffic: { readonly uploaded: number; readonly read: number };
  /** What the variants of the kernels run on, for the benchmark. */
  readonly runtime: Runtime;
  /** Gives the device back. Its storages cannot be used any more. */
  close(): Promise<void>;
}

interface Environment {
  readonly process?: { env?: Record<string, string | undefined>; versions?: { node?: string } };
  readonly navigator?: { gpu?: unknown };
}
const environment = globalThis as Environment;

/**
 * The mode that `BACKFLOW_GPU` asks for, where there is an environment; `auto` where it names none. What is no mode is an
 * error where it is opened.
 */
export const wantedMode = (): GpuMode | "auto" =>
  (environment.process?.env?.BACKFLOW_GPU as GpuMode | undefined) ?? "auto";

/** Node has no `navigator.gpu`: puts one there. A browser needs nothing. */
async function openAdapter(mode: GpuMode | "auto"): Promise<void> {
  const needed = mode !== "webasm" && mode !== "cpu";
  const inNode = environment.process?.versions?.node !== undefined;
  if (!needed || !inNode || environment.navigator?.gpu !== undefined) return;
  const node = await import("./context.node.js");
  await node.openAdapter();
}

/** Which modes can run here, each with null or the reason why it cannot. */
export async function availableGpuModes(): Promise<Record<GpuMode, string | null>> {
  await openAdapter("auto");
  return availableModes();
}

/**
 * Opens the GPU: WebGPU, else WebGL2, else headless GL, else gpu.js's own WebAssembly mode, else its CPU mode. `mode`
 * (or the environment's `BACKFLOW_GPU`) asks for exactly one, and a {@link DeviceError} says why it cannot be had.
 */
export async function gpuBackend({ mode = wantedMode() }: { mode?: GpuMode | "auto" } = {}): Promise<GpuBackend> {
  await openAdapter(mode);
  const context = await openContext(mode);
  const gpu = new Runtime(context);
  return {
    name: "gpu",
    float: "float32",
    mode: context.mode,
    get launches() {
      return context.launches;
    },
    traffic: gpu.traffic,
    runtime: gpu,
    adapter: context.adapter,
    close: () => gpu.close(),

    zeros: (length, dtype) => gpu.filled(length, 0, dtype),
    upload: (data, dtype) => gpu.upload(data, dtype),
    read: (x) => gpu.read(x),
    readSync: (x) => gpu.readSync(x),
    memory: () => ({ ...gpu.live, mode: context.mode }),
    fill: (x, value) => {
      const { dtype } = x.storage;
      const stored = dtype === "bool" ? Number(value !== 0) : dtype === "int32" ? Math.trunc(value) : value;
      gpu.write("fill", x, gpu.filled(sizeOf(x.shape), stored, dtype));
    },
    assign: (x, y) => gpu.write("assign", x, gpu.duplicate("assign", y)),
    accumulate: (x, y) => accumulate(gpu, x, y),

    map: (f, x) => map(gpu, f, x),
    mapBackward: (f, x, y, gy) => mapBackward(gpu, f, x, y, gy),
    zip: (f, x, y, shape) => zip(gpu, f, x, y, shape),
    where: (condition, x, y, shape) => where(gpu, condition, x, y, shape),
    mapConstant: (f, x, c) => mapConstant(gpu, f, x, c),
    cast: (x, dtype) => cast(gpu, x, dtype),

    reduce: (f, x, layout) => reduce(gpu, f, x, layout),

    matmul: (a, b, layout) => matmul(gpu, a, b, layout),
    matmulInto: (a, b, layout, into) => matmulInto(gpu, a, b, layout, into),
    addProducts: (products) => addProducts(gpu, products),
    linear: (x, w, bias, rows, k, n) => linear(gpu, x, w, bias, rows, k, n),

    copy: (x, layout) => copy(gpu, x, layout),
    concat: (parts, layout) => concat(gpu, parts, layout),
    pad: (x, shape, before, steps, value) => pad(gpu, x, shape, before, steps, value),
    padInto(x, before, steps, into) {
      const spread = pad(gpu, x, into.shape, before, steps, 0);
      accumulate(gpu, into, whole(spread));
      spread.release();
    },

    gather: (x, indices, layout) => gather(gpu, x, indices, layout),
    scatterAdd: (x, indices, layout) => scatterAdd(gpu, x, indices, layout),
    scatterAddInto: (x, indices, layout, into) => scatterAddInto(gpu, x, indices, layout, into),

    softmax: (x, layout, mask, maskRepeat) => softmax(gpu, x, layout, mask, maskRepeat),
    softmaxBackward: (y, gy, layout) => softmaxBackward(gpu, y, gy, layout),
    logSoftmax: (x, layout) => logSoftmax(gpu, x, layout),
    logSoftmaxBackward: (y, gy, layout) => logSoftmaxBackward(gpu, y, gy, layout),

    layerNorm: (x, weight, bias, epsilon) => layerNorm(gpu, x, weight, bias, epsilon),
    layerNormBackward: (x, weight, epsilon, gy) => layerNormBackward(gpu, x, weight, epsilon, gy),

    gruGates: (gi, gh, h, mask) => gruGates(gpu, gi, gh, h, mask),
    gruGatesBackward: (gi, gh, h, mask, gy) => gruGatesBackward(gpu, gi, gh, h, mask, gy),
    lstmGates: (gi, gh, state, mask) => lstmGates(gpu, gi, gh, state, mask),
    lstmGatesBackward: (gi, gh, state, mask, gy) => lstmGatesBackward(gpu, gi, gh, state, mask, gy),
    additiveScore: (query, keys, v) => additiveScore(gpu, query, keys, v),
    additiveScoreBackward: (query, keys, v, gy) => additiveScoreBackward(gpu, query, keys, v, gy),
    crossEntropy: (logits, targets, ignoreIndex, labelSmoothing) =>
      crossEntropy(gpu, logits, targets, ignoreIndex, labelSmoothing),
    crossEntropyBackward: (logits, targets, ignoreIndex, labelSmoothing, gy) =>
      crossEntropyBackward(gpu, logits, targets, ignoreIndex, labelSmoothing, gy),
    sequences: null,

    sgd: (p, g, velocity, momentum, options) => sgd(gpu, p, g, velocity, momentum, options),
    adam: (p, g, m, v, step, hyper, options) => adam(gpu, p, g, m, v, step, hyper, options),
    adadelta: (p, g, squares, deltas, hyper, options) => adadelta(gpu, p, g, squares, deltas, hyper, options),
  };
}

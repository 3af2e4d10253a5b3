/**
 * `backflow/kernels`: the back ends themselves, for benchmarks and for kernels of one's own. Nothing here checks shapes;
 * whoever wants tensors takes `backflow`.
 */
export {
  type AxisLayout,
  type Backend,
  type MatmulLayout,
  oneProduct,
  type Reduction,
  type StridedLayout,
} from "./backend.js";
export { availableGpuModes, type GpuBackend, gpuBackend } from "./gpu/backend.js";
export { type GpuMode, gpuModes } from "./gpu/context.js";
export {
  type ArgumentKind,
  type DeviceFunction,
  deviceFunction,
  type Kernel,
  type KernelThis,
  kernel,
} from "./gpu/kernel.js";
export { matmul as gpuMatmul, matmulVariants } from "./gpu/matmul.js";
export { type SoftmaxVariant, softmax as gpuSoftmax, softmaxVariants } from "./gpu/softmax.js";
export { tanh, tanhBuiltIn, tanhExponential } from "./gpu/tanh.js";
export { unitsOff } from "./parity/parity.js";
export { referenceBackend } from "./reference/backend.js";
export { type DType, type NumberArray, type Operand, Storage } from "./storage.js";
export { createWasmBackend, useWasmBackend, wasmBackend } from "./wasm/backend.js";

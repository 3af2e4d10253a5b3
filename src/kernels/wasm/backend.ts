import type { Backend } from "../backend.js";
import { doors } from "./doors.js";
import { elementwise } from "./elementwise.js";
import { Engine } from "./engine.js";
import { fused } from "./fused.js";
import { movement } from "./movement.js";
import { optimizers } from "./optimizers.js";
import { products } from "./products.js";

let backend: Backend | null = null;

function create(): Backend {
  const engine = new Engine();
  return {
    name: "wasm",
    float: "float32",
    ...doors(engine),
    ...elementwise(engine),
    ...products(engine),
    ...movement(engine),
    ...fused(engine),
    ...optimizers(engine),
  };
}

/**
 * The float32 CPU back end: AssemblyScript kernels in WebAssembly SIMD over one linear memory. Compiled on the first
 * call. Raises a DeviceError where the engine has no SIMD, and when the memory is exhausted.
 */
export function wasmBackend(): Backend {
  backend ??= create();
  return backend;
}

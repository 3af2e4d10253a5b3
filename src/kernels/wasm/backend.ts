import type { Backend } from "../backend.js";
import { doors } from "./doors.js";
import { elementwise } from "./elementwise.js";
import { Engine } from "./engine.js";
import { fused } from "./fused.js";
import { movement } from "./movement.js";
import { optimizers } from "./optimizers.js";
import { products } from "./products.js";
import { sequences } from "./sequences.js";
import { threadCount } from "./workers.js";

/** The back end over one engine's kernels and memory. */
export function backendOver(engine: Engine): Backend {
  return {
    name: "wasm",
    float: "float32",
    ...doors(engine),
    ...elementwise(engine),
    ...products(engine),
    ...movement(engine),
    ...fused(engine),
    ...optimizers(engine),
    sequences: sequences(engine),
  };
}

let backend: Backend | null = null;

/**
 * The float32 CPU back end: AssemblyScript kernels in WebAssembly SIMD over one linear memory, shared by as many
 * threads as BACKFLOW_THREADS or the machine says. Compiled on the first call; workers start when there is work for
 * them. Raises a DeviceError where the engine has no SIMD, and when the memory is exhausted.
 */
export function wasmBackend(): Backend {
  backend ??= backendOver(new Engine(threadCount()));
  return backend;
}

/** A back end with a memory and workers of its own, on so many threads (the calling one included). */
export const createWasmBackend = (threads: number): Backend => backendOver(new Engine(threads));

/** Makes this the back end that {@link wasmBackend} gives from now on. What lies in another's memory is copied on use. */
export function useWasmBackend(next: Backend): void {
  backend = next;
}

/**
 * What is run where a test cannot run itself: in a browser, and in a Node process with a software adapter. Bundled and
 * minified by Vite, as a user's application would be, so that it also shows that kernels survive it.
 */
import { gpuBackend } from "../../../src/kernels/gpu/backend.js";
import type { GpuMode } from "../../../src/kernels/gpu/context.js";
import { type ParityRow, parity } from "../../../src/kernels/parity/parity.js";
import { referenceBackend } from "../../../src/kernels/reference/backend.js";
import { behaviours } from "./behaviours.js";

export interface SuiteResult {
  readonly mode: string;
  readonly adapter: string;
  readonly rows: readonly ParityRow[];
  /** By name: null where it holds, else how it does not. */
  readonly behaviours: Readonly<Record<string, string | null>>;
}

/** Each on a back end of its own, so that what it counts is its own. */
async function behave(mode: GpuMode): Promise<Record<string, string | null>> {
  const results: Record<string, string | null> = {};
  for (const [name, holds] of Object.entries(behaviours)) {
    const gpu = await gpuBackend({ mode });
    results[name] = await holds(gpu).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    await gpu.close();
  }
  return results;
}

export async function runSuite(mode: GpuMode): Promise<SuiteResult> {
  const gpu = await gpuBackend({ mode });
  const rows = await parity(gpu, referenceBackend());
  const { adapter } = gpu;
  await gpu.close();
  const held = await behave(mode);
  return { mode: gpu.mode, adapter, rows, behaviours: held };
}

Object.assign(globalThis, { runSuite });

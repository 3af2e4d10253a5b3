/**
 * Node 20 has relaxed SIMD behind a flag that can still be set at run time, before the module that needs it is
 * compiled. Later versions need none and refuse or ignore it. Elsewhere than in Node this does nothing; there is no
 * import of a Node module, so browsers load this file too.
 */
export function enableRelaxedSimd(): void {
  const node: typeof process | undefined = globalThis.process;
  if (node?.versions?.node?.split(".")[0] !== "20") return;
  node.getBuiltinModule?.("node:v8").setFlagsFromString("--experimental-wasm-relaxed-simd");
}

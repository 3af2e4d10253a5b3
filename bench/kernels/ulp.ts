// Worst error of the vector functions against float64, over every n-th float32 there is:
// `node dist/scripts/bench/kernels/ulp.js [n]`, where 1 means all of them (many minutes).

import { type UnaryName, unary } from "../../src/kernels/scalar.js";
import { backendOver } from "../../src/kernels/wasm/backend.js";
import { Engine } from "../../src/kernels/wasm/engine.js";

const step = Number(process.argv[2] ?? 257);
const names: readonly UnaryName[] = ["exp", "log", "sqrt", "tanh", "sigmoid", "softplus"];
const BLOCK = 2 ** 18;

/** In units in the last place of the exact value. */
function ulpError(actual: number, exact: number): number {
  if (actual === exact || (Number.isNaN(exact) && Number.isNaN(actual))) return 0;
  const rounded = Math.fround(exact);
  if (!Number.isFinite(rounded)) return actual === rounded ? 0 : Infinity;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact) || 2 ** -126)));
  return Math.abs(actual - exact) / 2 ** (exponent - 23);
}

for (const fused of [true, false]) {
  const backend = backendOver(new Engine(1, fused));
  for (const f of names) {
    const { value } = unary[f];
    const patterns = new Uint32Array(BLOCK);
    const numbers = new Float32Array(patterns.buffer);
    let worst = 0;
    let at = 0;
    let tried = 0;
    for (let pattern = 0; pattern < 2 ** 32; ) {
      let n = 0;
      for (; n < BLOCK && pattern < 2 ** 32; n++, pattern += step) patterns[n] = pattern;
      const x = backend.upload(numbers.subarray(0, n), "float32");
      const y = backend.map(f, { storage: x, offset: 0, shape: [n] });
      const results = backend.readSync({ storage: y, offset: 0, shape: [n] });
      for (let i = 0; i < n; i++) {
        const error = ulpError(results[i], value(numbers[i]));
        if (!(error <= worst)) {
          worst = error;
          at = numbers[i];
        }
      }
      tried += n;
      for (const storage of [x, y]) {
        storage.retain();
        storage.release();
      }
    }
    const build = fused ? "fused" : "plain";
    console.log(`${f.padEnd(9)} ${build}  worst ${worst.toFixed(3)} ulp at ${at}, of ${tried} values`);
  }
}

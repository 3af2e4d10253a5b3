import { DataError } from "backflow";
import type { Input } from "../problems/inputs.js";
import type { Candidate, Prepared, Problem } from "../problems/problem.js";
import type { BenchDevice } from "../runner/devices.js";
import { matmulProblem } from "./matmul.js";

/** Steps from scalar WebAssembly to a tile of registers, each a function of addresses and sizes: c[m, n] = a[m, k] · b[k, n]. */
const source = (fused: boolean): string => `
  // One output at a time: b is read down its columns, a new cache line each time.
  export function scalar(a: usize, b: usize, c: usize, m: i32, k: i32, n: i32): void {
    for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) {
      let sum: f32 = 0;
      for (let p = 0; p < k; p++) sum += load<f32>(a + ((i * k + p) << 2)) * load<f32>(b + ((p * n + j) << 2));
      store<f32>(c + ((i * n + j) << 2), sum);
    }
  }
  // The two inner loops exchanged: b and c are read in the order of memory.
  export function rows(a: usize, b: usize, c: usize, m: i32, k: i32, n: i32): void {
    for (let i = 0; i < m; i++) {
      const row = c + ((i * n) << 2);
      memory.fill(row, 0, n << 2);
      for (let p = 0; p < k; p++) {
        const left = load<f32>(a + ((i * k + p) << 2));
        for (let j = 0; j < n; j++)
          store<f32>(row + (j << 2), load<f32>(row + (j << 2)) + left * load<f32>(b + ((p * n + j) << 2)));
      }
    }
  }
  // Four columns at once; n must be a multiple of 4.
  export function vector(a: usize, b: usize, c: usize, m: i32, k: i32, n: i32): void {
    for (let i = 0; i < m; i++) {
      const row = c + ((i * n) << 2);
      memory.fill(row, 0, n << 2);
      for (let p = 0; p < k; p++) {
        const left = v128.load32_splat(a + ((i * k + p) << 2));
        const from = b + ((p * n) << 2);
        for (let j = 0; j < n << 2; j += 16)
          v128.store(row + j, ${fused ? "f32x4.relaxed_madd(left, v128.load(from + j), v128.load(row + j))" : "f32x4.add(v128.load(row + j), f32x4.mul(left, v128.load(from + j)))"});
      }
    }
  }
  // Four rows by eight columns in eight registers: 6 loads for 32 multiply-adds; m a multiple of 4, n of 8.
  export function tile(a: usize, b: usize, c: usize, m: i32, k: i32, n: i32): void {
    for (let i = 0; i < m; i += 4) for (let j = 0; j < n; j += 8) {
      ${grid((r, h) => `let s${r}${h} = f32x4.splat(0);`)}
      let right = b + (j << 2);
      let left = a + ((i * k) << 2);
      for (let p = 0; p < k; p++) {
        const b0 = v128.load(right);
        const b1 = v128.load(right, 16);
        ${[0, 1, 2, 3].map((r) => `const a${r} = v128.load32_splat(left + ((${r} * k) << 2));`).join("\n")}
        ${grid((r, h) =>
          fused
            ? `s${r}${h} = f32x4.relaxed_madd(a${r}, b${h}, s${r}${h});`
            : `s${r}${h} = f32x4.add(s${r}${h}, f32x4.mul(a${r}, b${h}));`,
        )}
        right += n << 2;
        left += 4;
      }
      ${grid((r, h) => `v128.store(c + (((i + ${r}) * n + j + ${4 * h}) << 2), s${r}${h});`)}
    }
  }`;

function grid(line: (row: number, half: number) => string): string {
  return [0, 1, 2, 3].flatMap((row) => [0, 1].map((half) => line(row, half))).join("\n");
}

type Product = (a: number, b: number, c: number, m: number, k: number, n: number) => void;

interface Steps {
  readonly memory: WebAssembly.Memory;
  readonly products: Record<string, Product>;
}

async function compile(fused: boolean): Promise<Steps> {
  // The compiler is heavy, and only this suite needs it.
  const { default: asc } = await import("assemblyscript/asc");
  const { binary, error } = await asc.compileString(source(fused), {
    optimizeLevel: 3,
    runtime: "stub",
    initialMemory: 16,
    enable: fused ? ["simd", "relaxed-simd", "bulk-memory"] : ["simd", "bulk-memory"],
  });
  if (!binary) throw new Error("the steps of the walk do not compile", { cause: error });
  const { instance } = await WebAssembly.instantiate(new Uint8Array(binary));
  const { memory, ...products } = instance.exports;
  return { memory: memory as WebAssembly.Memory, products: products as Record<string, Product> };
}

const compiled = new Map<boolean, Promise<Steps>>();
function stepsOf(fused: boolean): Promise<Steps> {
  const known = compiled.get(fused) ?? compile(fused);
  compiled.set(fused, known);
  return known;
}

/** Where the arrays begin: above the module's own data. */
const BASE = 65_536;

async function prepareStep(name: string, fused: boolean, size: number, [x, y]: readonly Input[]): Promise<Prepared> {
  const { memory, products } = await stepsOf(fused);
  const bytes = 4 * size * size;
  const missing = Math.ceil((BASE + 3 * bytes - memory.buffer.byteLength) / 65_536);
  if (missing > 0) memory.grow(missing);
  const [a, b, c] = [BASE, BASE + bytes, BASE + 2 * bytes];
  const place = (address: number): Float32Array => new Float32Array(memory.buffer, address, size * size);
  const run = (): void => products[name](a, b, c, size, size, size);
  place(a).set(x.data);
  place(b).set(y.data);
  const start = performance.now();
  run();
  const firstCall = performance.now() - start;
  const first = place(c).slice();
  return {
    firstCall,
    results: async () => [first],
    run,
    upload: null,
    readBack: null,
    total: null,
    complete: null,
    close: () => {},
  };
}

/** The steps, in order; the last ones are the library's own product, on as many threads as devices are open. */
const steps = [
  ["1 scalar", "scalar", false],
  ["2 rows", "rows", false],
  ["3 vector", "vector", false],
  ["4 tile", "tile", false],
  ["5 fused tile", "tile", true],
] as const;

function walkProblem(size: number, seed: number): Problem {
  const product = matmulProblem("NN", size, size, size, seed);
  const inputs = product.job?.().inputs ?? [];
  const candidates = (device: BenchDevice): Candidate[] => {
    if (device.kind !== "wasm") return [];
    const own = product.candidates(device).map((one) => ({ ...one, variant: "6 packed (the library's)" }));
    if (device.threads > 1) return own;
    return [
      ...steps.map(([variant, name, fused]) => ({ variant, prepare: () => prepareStep(name, fused, size, inputs) })),
      ...own,
    ];
  };
  return { ...product, suite: "walk", family: "steps of a product", candidates };
}

/** From scalar WebAssembly to the library's product, on squares of sizes that the tile divides. */
export function walkProblems(sizes: readonly number[] | null, seed: number): Problem[] {
  const odd = sizes?.find((size) => size % 8 !== 0);
  if (odd !== undefined) throw new DataError(`the walk's tile needs sizes that are multiples of 8, not ${odd}`);
  return (sizes ?? [256, 512]).map((size) => walkProblem(size, seed));
}

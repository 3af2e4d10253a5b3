import asc from "assemblyscript/asc";

// Twelve independent chains of multiply-add in registers: nothing is loaded, so nothing but the arithmetic can wait.
const source = (fused: boolean): string => `
  export function chains(n: i32): f32 {
    let x = f32x4.splat(0.999);
    let y = f32x4.splat(0.001);
    ${Array.from({ length: 12 }, (_, i) => `let c${i} = f32x4.splat(${i}.5);`).join("\n")}
    for (let i = 0; i < n; i++) {
      ${Array.from({ length: 12 }, (_, i) => `c${i} = ${fused ? `f32x4.relaxed_madd(x, y, c${i})` : `f32x4.add(f32x4.mul(x, c${i}), y)`};`).join("\n")}
    }
    return ${Array.from({ length: 12 }, (_, i) => `f32x4.extract_lane(c${i}, 0)`).join(" + ")};
  }`;

/** The machine's own limit for float32 multiply-add on SIMD128 with one thread, in GFLOP/s (a multiply-add is two). */
export async function ceiling(fused: boolean): Promise<number> {
  const { binary } = await asc.compileString(source(fused), {
    optimizeLevel: 3,
    runtime: "stub",
    enable: fused ? ["simd", "relaxed-simd"] : ["simd"],
  });
  if (!binary) throw new Error("the ceiling's kernel did not compile");
  const { instance } = await WebAssembly.instantiate(new Uint8Array(binary));
  const chains = instance.exports.chains as (n: number) => number;
  const steps = 2_000_000;
  for (let i = 0; i < 5; i++) chains(steps);
  let best = Infinity;
  for (let i = 0; i < 10; i++) {
    const start = performance.now();
    chains(steps);
    best = Math.min(best, performance.now() - start);
  }
  return (steps * 12 * 8) / best / 1e6;
}

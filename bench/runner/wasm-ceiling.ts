/**
 * What the machine does at most, in WebAssembly modules of one function that are written byte by byte, so that a browser
 * can have them too.
 */
const CHAINS = 12;
/** The parameter, x and y, then the chains. */
const [TURNS, X, Y, FIRST] = [0, 1, 2, 3];

const chains = Array.from({ length: CHAINS }, (_, i) => i);

function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}
const sized = (content: readonly number[]): number[] => [...unsigned(content.length), ...content];
const section = (id: number, content: readonly number[]): number[] => [id, ...sized(content)];
const text = (value: string): number[] => sized([...new TextEncoder().encode(value)]);

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const splat = (value: number): number[] => [0x43, ...new Uint8Array(Float32Array.of(value).buffer), 0xfd, 0x13];
const F32X4_ADD = [0xfd, 0xe4, 0x01];
const F32X4_MUL = [0xfd, 0xe6, 0x01];
const F32X4_RELAXED_MADD = [0xfd, 0x85, 0x02];
const EXTRACT_FIRST_LANE = [0xfd, 0x1f, 0];
const F32_ADD = 0x92;

/**
 * chains(turns: i32): f32: twelve independent chains of multiply-add in registers. Nothing is loaded, so nothing but the
 * arithmetic can wait.
 */
function chainsModule(fused: boolean): Uint8Array<ArrayBuffer> {
  const step = (local: number): number[] =>
    fused
      ? [...get(X), ...get(Y), ...get(local), ...F32X4_RELAXED_MADD, ...set(local)]
      : [...get(X), ...get(local), ...F32X4_MUL, ...get(Y), ...F32X4_ADD, ...set(local)];
  const code = [
    // One run of locals: 14 of type v128.
    ...[1, 2 + CHAINS, 0x7b],
    ...splat(0.999),
    ...set(X),
    ...splat(0.001),
    ...set(Y),
    ...chains.flatMap((i) => [...splat(i + 0.5), ...set(FIRST + i)]),
    // loop: every chain one step; turns ← turns − 1; again unless 0
    ...[0x03, 0x40],
    ...chains.flatMap((i) => step(FIRST + i)),
    ...[...get(TURNS), 0x41, 1, 0x6b, 0x22, TURNS, 0x0d, 0, 0x0b],
    ...chains.flatMap((i) => [...get(FIRST + i), ...EXTRACT_FIRST_LANE, ...(i > 0 ? [F32_ADD] : [])]),
    0x0b,
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("chains"), 0, 0]),
    ...section(10, [1, ...sized(code)]),
  ]);
}

/** The shortest of all calls in so many milliseconds: long enough for the compiler and the clock to settle. */
function least(forMs: number, call: () => void): number {
  let best = Infinity;
  for (const end = performance.now() + forMs; performance.now() < end; ) {
    const start = performance.now();
    call();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/**
 * The machine's own limit for float32 multiply-add on SIMD128 with one thread, in GFLOP/s (a multiply-add is two).
 * Fused, where the engine knows relaxed SIMD; a CompileError where it does not.
 */
export async function ceiling(fused: boolean): Promise<number> {
  const { instance } = await WebAssembly.instantiate(chainsModule(fused));
  const run = instance.exports.chains as (turns: number) => number;
  const turns = 2_000_000;
  return (turns * CHAINS * 8) / least(500, () => run(turns)) / 1e6;
}

/** So many vectors are copied in one turn. */
const VECTORS = 8;
const PAGE = 65_536;

/** stream(from, to, end: i32) over a memory of so many pages: loads and stores of four floats, nothing between. */
function streamModule(pages: number): Uint8Array<ArrayBuffer> {
  const [FROM, TO, END] = [0, 1, 2];
  const advance = (local: number): number[] => [...get(local), 0x41, ...signed(16 * VECTORS), 0x6a];
  const code = [
    0,
    ...[0x03, 0x40],
    ...Array.from({ length: VECTORS }, (_, i) => [
      ...[...get(TO), ...get(FROM), 0xfd, 0, 4, ...unsigned(16 * i)],
      ...[0xfd, 0x0b, 4, ...unsigned(16 * i)],
    ]).flat(),
    ...[...advance(TO), ...set(TO), ...advance(FROM), 0x22, FROM],
    ...[...get(END), 0x49, 0x0d, 0, 0x0b],
    0x0b,
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, 0x7f, 0x7f, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(pages)]),
    ...section(7, [1, ...text("stream"), 0, 0]),
    ...section(10, [1, ...sized(code)]),
  ]);
}

/** A number from 64 to 8191 as LEB128 writes signed ones. */
const signed = (value: number): number[] => [(value & 127) | 128, value >> 7];

/**
 * The rate at which one thread reads half of so many bytes and writes the other half in WebAssembly, in GB/s. What fits a
 * cache stays there, as it does for a kernel of the same size.
 */
export async function streamRate(bytes: number): Promise<number> {
  const half = 16 * VECTORS * Math.max(1, Math.floor(bytes / (32 * VECTORS)));
  const { instance } = await WebAssembly.instantiate(streamModule(Math.ceil((2 * half) / PAGE)));
  const run = instance.exports.stream as (from: number, to: number, end: number) => void;
  const calls = Math.max(1, Math.ceil(4e6 / half));
  const best = least(200, () => {
    for (let i = 0; i < calls; i++) run(0, half, half);
  });
  return (2 * half * calls) / best / 1e6;
}

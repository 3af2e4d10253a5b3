// The float32 CPU kernels beside the machine's own ceiling, measured in the same run. One line a kernel:
// `node dist/scripts/bench/kernels/wasm.js [part of a name]`

import type { MatmulLayout } from "../../src/kernels/backend.js";
import type { Operand } from "../../src/kernels/storage.js";
import { wasmBackend } from "../../src/kernels/wasm/backend.js";
import { ceiling } from "./ceiling.js";

const backend = wasmBackend();
const wanted = process.argv[2] ?? "";

function random(...shape: number[]): Operand {
  const size = shape.reduce((product, n) => product * n, 1);
  const data = Float32Array.from({ length: size }, () => Math.random() * 2 - 1);
  const storage = backend.upload(data, "float32");
  storage.retain();
  return { storage, offset: 0, shape };
}

interface Timing {
  median: number;
  least: number;
}

/** Milliseconds a call, over at least 300 ms after 200 ms of warming up. */
function time(run: () => void): Timing {
  const warm = performance.now() + 200;
  while (performance.now() < warm) run();
  const samples: number[] = [];
  const end = performance.now() + 300;
  while (performance.now() < end || samples.length < 8) {
    const start = performance.now();
    let calls = 0;
    do {
      run();
      calls++;
    } while (performance.now() - start < 2);
    samples.push((performance.now() - start) / calls);
  }
  samples.sort((a, b) => a - b);
  return { median: samples[samples.length >> 1], least: samples[0] };
}

function report(name: string, run: () => void, rate?: (ms: number) => string): void {
  if (!name.includes(wanted)) return;
  const { median, least } = time(run);
  const columns = [name.padEnd(34), `${median.toFixed(4).padStart(10)} ms`, `(least ${least.toFixed(4)})`.padEnd(18)];
  console.log(columns.join(" ") + (rate ? `  ${rate(median)}` : ""));
}

const [plain, fused] = [await ceiling(false), await ceiling(true)];
console.log(`SIMD128 ceiling, one thread: ${plain.toFixed(1)} GFLOP/s multiply + add, ${fused.toFixed(1)} fused`);

const release = (storage: { retain(): void; release(): void }): void => {
  storage.retain();
  storage.release();
};

function product(form: string, m: number, k: number, n: number, batch = 1): void {
  const layout: MatmulLayout = {
    batch,
    m,
    k,
    n,
    transposeA: form[0] === "T",
    transposeB: form[1] === "T",
    batchStrideA: m * k,
    batchStrideB: k * n,
  };
  const a = random(batch, m, k);
  const b = random(batch, k, n);
  const name = `matmul ${form} ${batch > 1 ? `${batch} × ` : ""}${m}·${k}·${n}`;
  report(
    name,
    () => release(backend.matmul(a, b, layout)),
    (ms) => {
      const rate = (2 * batch * m * k * n) / ms / 1e6;
      return `${rate.toFixed(1)} GFLOP/s, ${((100 * rate) / fused).toFixed(0)} % of the ceiling`;
    },
  );
  a.storage.release();
  b.storage.release();
}

for (const form of ["NN", "NT", "TN", "TT"]) product(form, 512, 512, 512);
product("NN", 1024, 1024, 1024);
for (const form of ["NN", "NT", "TN"]) {
  product(form, 32, 64, 192);
  product(form, 32, 256, 768);
  product(form, 64, 256, 768);
  product(form, 64, 512, 2000);
  product(form, 768, 64, 200);
}
for (const form of ["NN", "NT", "TN"]) {
  product(form, 1, 12, 128, 32);
  product(form, 12, 12, 128, 32);
  product(form, 1, 256, 256);
  product(form, 12, 1, 128, 32);
  product(form, 1, 128, 12, 32);
}

const million = random(1024, 1024);
const other = random(1024, 1024);
const row = random(1024);
const column = random(1024, 1);
const rate = (bytes: number) => (ms: number) => `${(bytes / ms / 1e6).toFixed(1)} GB/s`;
for (const f of ["tanh", "sigmoid", "exp", "log", "softplus", "relu"] as const) {
  report(`${f} 1M`, () => release(backend.map(f, million)), rate(8 * 2 ** 20));
}
report("tanh backward 1M", () => release(backend.mapBackward("tanh", million, other, million)), rate(16 * 2 ** 20));
report("add 1M", () => release(backend.zip("add", million, other, [1024, 1024])), rate(12 * 2 ** 20));
report("add row 1M", () => release(backend.zip("add", million, row, [1024, 1024])), rate(8 * 2 ** 20));
report("mul column 1M", () => release(backend.zip("mul", million, column, [1024, 1024])), rate(8 * 2 ** 20));
report("accumulate 1M", () => backend.accumulate(million, other), rate(12 * 2 ** 20));
const small = random(32, 64);
report("add 32·64", () => release(backend.zip("add", small, small, [32, 64])));
const bias = random(64);
report("add row 32·64", () => release(backend.zip("add", small, bias, [32, 64])));
const all = { outer: 1, length: 2 ** 20, inner: 1 };
report("sum 1M", () => release(backend.reduce("sum", million, all)), rate(4 * 2 ** 20));
const rows = { outer: 1024, length: 1024, inner: 1 };
const columns = { outer: 1, length: 1024, inner: 1024 };
report("sum rows 1024²", () => release(backend.reduce("sum", million, rows)), rate(4 * 2 ** 20));
report("sum columns 1024²", () => release(backend.reduce("sum", million, columns)), rate(4 * 2 ** 20));
report("max rows 1024²", () => release(backend.reduce("max", million, rows)), rate(4 * 2 ** 20));
report("argmax rows 1024²", () => release(backend.reduce("argmax", million, rows)), rate(4 * 2 ** 20));
report("softmax rows 1024²", () => release(backend.softmax(million, rows, null, 1)));
report("softmax columns 1024²", () => release(backend.softmax(million, columns, null, 1)));
report("log-softmax rows 1024²", () => release(backend.logSoftmax(million, rows)));
report("softmax backward 1024²", () => release(backend.softmaxBackward(million, other, rows)));
const transposed = { shape: [1024, 1024], strides: [1, 1024], start: 0 };
report("transpose 1024²", () => release(backend.copy(million, transposed)), rate(8 * 2 ** 20));
const turned = { shape: [32, 32, 1024], strides: [1024, 32768, 1], start: 0 };
report("permute 32·32·1024", () => release(backend.copy(million, turned)), rate(8 * 2 ** 20));

const [batch, hidden] = [64, 256];
const gates = [random(batch, 3 * hidden), random(batch, 3 * hidden), random(batch, hidden)] as const;
report("GRU gates 64·256", () => release(backend.gruGates(...gates, null)));
report("GRU gates backward 64·256", () => {
  for (const storage of backend.gruGatesBackward(...gates, null, gates[2])) release(storage);
});
const score = [random(64, 20, 256), random(64, 20, 256), random(256)] as const;
const scoreGradient = random(64, 20, 20);
const tanhs = 64 * 20 * 20 * 256;
const each = (ms: number): string => `${((ms * 1e6) / tanhs).toFixed(2)} ns a tanh`;
report("additive score 64·20·20·256", () => release(backend.additiveScore(...score)), each);
report(
  "additive score backward",
  () => {
    for (const storage of backend.additiveScoreBackward(...score, scoreGradient)) release(storage);
  },
  each,
);
const logits = random(1280, 4000);
const targets = backend.upload(
  Int32Array.from({ length: 1280 }, () => Math.floor(Math.random() * 4000)),
  "int32",
);
targets.retain();
const target: Operand = { storage: targets, offset: 0, shape: [1280] };
const lossGradient = random(1280);
report("cross-entropy 1280·4000", () => release(backend.crossEntropy(logits, target, -100, 0)));
report("cross-entropy backward", () => release(backend.crossEntropyBackward(logits, target, -100, 0, lossGradient)));
const table = random(4000, 256);
const layout = { outer: 1, length: 4000, inner: 256 };
report("gather 1280 rows of 256", () => release(backend.gather(table, target, layout)));
report("scatter-add 1280 rows of 256", () =>
  backend.scatterAddInto({ ...logits, shape: [1280, 256] }, target, layout, table),
);
const moments = [random(1024, 1024), random(1024, 1024)];
report("Adam 1M", () =>
  backend.adam(
    million,
    other,
    moments[0],
    moments[1],
    10,
    { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled: false },
    { learningRate: 0, weightDecay: 0, scale: null },
  ),
);

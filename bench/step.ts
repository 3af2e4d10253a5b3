/**
 * One RNNsearch training step: forward, backward, clip to norm 1, Adam, with fresh random tokens, at four sizes.
 * The model and the step are the library's own, as `backflow train` runs them.
 *
 *     npm run bench:step -- [--json] [--config E32,E64] [--seconds 5] [--torch]
 *
 * `--torch` runs the same step in eager PyTorch (bench/peers/torch/rnnsearch.py) in turn with ours, three rounds, under
 * its three thread settings; the ratio is ours to PyTorch's best.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  Adam,
  clipGradNorm,
  createTranslator,
  crossEntropy,
  Random,
  scope,
  type Tensor,
  tensor,
  threadCount,
} from "backflow";

interface Size {
  readonly embedding: number;
  readonly hidden: number;
  readonly batch: number;
  readonly source: number;
  readonly target: number;
  readonly vocabulary: number;
}

const sizes: Record<string, Size> = {
  E32: { embedding: 32, hidden: 32, batch: 32, source: 12, target: 12, vocabulary: 200 },
  E64: { embedding: 64, hidden: 64, batch: 32, source: 12, target: 12, vocabulary: 1000 },
  E128: { embedding: 128, hidden: 128, batch: 64, source: 12, target: 12, vocabulary: 2000 },
  E256: { embedding: 256, hidden: 256, batch: 64, source: 20, target: 20, vocabulary: 4000 },
};

interface Timing {
  readonly config: string;
  readonly ms: number;
  readonly min: number;
  readonly max: number;
  readonly threads: number;
  readonly device: "cpu";
}

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1] as number;

/** Times our step for about `seconds` after a warm-up of at least one second. */
function timeStep(name: string, seconds: number): Timing {
  const size = sizes[name] as Size;
  const random = new Random(0);
  const model = createTranslator(
    {
      model: "rnnsearch",
      sourceVocabulary: size.vocabulary,
      targetVocabulary: size.vocabulary,
      embeddingSize: size.embedding,
      hiddenSize: size.hidden,
    },
    { dtype: "float32", random },
  );
  const optimizer = new Adam(model, { learningRate: 1e-3 });
  const ids = (length: number): Tensor =>
    tensor(
      Int32Array.from({ length: size.batch * length }, () => random.integer(size.vocabulary)),
      { shape: [size.batch, length] },
    );
  const step = (): void =>
    scope(() => {
      const mask = tensor(new Uint8Array(size.batch * size.source).fill(1), { shape: [size.batch, size.source] });
      const { logits } = model.forward(ids(size.source), mask, ids(size.target));
      optimizer.zeroGrad();
      crossEntropy(logits, ids(size.target)).backward();
      clipGradNorm(optimizer, 1);
      optimizer.step();
    });
  const times: number[] = [];
  const run = (until: number, atLeast: number, keep: boolean): void => {
    const start = performance.now();
    for (let n = 0; performance.now() - start < until * 1000 || n < atLeast; n++) {
      const before = performance.now();
      step();
      if (keep) times.push(performance.now() - before);
    }
  };
  run(1.5, 3, false);
  run(seconds, 8, true);
  return {
    config: name,
    ms: median(times),
    min: Math.min(...times),
    max: Math.max(...times),
    threads: threadCount(),
    device: "cpu",
  };
}

/** PyTorch's median in ms under one setting of its threads. */
function timeTorch(name: string, env: Record<string, string>, threads: number): number {
  const { embedding, hidden, batch, source, target, vocabulary } = sizes[name] as Size;
  const script = fileURLToPath(new URL("../../../bench/peers/torch/rnnsearch.py", import.meta.url));
  const args = [embedding, hidden, batch, source, target, vocabulary, threads].map(String);
  const output = execFileSync("/usr/bin/python3", [script, ...args], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  return Number(/: ([\d.]+) ms\/step/.exec(output)?.[1]);
}

const torchSettings: { label: string; env: Record<string, string>; threads: number }[] = [
  { label: "one core", env: { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" }, threads: 1 },
  { label: "one torch thread, OpenBLAS free", env: {}, threads: 1 },
  { label: "two torch threads, OpenBLAS one", env: { OPENBLAS_NUM_THREADS: "1" }, threads: 2 },
];

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    config: { type: "string", default: Object.keys(sizes).join(",") },
    seconds: { type: "string", default: "5" },
    torch: { type: "boolean", default: false },
  },
});
const names = values.config.split(",");
const unknown = names.find((name) => !(name in sizes));
const seconds = Number(values.seconds);
if (unknown !== undefined || !(seconds > 0)) {
  const problem = unknown === undefined ? `--seconds ${values.seconds} is no positive number` : `no config ${unknown}`;
  console.error(`bench:step: ${problem}: configs are ${Object.keys(sizes).join(", ")}`);
  process.exit(1);
}

for (const name of names) {
  const rounds = values.torch ? 3 : 1;
  for (let round = 0; round < rounds; round++) {
    const ours = timeStep(name, seconds);
    if (values.json) console.log(JSON.stringify(ours));
    else {
      console.log(
        `${name.padEnd(5)} backflow  ${ours.ms.toFixed(2)} ms (min ${ours.min.toFixed(2)}, max ${ours.max.toFixed(2)}), ${ours.threads} thread(s)`,
      );
    }
    if (!values.torch) continue;
    const theirs = torchSettings.map(({ env, threads }) => timeTorch(name, env, threads));
    const best = Math.min(...theirs);
    const one = theirs[0] as number;
    if (values.json)
      console.log(JSON.stringify({ config: name, peer: "torch", oneCore: one, best, ratio: ours.ms / best }));
    else {
      console.log(
        `${name.padEnd(5)} PyTorch   ${theirs.map((ms, i) => `${ms} ms (${torchSettings[i]?.label})`).join(", ")}; ours / best = ${(ours.ms / best).toFixed(2)}, ours / one core = ${(ours.ms / one).toFixed(2)}`,
      );
    }
  }
}

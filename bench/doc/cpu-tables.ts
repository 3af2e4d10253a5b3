import { cell, type MakeTable, percent, table } from "./cells.js";

const onOneThread = [
  ["matmul", "NN 64·64·64", "product 64³"],
  ["matmul", "NN 256·256·256", "product 256³"],
  ["matmul", "NN 512·512·512", "product 512³"],
  ["matmul", "NT 64·256·768", "gates of a batch, b transposed, 64·256·768"],
  ["matmul", "NT 64·512·2000", "projection to a vocabulary, b transposed, 64·512·2000"],
  ["matmul", "TN 768·64·256", "a weight's gradient, a transposed, 768·64·256"],
  ["softmax", "forward [256, 256] axis 1", "softmax 256 × 256, last axis"],
  ["softmax", "forward [384, 2000] axis 1", "softmax 384 × 2000"],
  ["tanh", "forward [1024, 1024]", "tanh, 1,048,576 numbers"],
  ["cells", "gru forward B32 T12 H64", "GRU, batch 32, 12 words, hidden 64: forward"],
  ["cells", "gru backward B32 T12 H64", "… and backward"],
  ["cells", "gru forward B32 T12 H256", "GRU, hidden 256: forward"],
  ["cells", "gru backward B32 T12 H256", "… and backward"],
  ["cells", "lstm backward B32 T12 H256", "LSTM, hidden 256: forward and backward"],
  ["attention", "forward B32 T12 S12 A256", "additive attention, 12 × 12, 256: forward"],
  ["attention", "backward B32 T12 S12 A256", "… and backward"],
  ["training step", "RNNsearch E64 B32 T12 V1000", "RNNsearch training step, embedding 64"],
] as const;

/** Every kernel of interest on one WebAssembly thread. */
export const oneThread: MakeTable = (found) => {
  const rows = onOneThread.flatMap(([suite, problem, words]) => {
    const result = found.result(suite, problem, "wasm ×1");
    if (!result) return [];
    const { gflops, share } = found.rate(result);
    const rate = gflops === null ? "" : String(Number(gflops.toPrecision(3)));
    return [[words, cell(result, { quartiles: true }), rate, percent(share)]];
  });
  return rows.length === 0 ? null : table(["kernel", "ms [quartiles]", "GFLOP/s", "of the peak"], rows);
};

const engineNames = {
  reference: "Backflow, float64 in JavaScript",
  "wasm ×1": "Backflow, 1 thread",
  "wasm ×2": "2 threads",
  "PyTorch ×1": "PyTorch, 1 core",
  PyTorch: "all cores",
  "onnxruntime ×1": "onnxruntime, 1 thread",
  "tfjs wasm": "tfjs wasm",
  "tfjs cpu": "tfjs cpu",
  "jax-js wasm": "jax-js wasm",
  "js-pytorch": "js-pytorch",
};
const besideProblems = [
  ["matmul", "NN 256·256·256", "product 256³"],
  ["matmul", "NT 64·512·2000", "projection to a vocabulary"],
  ["softmax", "forward [384, 2000] axis 1", "softmax 384 × 2000"],
  ["tanh", "forward [1024, 1024]", "tanh, 1,048,576 numbers"],
  ["cells", "gru forward B32 T12 H64", "GRU, 64: forward"],
  ["cells", "gru backward B32 T12 H64", "… and backward"],
  ["attention", "forward B32 T12 S12 A64", "additive attention, 64: forward"],
  ["attention", "backward B32 T12 S12 A64", "… and backward"],
  ["training step", "RNNsearch E32 B32 T12 V200", "training step, embedding 32"],
] as const;

/** A row a problem, a column an engine. */
export const engines: MakeTable = (found) => {
  const has = (name: string) => besideProblems.some(([suite, problem]) => found.result(suite, problem, name));
  const named = Object.entries(engineNames).filter(([name]) => has(name));
  if (!named.some(([, words]) => words.startsWith("PyTorch"))) return null;
  return table(
    ["ms", ...named.map(([, words]) => words)],
    besideProblems.map(([suite, problem, words]) => [
      words,
      ...named.map(([name]) => {
        const result = found.result(suite, problem, name);
        return result?.status === "failed" ? "cannot" : cell(result);
      }),
    ]),
  );
};

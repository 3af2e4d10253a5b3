/** onnxruntime-node on the CPU, a model of one node: `node onnxruntime/node.js [threads]`. */
import { createRequire } from "node:module";
import { serve } from "../serve.js";
import { onnxModel } from "./model.js";

const require = createRequire(import.meta.url);
const threads = Number(process.argv[2] ?? 0);

serve(async () => {
  const { InferenceSession, Tensor } = require("onnxruntime-node");
  const models = {
    matmul: ({ transposeA, transposeB }, [a, b]) => {
      const [m, n] = [a[transposeA ? 1 : 0], b[transposeB ? 0 : 1]];
      if (!transposeA && !transposeB) return onnxModel("MatMul", [a, b], [m, n]);
      return onnxModel("Gemm", [a, b], [m, n], { transA: Number(transposeA), transB: Number(transposeB) });
    },
    softmax: ({ axis }, [x]) => onnxModel("Softmax", [x], x, { axis }),
    logSoftmax: ({ axis }, [x]) => onnxModel("LogSoftmax", [x], x, { axis }),
    layerNorm: (_, shapes) => onnxModel("LayerNormalization", shapes, shapes[0]),
    add: (_, shapes) => onnxModel("Add", shapes, shapes[0]),
    mul: (_, shapes) => onnxModel("Mul", shapes, shapes[0]),
    exp: (_, [x]) => onnxModel("Exp", [x], x),
    sigmoid: (_, [x]) => onnxModel("Sigmoid", [x], x),
    tanh: (_, [x]) => onnxModel("Tanh", [x], x),
  };
  return async (job, inputs) => {
    const make = models[job.task];
    if (!make) throw new Error(`onnxruntime-node runs finished models: no gradients, and no ${job.task} is put to it`);
    const model = make(
      job,
      inputs.map(({ shape }) => shape),
    );
    const session = await InferenceSession.create(model, { intraOpNumThreads: threads });
    const feeds = Object.fromEntries(inputs.map(({ data, shape }, i) => [`x${i}`, new Tensor("float32", data, shape)]));
    return { run: () => session.run(feeds), complete: null, results: async () => [(await session.run(feeds)).y.data] };
  };
});

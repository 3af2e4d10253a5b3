/** onnxruntime-node on the CPU, a model of one node: `node onnxruntime.js [threads]`. */
import { createRequire } from "node:module";
import { onnxModel } from "./onnx-model.js";
import { serve } from "./serve.js";

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
    tanh: (_, [x]) => onnxModel("Tanh", [x], x),
  };
  return async (job, inputs) => {
    const model = models[job.task](
      job,
      inputs.map(({ shape }) => shape),
    );
    const session = await InferenceSession.create(model, { intraOpNumThreads: threads });
    const feeds = Object.fromEntries(inputs.map(({ data, shape }, i) => [`x${i}`, new Tensor("float32", data, shape)]));
    return { run: () => session.run(feeds), read: async () => (await session.run(feeds)).y.data };
  };
});

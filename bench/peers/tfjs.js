/** tfjs on its cpu or wasm back end: `node tfjs.js cpu|wasm`. */
import { createRequire } from "node:module";
import { serve } from "./serve.js";

const require = createRequire(import.meta.url);

serve(async () => {
  const tf = require("@tensorflow/tfjs");
  if (process.argv[2] === "wasm") require("@tensorflow/tfjs-backend-wasm");
  if (!(await tf.setBackend(process.argv[2]))) throw new Error(`tfjs has no back end ${process.argv[2]} here`);
  await tf.ready();
  return async (job, inputs) => {
    const tensors = inputs.map(({ data, shape }) => tf.tensor(data, shape, "float32"));
    const [x, y] = tensors;
    const call = {
      matmul: () => tf.matMul(x, y, job.transposeA, job.transposeB),
      softmax: () => tf.softmax(x, job.axis),
      tanh: () => tf.tanh(x),
    }[job.task];
    return { run: () => call().dispose(), read: () => call().data() };
  };
});

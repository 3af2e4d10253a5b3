/** js-pytorch on the CPU: nested arrays. */
import { createRequire } from "node:module";
import { serve } from "./serve.js";

const require = createRequire(import.meta.url);

/** Flat numbers as nested arrays of a shape. */
function nested(data, shape) {
  if (shape.length === 1) return Array.from(data);
  const size = data.length / shape[0];
  return Array.from({ length: shape[0] }, (_, i) => nested(data.subarray(i * size, (i + 1) * size), shape.slice(1)));
}

serve(async () => {
  const { torch } = require("js-pytorch");
  const jobs = {
    matmul: (job, x, y) => {
      const a = job.transposeA ? torch.transpose(x, 0, 1) : x;
      const b = job.transposeB ? torch.transpose(y, 0, 1) : y;
      return () => torch.matmul(a, b);
    },
    softmax: (job, x) => {
      const softmax = new torch.nn.Softmax();
      return () => softmax.forward(x, job.axis);
    },
  };
  return async (job, inputs) => {
    const make = jobs[job.task];
    if (!make) throw new Error(`js-pytorch has no ${job.task}`);
    const call = make(job, ...inputs.map(({ data, shape }) => torch.tensor(nested(data, shape))));
    const results = async () => [call().data.flat(Number.POSITIVE_INFINITY)];
    return { run: () => void call(), complete: null, results };
  };
});

/** jax-js on its WebAssembly back end, the call compiled by `jit`. */
import { serve } from "./serve.js";

// It asks the browser for a GPU before it looks for anything else; Node 20 has nobody to ask.
globalThis.navigator ??= { hardwareConcurrency: 1 };

serve(async () => {
  const { defaultDevice, init, jit, nn, numpy: np } = await import("@jax-js/jax");
  const devices = await init("wasm");
  if (!devices.includes("wasm")) throw new Error(`jax-js has no wasm device here, only ${devices}`);
  defaultDevice("wasm");
  return async (job, inputs) => {
    const arrays = inputs.map(({ data, shape }) => np.array(data).reshape(shape));
    const [x, y] = arrays;
    const call = {
      matmul: jit((a, b) => np.matmul(job.transposeA ? np.transpose(a) : a, job.transposeB ? np.transpose(b) : b)),
      softmax: jit((a) => nn.softmax(a, job.axis)),
      tanh: jit((a) => np.tanh(a)),
    }[job.task];
    // A call takes its arguments' ownership; `.ref` keeps ours.
    const once = () => (job.task === "matmul" ? call(x.ref, y.ref) : call(x.ref));
    return {
      run: async () => {
        const result = once();
        await result.blockUntilReady();
        result.dispose();
      },
      read: () => once().data(),
    };
  };
});

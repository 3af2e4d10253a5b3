/** jax-js on its WebAssembly back end. */
import { serve } from "../serve.js";
import { jaxJobs } from "./jobs.js";

// It asks the browser for a GPU before it looks for anything else; Node 20 has nobody to ask.
globalThis.navigator ??= { hardwareConcurrency: 1 };

serve(async () => {
  const jax = await import("@jax-js/jax");
  const devices = await jax.init("wasm");
  if (!devices.includes("wasm")) throw new Error(`jax-js has no wasm device here, only ${devices}`);
  jax.defaultDevice("wasm");
  return jaxJobs(jax);
});

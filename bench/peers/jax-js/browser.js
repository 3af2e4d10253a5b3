import { jaxJobs } from "./jobs.js";

const entry = "../node_modules/@jax-js/jax/dist/index.js";

/** jax-js in a page, on its wasm or webgpu device. */
export async function open(device) {
  const jax = await import(entry).catch(() => {
    throw new Error("@jax-js/jax is not installed: npm ci --prefix bench/peers");
  });
  const devices = await jax.init(device);
  if (!devices.includes(device)) throw new Error(`jax-js has no ${device} device here, only ${devices}`);
  const activate = () => jax.defaultDevice(device);
  activate();
  return { activate, prepare: jaxJobs(jax) };
}

import { tfjsJobs } from "./jobs.js";

const scripts = {
  tf: "@tensorflow/tfjs/dist/tf.min.js",
  webgpu: "@tensorflow/tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js",
};

function load(path) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(`../node_modules/${path}`, import.meta.url).href;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${path} is not installed: npm ci --prefix bench/peers`));
    document.head.append(script);
  });
}

/** tfjs in a page, as its scripts are loaded by any page; its back end is one for the whole page. */
export async function open(backend) {
  if (!globalThis.tf) await load(scripts.tf);
  const { tf } = globalThis;
  if (backend === "webgpu" && !tf.findBackendFactory("webgpu")) await load(scripts.webgpu);
  const activate = async () => {
    if (!(await tf.setBackend(backend))) throw new Error(`tfjs has no back end ${backend} here`);
    await tf.ready();
  };
  await activate();
  return { activate, prepare: tfjsJobs(tf, true) };
}

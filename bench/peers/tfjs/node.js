/** tfjs on its cpu or wasm back end: `node tfjs/node.js cpu|wasm`. */
import { createRequire } from "node:module";
import { serve } from "../serve.js";
import { tfjsJobs } from "./jobs.js";

const require = createRequire(import.meta.url);

serve(async () => {
  const tf = require("@tensorflow/tfjs");
  if (process.argv[2] === "wasm") require("@tensorflow/tfjs-backend-wasm");
  if (!(await tf.setBackend(process.argv[2]))) throw new Error(`tfjs has no back end ${process.argv[2]} here`);
  await tf.ready();
  return tfjsJobs(tf, false);
});

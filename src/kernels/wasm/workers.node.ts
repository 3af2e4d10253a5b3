import { type Start, source, type WorkerData } from "./worker.js";

/** Starts a worker thread of Node that does not keep the process alive; null elsewhere than in Node. */
export function nodeWorkers(): Start | null {
  const node: typeof process | undefined = globalThis.process;
  if (!node?.getBuiltinModule) return null;
  const script = `const { workerData } = require("node:worker_threads");\n${source}\nwork(workerData);`;
  return (data: WorkerData) => {
    // Not before there is work for it: the module itself takes a millisecond.
    const threads = node.getBuiltinModule("node:worker_threads");
    const worker = new threads.Worker(script, { eval: true, workerData: data, execArgv: [], name: "backflow" });
    // Without a worker the others do its share; there is nothing to report.
    worker.on("error", () => {});
    worker.unref();
  };
}

/** How many threads Node says can run at once, and what the environment asks for. */
export function nodeThreads(): { available: number; wanted: string | undefined } | null {
  const node: typeof process | undefined = globalThis.process;
  const os = node?.getBuiltinModule?.("node:os");
  return node && os ? { available: os.availableParallelism(), wanted: node.env.BACKFLOW_THREADS } : null;
}

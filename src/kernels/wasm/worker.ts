/** What a worker needs to join: the compiled kernels, the shared memory, and where in it the threads meet. */
export interface WorkerData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: number;
  readonly thread: number;
  readonly scratch: number;
  readonly bytesPerThread: number;
}

/** Starts one worker. */
export type Start = (data: WorkerData) => void;

/** A worker's program: it joins and never comes back. Plain JavaScript, since it is started from its text. */
export const source = `function work({ module, memory, control, thread, scratch, bytesPerThread }) {
  const env = { memory, startWorkers() {} };
  const { exports } = new WebAssembly.Instance(module, { env });
  exports.setup(control, thread, scratch, bytesPerThread, 1);
  exports.work();
}`;

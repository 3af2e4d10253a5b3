/**
 * The side of a peer: a process that is told by lines of JSON what to compute and how long to time it.
 *
 *     {"prepare": {job, inputs: [{file, shape}], output}}  →  {"firstCall": ms} and the result's float32 numbers in `output`
 *     {"sample": seconds}                                  →  {"samples": [ms, …]}
 *
 * Any failure is answered with {"error": message}.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A sample takes at least this long: milliseconds. */
const SHORTEST_SAMPLE = 2;

function floats(file) {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/**
 * @param prepare (job, inputs: {data, shape}[]) → { run, read }: `run` does one call to its end and drops the result
 * unless it is the first; `read` gives the first call's numbers
 */
export async function serve(start) {
  let prepare = null;
  let run = null;
  const answer = async (message) => {
    prepare ??= await start();
    if (message.prepare) {
      const { job, inputs, output } = message.prepare;
      const begin = performance.now();
      const prepared = await prepare(
        job,
        inputs.map(({ file, shape }) => ({ data: floats(file), shape })),
      );
      run = prepared.run;
      writeFileSync(output, Float32Array.from(await prepared.read()));
      return { firstCall: performance.now() - begin };
    }
    const samples = [];
    const end = performance.now() + message.sample * 1000;
    do {
      const begin = performance.now();
      let calls = 0;
      do {
        const pending = run();
        if (pending instanceof Promise) await pending;
        calls++;
      } while (performance.now() - begin < SHORTEST_SAMPLE);
      samples.push((performance.now() - begin) / calls);
    } while (performance.now() < end);
    return { samples };
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await answer(JSON.parse(line)).catch((error) => ({ error: String(error?.message ?? error) }));
    // Libraries print to stdout too; the mark says which lines are answers.
    process.stdout.write(`@${JSON.stringify(reply)}\n`);
  }
}

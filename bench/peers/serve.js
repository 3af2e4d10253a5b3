/**
 * The side of a peer: a process that is told by lines of JSON what to compute and how long to time it.
 *
 *     {"prepare": {job, inputs: [{name, file, shape}], output}}  →  {"firstCall": ms, "lengths": [n, …]}, and the results'
 *                                                                   float32 numbers one after the other in `output`
 *     {"sample": seconds}                                        →  {"samples": [ms, …]}
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
 * @param start () → prepare: (job, inputs: {name, data, shape}[]) → { run, complete, results }: `run` does one call, and
 * is a promise where it has to be waited for; `complete` waits for what was called, null where there is nothing to wait
 * for; `results` gives the first call's numbers, an array for each result
 */
export async function serve(start) {
  let prepare = null;
  let prepared = null;
  const call = async () => {
    const pending = prepared.run();
    if (pending instanceof Promise) await pending;
    if (prepared.complete) await prepared.complete();
  };
  const answer = async (message) => {
    prepare ??= await start();
    if (message.prepare) {
      const { job, inputs, output } = message.prepare;
      const begin = performance.now();
      prepared = await prepare(
        job,
        inputs.map(({ name, file, shape }) => ({ name, data: floats(file), shape })),
      );
      const results = await prepared.results();
      const firstCall = performance.now() - begin;
      writeFileSync(output, Float32Array.from(results.flatMap((numbers) => Array.from(numbers))));
      return { firstCall, lengths: results.map(({ length }) => length) };
    }
    const samples = [];
    const end = performance.now() + message.sample * 1000;
    do {
      const begin = performance.now();
      let calls = 0;
      do {
        await call();
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

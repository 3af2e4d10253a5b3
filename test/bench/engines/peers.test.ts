import { describe, expect, it } from "vitest";
import { Peer } from "../../../bench/engines/peer-process.js";
import { openPeers } from "../../../bench/engines/peers.js";
import { expectedOf } from "../../../bench/problems/step-problem.js";
import { runProblem } from "../../../bench/runner/run-problem.js";
import { plainTimer } from "../../../bench/runner/timer.js";
import { tanhProblem } from "../../../bench/suites/tanh.js";
import { trainingStep } from "../../../bench/suites/training-step.js";

const quick = { timer: plainTimer, rounds: 2, seconds: 0.001, limit: 5 };
const node = (...argv: string[]) => ({ command: process.execPath, arguments: argv, package: null });

/** A peer whose every result is `expression` of the input x. */
const peer = (expression: string) =>
  new Peer(
    "a peer",
    node(
      "--input-type=module",
      "-e",
      `import { serve } from "./serve.js";
       serve(async () => async (job, [{ data }]) => {
         const call = () => data.map((x) => ${expression});
         return { run: () => void call(), complete: null, results: async () => [call()] };
       });`,
    ),
  );

describe("other engines", () => {
  it("a peer gets the very inputs, is verified, then timed in its own process", async () => {
    const right = peer("Math.tanh(x)");
    const [result] = await runProblem(tanhProblem("forward", [300], 1), [], quick, [right]);
    right.close();
    expect(result).toMatchObject({ device: "a peer", status: "timed", reason: null });
    expect(result.phases?.run.rounds).toHaveLength(2);
  });

  it("a peer that is wrong is shown as wrong, one that cannot with its error", async () => {
    const wrong = peer("x");
    const unable = peer("(() => { throw new Error('no such kernel'); })()");
    const dead = new Peer("dead", node("-e", "console.error('no library'); process.exit(3)"));
    const results = await runProblem(tanhProblem("forward", [300], 1), [], quick, [wrong, unable, dead]);
    for (const one of [wrong, unable, dead]) one.close();
    expect(results.map(({ status }) => status)).toEqual(["wrong", "failed", "failed"]);
    expect(results[1].reason).toBe("no such kernel");
    expect(results[2].reason).toMatch(/ended with code 3/);
  });

  it("a peer that gives no answer is given up, and started again for what comes next", async () => {
    const program = `import { serve } from "./serve.js";
      serve(async () => async (job, [{ data }]) => {
        if (data.length === 2) while (true);
        return { run: () => {}, complete: null, results: async () => [data] };
      });`;
    const silent = new Peer("silent", node("--input-type=module", "-e", program), 3000);
    const job = (length: number) => ({
      kind: { task: "tanh" } as const,
      inputs: [{ data: new Float32Array(length), shape: [length] }],
    });
    await expect(silent.start(job(2))).rejects.toThrow("no answer within 3 s");
    const { results } = await silent.start(job(3));
    silent.close();
    expect(results[0]).toHaveLength(3);
  });

  it("a training step put to a peer comes with every token and parameter by name, and asks for every gradient", async () => {
    const size = { embedding: 3, hidden: 2, batch: 2, source: 3, target: 3, vocabulary: 5 };
    const step = trainingStep(size, 1);
    const expected = await expectedOf(step);
    const job = step.job?.();
    expect(job?.inputs.slice(0, 3).map(({ name, shape }) => [name, shape])).toEqual([
      ["source", [2, 3]],
      ["target", [2, 3]],
      ["labels", [2, 3]],
    ]);
    const kind = job?.kind;
    const wanted = kind && "gradients" in kind ? kind.gradients : [];
    expect(wanted.map((name) => `gradient of ${name}`)).toEqual(expected.map(({ name }) => name));
    expect(job?.inputs.slice(3).map(({ name }) => name)).toEqual(wanted);
  });

  it("results of several arrays come back apart", async () => {
    const both = new Peer(
      "both",
      node(
        "--input-type=module",
        "-e",
        `import { serve } from "./serve.js";
         serve(async () => async (job, [{ name, data }]) => ({
           run: () => {}, complete: null, results: async () => [data, [name.length]],
         }));`,
      ),
    );
    const inputs = [{ name: "query", data: Float32Array.of(1, 2), shape: [2] }];
    const { results } = await both.start({ kind: { task: "gru", gradients: [] }, inputs });
    both.close();
    expect(results.map((one) => [...one])).toEqual([[1, 2], [5]]);
  });

  it("a name that is no peer's is refused with those there are", () => {
    expect(() => openPeers(["tensor"])).toThrow(/no peer "tensor": there are PyTorch/);
  });

  it("only those asked for are started", () => {
    expect(openPeers([])).toEqual({ peers: [], missing: [] });
  });
});

import { describe, expect, it } from "vitest";
import { openPeers, Peer } from "../../bench/peers.js";
import { runProblem } from "../../bench/run-problem.js";
import { tanhProblem } from "../../bench/suites/tanh.js";
import { plainTimer } from "../../bench/timer.js";

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
         return { run: () => void call(), read: call };
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

  it("only those asked for are started", () => {
    expect(openPeers([])).toEqual({ peers: [], missing: [] });
  });
});

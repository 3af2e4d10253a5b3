import { type Backend, referenceBackend, wasmBackend } from "backflow/kernels";
import { describe, expect, it } from "vitest";
import type { Candidate, Problem } from "../../../bench/problems/problem.js";
import type { BenchDevice } from "../../../bench/runner/devices.js";
import { runProblem } from "../../../bench/runner/run-problem.js";
import { plainTimer } from "../../../bench/runner/timer.js";
import { attentionProblem } from "../../../bench/suites/attention.js";
import { cellProblem } from "../../../bench/suites/cells.js";
import { matmulProblem } from "../../../bench/suites/matmul.js";
import { softmaxProblem } from "../../../bench/suites/softmax.js";
import { tanhProblem } from "../../../bench/suites/tanh.js";

const device = (name: string, backend: Backend): BenchDevice => ({
  name,
  kind: backend.name,
  mode: null,
  threads: 1,
  adapter: "this CPU",
  backend,
  gpu: null,
  tensors: { device: "cpu", dtype: backend.float },
  activate: () => {},
  close: async () => {},
});

const wasm = device("wasm", wasmBackend());
const reference = device("reference", referenceBackend());
const quick = { timer: plainTimer, rounds: 2, seconds: 0.002, limit: 5 };

describe("running a problem", () => {
  it("times every device that computes the truth, with phases and samples", async () => {
    const results = await runProblem(matmulProblem("NN", 16, 24, 8, 1), [reference, wasm], quick);
    expect(results.map(({ device: name, status }) => [name, status])).toEqual([
      ["reference", "timed"],
      ["wasm", "timed"],
    ]);
    for (const { phases, error } of results) {
      expect(phases?.run.rounds).toHaveLength(2);
      expect(phases?.run.samples).toBe(phases?.run.rounds.flat().length);
      for (const phase of [phases?.run, phases?.upload, phases?.readBack, phases?.total]) {
        expect(phase?.median).toBeGreaterThan(0);
      }
      expect(phases?.wait).toBeNull();
      expect(error?.ulp).toBeLessThanOrEqual(error?.bound ?? 0);
    }
  });

  it("shows a product that forgets its last term as wrong, untimed", async () => {
    const backend = wasmBackend();
    const forgetful: Backend = {
      ...backend,
      matmul: (a, b, layout) => {
        const c = backend.matmul(a, b, layout);
        const host = { storage: c, offset: 0, shape: [c.length] };
        const [x, y, z] = [a, b, host].map((operand) => backend.readSync(operand));
        const { k, n } = layout;
        z[5] -= x[Math.floor(5 / n) * k + k - 1] * y[(k - 1) * n + (5 % n)];
        c.retain();
        c.release();
        return backend.upload(z, "float32");
      },
    };
    const [wrong, right] = await runProblem(
      matmulProblem("NN", 32, 32, 32, 1),
      [device("forgetful", forgetful), wasm],
      quick,
    );
    expect(wrong).toMatchObject({ status: "wrong", phases: null });
    expect(wrong.reason).toMatch(/^c\[5\] = /);
    expect(wrong.call).toBeGreaterThan(0);
    expect(right.status).toBe("timed");
  });

  it("shows a softmax that does not subtract the maximum as wrong", async () => {
    const backend = wasmBackend();
    const careless: Backend = {
      ...backend,
      softmax: (x, { length }) => {
        const values = Float32Array.from(backend.readSync(x), Math.exp);
        const sums = values.map((_, i) => {
          const row = Math.floor(i / length) * length;
          return values.subarray(row, row + length).reduce((sum, value) => sum + value, 0);
        });
        return backend.upload(
          values.map((value, i) => value / sums[i]),
          "float32",
        );
      },
    };
    const [result] = await runProblem(softmaxProblem("forward", [64, 50], 1, 1), [device("careless", careless)], quick);
    expect(result).toMatchObject({ status: "wrong", error: { ulp: Number.POSITIVE_INFINITY } });
  });

  it("shows a tanh without accuracy near 0 as wrong", async () => {
    const backend = wasmBackend();
    const careless: Backend = {
      ...backend,
      map: (_, x) =>
        backend.upload(
          backend.readSync(x).map((value) => 1 - 2 / Math.fround(Math.fround(Math.exp(2 * value)) + 1)),
          "float32",
        ),
    };
    const [result] = await runProblem(tanhProblem("forward", [200], 1), [device("careless", careless)], quick);
    expect(result.status).toBe("wrong");
  });

  it("tells a candidate that throws, with its error, and goes on", async () => {
    const broken: Backend = {
      ...wasmBackend(),
      matmul: () => {
        throw new Error("no such instruction");
      },
    };
    const results = await runProblem(matmulProblem("NN", 8, 8, 8, 1), [device("broken", broken), wasm], quick);
    expect(results[0]).toMatchObject({ status: "failed", reason: "no such instruction" });
    expect(results[1].status).toBe("timed");
  });

  it("that would be late has shorter rounds, a tenth at least, and says so", async () => {
    const shares: number[] = [];
    // Two rounds and a warm-up of 1000 s each would be needed.
    const options = { ...quick, seconds: 1000, until: performance.now() + 60_000 };
    const unable = { name: "unable", prepare: () => Promise.reject(new Error("no kernel")) };
    const onShortened = (share: number): void => void shares.push(share);
    await runProblem(tanhProblem("forward", [300], 1), [], { ...options, onShortened }, [unable]);
    expect(shares).toEqual([0.1]);
  });

  it("that is late begins nothing more, and says so", async () => {
    const [result] = await runProblem(tanhProblem("forward", [300], 1), [wasm], { ...quick, latest: 0 });
    expect(result).toMatchObject({ status: "skipped", reason: "no time was left: --minutes gives more" });
  });

  it("short of time, puts other kernels of a device behind what the library and other engines run", async () => {
    const order: string[] = [];
    const candidate = (variant: string): Candidate => ({
      variant,
      prepare: () => {
        order.push(variant);
        return Promise.reject(new Error("no kernel"));
      },
    });
    const problem = { ...tanhProblem("forward", [4], 1), candidates: () => ["default", "naive"].map(candidate) };
    const peer = {
      name: "a peer",
      prepare: () => {
        order.push("a peer");
        return Promise.reject(new Error("no kernel"));
      },
    };
    const results = await runProblem(problem, [wasm, reference], quick, [peer]);
    expect(order).toEqual(["default", "default", "a peer", "naive", "naive"]);
    expect(results.map(({ device: name, variant }) => `${name} ${variant}`)).toEqual([
      "wasm default",
      "wasm naive",
      "reference default",
      "reference naive",
      "a peer default",
    ]);
  });

  it("times a call over the limit once", async () => {
    const slow: Candidate = {
      variant: "default",
      prepare: async () => ({
        firstCall: 0,
        results: async () => [[1]],
        run: () => {
          for (const end = performance.now() + 20; performance.now() < end; );
        },
        upload: null,
        readBack: null,
        total: null,
        complete: null,
        close: () => {},
      }),
    };
    const problem: Problem = {
      suite: "waiting",
      name: "20 ms",
      family: "waiting",
      size: 1,
      work: { flops: 0, bytes: 0 },
      job: null,
      expected: async () => [{ name: "y", values: [1], bound: 0 }],
      candidates: () => [slow],
    };
    const [result] = await runProblem(problem, [wasm], { ...quick, limit: 0.01 });
    expect(result.status).toBe("slow");
    expect(result.phases?.run.samples).toBe(1);
  });

  it.each([
    softmaxProblem("forward", [6, 5, 4], 1, 2),
    softmaxProblem("backward", [6, 50], 1, 2),
    tanhProblem("backward", [40, 5], 2),
    cellProblem("gru", "forward", [4, 3, 8], 2),
    cellProblem("lstm", "backward", [4, 3, 8], 2),
    attentionProblem("backward", { batch: 4, queries: 3, source: 5, size: 8 }, 2),
  ])("$suite $name in float32 is the truth within its bound", async (problem) => {
    const [result] = await runProblem(problem, [wasm], quick);
    expect(result).toMatchObject({ status: "timed", reason: null });
  });
});

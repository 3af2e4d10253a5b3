import { afterEach, describe, expect, it, vi } from "vitest";
import { DataError } from "../../../src/errors.js";
import type { Backend } from "../../../src/kernels/backend.js";
import type { NumberArray, Operand, Storage } from "../../../src/kernels/storage.js";
import { backendOver } from "../../../src/kernels/wasm/backend.js";
import { Engine } from "../../../src/kernels/wasm/engine.js";
import { threadCount } from "../../../src/kernels/wasm/workers.js";
import { floats, indices, type Numbers } from "./parity.js";

const put = (backend: Backend, { data, shape }: Numbers): Operand => ({
  storage: backend.upload(data, data instanceof Int32Array ? "int32" : "float32"),
  offset: 0,
  shape,
});

const all = (storage: Storage): Operand => ({ storage, offset: 0, shape: [storage.length] });

/** Kernels large enough to be shared, each with results that a different order of adding would change. */
function results(backend: Backend): NumberArray[] {
  const read = (...storages: Storage[]): NumberArray[] => storages.map((s) => backend.readSync(all(s)));
  const on = (shape: number[], seed: number): Operand => put(backend, floats(shape, seed));
  const matmul = (batch: number, m: number, k: number, n: number, transposeA: boolean, transposeB: boolean): Storage =>
    backend.matmul(on([batch, m, k], 1), on([batch, k, n], 2), {
      batch,
      m,
      k,
      n,
      transposeA,
      transposeB,
      batchStrideA: m * k,
      batchStrideB: k * n,
    });
  const rows = { outer: 300, length: 301, inner: 1 };
  const logits = on([300, 301], 3);
  const targets = put(backend, indices([300], 4, 301));
  const table = on([301, 70], 5);
  const loss = backend.crossEntropy(logits, targets, -100, 0.1);
  return read(
    matmul(1, 300, 300, 70, false, false),
    matmul(1, 33, 300, 700, false, true),
    matmul(1, 129, 257, 131, true, false),
    matmul(1, 50, 400, 90, true, true),
    matmul(40, 12, 12, 64, false, false),
    matmul(70, 1, 40, 64, false, false),
    matmul(70, 1, 64, 40, false, true),
    matmul(70, 40, 1, 64, true, false),
    backend.map("tanh", logits),
    backend.zip("mul", logits, on([300, 1], 6), [300, 301]),
    backend.reduce("sum", on([300000], 7), { outer: 1, length: 300000, inner: 1 }),
    backend.reduce("sum", logits, rows),
    backend.reduce("sum", on([3000, 70], 8), { outer: 1, length: 3000, inner: 70 }),
    backend.softmax(logits, rows, null, 1),
    backend.softmax(logits, { outer: 1, length: 300, inner: 301 }, null, 1),
    loss,
    backend.crossEntropyBackward(logits, targets, -100, 0.1, on([300], 9), { ...all(loss), shape: [300] }),
    backend.gather(table, targets, { outer: 1, length: 301, inner: 70 }),
    backend.scatterAdd(on([300, 700], 10), targets, { outer: 1, length: 301, inner: 700 }),
    backend.additiveScore(on([9, 7, 130], 11), on([9, 8, 130], 12), on([130], 13)),
    ...backend.additiveScoreBackward(on([9, 7, 130], 11), on([9, 8, 130], 12), on([130], 13), on([9, 7, 8], 14)),
    ...backend.gruGatesBackward(on([64, 300], 15), on([64, 300], 16), on([64, 100], 17), null, on([64, 100], 18)),
  );
}

describe("threads", () => {
  it("change no bit of any result, be they one, two or more than the machine has cores", async () => {
    const alone = results(backendOver(new Engine(1)));
    for (const threads of [2, 5]) {
      const engine = new Engine(threads);
      const backend = backendOver(engine);
      await vi.waitFor(
        () => {
          results(backend);
          expect(engine.kernels.threads()).toBe(threads);
        },
        { timeout: 20_000 },
      );
      results(backend).forEach((result, i) => {
        const different = alone[i].findIndex((value, j) => !Object.is(value, result[j]));
        expect(different, `${threads} threads, result ${i}: first element that differs`).toBe(-1);
      });
    }
  });

  it("are not started for small work", () => {
    const engine = new Engine(4);
    const backend = backendOver(engine);
    const x = put(backend, floats([32, 32], 1));
    for (let i = 0; i < 1000; i++) {
      const y = backend.zip("add", x, x, [32, 32]);
      y.retain();
      y.release();
    }
    expect(engine.kernels.threads()).toBe(1);
  });
});

describe("BACKFLOW_THREADS", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("says how many threads to use", () => {
    vi.stubEnv("BACKFLOW_THREADS", "3");
    expect(threadCount()).toBe(3);
    vi.stubEnv("BACKFLOW_THREADS", "");
    expect(threadCount()).toBeGreaterThanOrEqual(1);
  });

  it.each(["0", "-1", "1.5", "many", "1000"])("of %j is refused with the values it can have", (value) => {
    vi.stubEnv("BACKFLOW_THREADS", value);
    expect(threadCount).toThrow(DataError);
    expect(threadCount).toThrow(`BACKFLOW_THREADS must be a whole number from 1 to 64, not "${value}"`);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  Adam,
  clipGradNorm,
  createTranslator,
  crossEntropy,
  type LoadedDevice,
  loadDevice,
  memory,
  Random,
  scope,
  type Tensor,
  tensor,
} from "../../../src/index.js";

const size = { batch: 6, source: 5, target: 4, vocabulary: 23 };

interface Course {
  readonly losses: number[];
  /** Bytes and storages that are alive after every step. */
  readonly alive: string[];
}

/** Trains a small RNNsearch on made-up sentences: forward, backward, clipping and Adam. */
async function train(device: "cpu" | "gpu", dtype: "float32" | "float64", steps: number): Promise<Course> {
  const random = new Random(5);
  const model = createTranslator(
    {
      model: "rnnsearch",
      sourceVocabulary: size.vocabulary,
      targetVocabulary: size.vocabulary,
      embeddingSize: 8,
      hiddenSize: 12,
    },
    { dtype, device, random },
  );
  const optimizer = new Adam(model, { learningRate: 0.01 });
  const ids = (length: number): Tensor =>
    tensor(
      Int32Array.from({ length: size.batch * length }, (_, i) => (i * 7 + random.integer(5)) % size.vocabulary),
      { shape: [size.batch, length], device },
    );
  const mask = tensor(
    Uint8Array.from({ length: size.batch * size.source }, (_, i) => Number(i % size.source < 3 + (i % 2))),
    { shape: [size.batch, size.source], device },
  );
  const course: Course = { losses: [], alive: [] };
  for (let step = 0; step < steps; step++) {
    const loss = scope(() => {
      const { logits } = model.forward(ids(size.source), mask, ids(size.target));
      optimizer.zeroGrad();
      const mean = crossEntropy(logits, ids(size.target));
      mean.backward();
      clipGradNorm(optimizer, 1);
      optimizer.step();
      return mean.detach();
    });
    course.losses.push(await loss.item());
    loss.dispose();
    course.alive.push(JSON.stringify(memory().backends[device === "gpu" ? "gpu" : "reference"]));
  }
  return course;
}

describe("an RNNsearch trained on the GPU device", () => {
  let device: LoadedDevice;
  beforeAll(async () => {
    device = await loadDevice("gpu", { mode: "webasm" });
  });
  afterAll(() => device.close());

  it("follows float64's losses within 1e-3 for 50 steps, and keeps nothing from one step to the next", async () => {
    const onGpu = await train("gpu", "float32", 50);
    const truth = await train("cpu", "float64", 50);
    const off = Math.max(...onGpu.losses.map((loss, step) => Math.abs(loss - truth.losses[step])));
    expect(truth.losses[49]).toBeLessThan(truth.losses[0] - 0.3);
    expect(off).toBeLessThan(1e-3);
    expect(new Set(onGpu.alive.slice(1)).size).toBe(1);
  }, 120_000);
});

import { describe, expect, test } from "vitest";
import { grad } from "../../src/autograd/backward.js";
import { detectAnomaly } from "../../src/autograd/mode.js";
import { type GruDecoderTensors, gruDecoder, gruDecoderOp } from "../../src/autograd/operations/gru-decoder.js";
import { gruSequence, gruSequenceOp } from "../../src/autograd/operations/gru-sequence.js";
import { type DType, Random, type Tensor, tensor } from "../../src/index.js";
import { sizeOf } from "../../src/kernels/storage.js";
import { createWasmBackend, useWasmBackend, wasmBackend } from "../../src/kernels/wasm/backend.js";

interface Sizes {
  readonly time: number;
  readonly batch: number;
  readonly source: number;
  readonly hidden: number;
  readonly context: number;
  readonly attention: number;
}

const sizes: readonly Sizes[] = [
  { time: 1, batch: 1, source: 1, hidden: 1, context: 1, attention: 1 },
  { time: 3, batch: 5, source: 4, hidden: 3, context: 7, attention: 2 },
  { time: 2, batch: 33, source: 7, hidden: 8, context: 16, attention: 9 },
  { time: 4, batch: 12, source: 3, hidden: 17, context: 5, attention: 33 },
  { time: 2, batch: 70, source: 2, hidden: 90, context: 300, attention: 12 },
];

const tolerance = { float64: 1e-12, float32: 2e-5 } as const;

/** Every input that is not a mask wants a gradient. */
function draw(dtype: DType, seed: number) {
  const random = new Random(seed);
  return {
    normal: (...shape: number[]): Tensor => {
      const x = tensor(
        Float64Array.from({ length: sizeOf(shape) }, () => 0.5 * random.normal()),
        { shape, dtype },
      );
      x.requiresGrad = true;
      return x;
    },
    /** At least the first place of each row is open. */
    lengths: (rows: number, n: number): Tensor =>
      tensor(
        Uint8Array.from({ length: rows * n }, (_, i) => (i % n <= (Math.floor(i / n) * 5) % n ? 1 : 0)),
        { shape: [rows, n], dtype: "bool" },
      ),
    weight: (length: number): Tensor =>
      tensor(
        Float64Array.from({ length }, () => random.normal()),
        { dtype },
      ),
  };
}

/** The largest difference, in units of the largest element (of at least 1). */
function distance(a: Tensor, b: Tensor): number {
  const [x, y] = [a.dataSync(), b.dataSync()];
  let scale = 1;
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    scale = Math.max(scale, Math.abs(y[i] as number));
    most = Math.max(most, Math.abs((x[i] as number) - (y[i] as number)));
  }
  return most / scale;
}

/** One weighted sum of everything, so that every part of the result has a gradient. */
function gradients(out: Tensor, inputs: readonly Tensor[], weight: Tensor): (Tensor | null)[] {
  return grad(out.reshape([-1]).mul(weight).sum(), inputs);
}

function sequenceInputs({ time, batch, hidden }: Sizes, dtype: DType, masked: boolean): Tensor[] {
  const { normal, lengths } = draw(dtype, 1);
  const inputs = [
    normal(batch, time, 3 * hidden),
    normal(3 * hidden, hidden),
    normal(3 * hidden),
    normal(batch, hidden),
  ];
  return masked ? [...inputs, lengths(batch, time)] : inputs;
}

function decoderInputs({ time, batch, source, hidden, context, attention }: Sizes, dtype: DType, masked: boolean) {
  const { normal, lengths } = draw(dtype, 2);
  const inputs = [
    normal(batch, time, 3 * hidden),
    normal(3 * hidden, context),
    normal(3 * hidden, hidden),
    normal(3 * hidden),
    normal(attention, hidden),
    normal(batch, source, attention),
    normal(batch, source, context),
    normal(attention),
    normal(batch, hidden),
  ];
  return masked ? [...inputs, lengths(batch, source)] : inputs;
}

describe.each(["float64", "float32"] as const)("in %s", (dtype) => {
  describe.each(sizes)("of $time steps, $batch rows, $source places, $hidden units", (size) => {
    test.each([
      { masked: false, reversed: false },
      { masked: true, reversed: false },
      { masked: false, reversed: true },
      { masked: true, reversed: true },
    ])("a GRU's sequence is its steps, values and gradients (masked $masked, reversed $reversed)", (options) => {
      const inputs = sequenceInputs(size, dtype, options.masked);
      const atOnce = gruSequenceOp(inputs, options);
      const stepped = gruSequenceOp.rule.composed?.(inputs, options as never) as Tensor;
      expect(distance(atOnce, stepped)).toBeLessThan(tolerance[dtype]);
      const weight = draw(dtype, 3).weight(atOnce.size);
      const wanted = gradients(stepped, inputs.slice(0, 4), weight);
      for (const [i, g] of gradients(atOnce, inputs.slice(0, 4), weight).entries()) {
        expect(distance(g as Tensor, wanted[i] as Tensor)).toBeLessThan(tolerance[dtype]);
      }
    });

    test.each([{ masked: false }, { masked: true }])(
      "an attention decoder's sequence is its steps, values and gradients (masked $masked)",
      ({ masked }) => {
        const inputs = decoderInputs(size, dtype, masked);
        const atOnce = gruDecoderOp(inputs, {});
        const stepped = gruDecoderOp.rule.composed?.(inputs, {} as never) as Tensor;
        expect(distance(atOnce, stepped)).toBeLessThan(tolerance[dtype]);
        const weight = draw(dtype, 4).weight(atOnce.size);
        const wanted = gradients(stepped, inputs.slice(0, 9), weight);
        for (const [i, g] of gradients(atOnce, inputs.slice(0, 9), weight).entries()) {
          expect(distance(g as Tensor, wanted[i] as Tensor)).toBeLessThan(tolerance[dtype]);
        }
      },
    );
  });
});

test("one thread and several give the same bits", () => {
  const before = wasmBackend();
  const results = [1, 2, 3].map((threads) => {
    useWasmBackend(createWasmBackend(threads));
    const inputs = decoderInputs(sizes[2] as Sizes, "float32", true);
    // Often enough that the workers have started.
    for (let i = 0; i < 20; i++) gruDecoderOp(inputs, {});
    const out = gruDecoderOp(inputs, {});
    const weight = draw("float32", 5).weight(out.size);
    return [out, ...gradients(out, inputs.slice(0, 9), weight)].map((x) => [...(x as Tensor).dataSync()]);
  });
  useWasmBackend(before);
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

test("a sequence is one node of the graph, and many where anomalies are looked for", () => {
  const inputs = sequenceInputs(sizes[1] as Sizes, "float64", false);
  const run = (): Tensor => gruSequence(inputs[0], inputs[1], inputs[2], inputs[3]);
  expect(run().history?.operation).toBe("gruSequence");
  expect(detectAnomaly(run).history?.operation).toBe("concat");
});

test("inputs that do not fit are named", () => {
  const [gi, contextWeight, hiddenWeight, hiddenBias, queryWeight, keys, values, v, h0] = decoderInputs(
    sizes[1] as Sizes,
    "float64",
    false,
  );
  const all = { gi, contextWeight, hiddenWeight, hiddenBias, queryWeight, keys, values, v, h0, mask: null };
  const wrong: GruDecoderTensors = { ...all, queryWeight: hiddenWeight };
  expect(() => gruDecoder(wrong)).toThrow("gruDecoder: queryWeight is [9, 3], but must be [2, 3]");
  expect(() => gruSequence(gi, hiddenWeight, hiddenBias, h0.slice([0, 2]))).toThrow(
    "gruSequence: gates [5, 3, 9], weight [9, 3], bias [9], state [2, 3] must be",
  );
});

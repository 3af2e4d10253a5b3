/**
 * What a GPU back end must do besides computing right. Each throws where it does not hold; they run in Node and in a
 * browser, in every mode.
 */
import type { GpuBackend } from "../../../src/kernels/gpu/backend.js";
import type { GpuStorage } from "../../../src/kernels/gpu/storage.js";
import type { GpuBufferResult } from "../../../src/kernels/gpu/webgpu-memory.js";
import type { NumberArray, Operand, Storage } from "../../../src/kernels/storage.js";

const flat = (storage: Storage, offset = 0, length = storage.length - offset): Operand => ({
  storage,
  offset,
  shape: [length],
});

function expectNumbers(found: NumberArray, wanted: readonly number[], what: string): void {
  if (found.length !== wanted.length || wanted.some((value, i) => found[i] !== value)) {
    throw new Error(`${what}: [${Array.from(found)}] is not [${wanted}]`);
  }
}

async function expectRejection(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  const message = await promise.then(
    () => "nothing was raised",
    (error: unknown) => String(error),
  );
  if (!pattern.test(message)) throw new Error(`${message} does not match ${pattern}`);
}

/** One step of something like training: a product, an activation, a softmax, gradients and an update in place. */
function step(gpu: GpuBackend, w: Storage, x: Storage): void {
  const layout = {
    batch: 1,
    m: 8,
    k: 8,
    n: 8,
    transposeA: false,
    transposeB: false,
    batchStrideA: 64,
    batchStrideB: 64,
  };
  const rows = { outer: 8, length: 8, inner: 1 };
  const product = gpu.matmul(flat(x), flat(w), layout);
  const hidden = gpu.map("tanh", flat(product));
  const y = gpu.softmax(flat(hidden), rows, null, 1);
  const gx = gpu.softmaxBackward(flat(y), flat(hidden), rows);
  gpu.matmulInto(flat(gx), flat(x), { ...layout, transposeA: true }, flat(w));
  gpu.sgd(flat(w, 0, 8), flat(gx, 0, 8), null, 0, { learningRate: 0.01, weightDecay: 0, scale: null });
  gpu.fill(flat(w), 0.1);
  for (const made of [product, hidden, y, gx]) made.release();
}

export const behaviours: Record<string, (gpu: GpuBackend) => Promise<void>> = {
  "writes in place happen in the order of the calls, and a copy taken between them keeps what it saw": async (gpu) => {
    const x = gpu.upload(Float32Array.of(1, 2, 3, 4), "float32");
    const before = gpu.copy(flat(x), { shape: [4], strides: [1], start: 0 });
    gpu.fill(flat(x, 1, 2), 9);
    const between = gpu.map("neg", flat(x));
    gpu.accumulate(flat(x, 2), flat(x, 0, 2));
    gpu.assign(flat(x, 0, 1), flat(x, 3));
    const reads = await Promise.all([before, between, x].map((storage) => gpu.read(flat(storage))));
    expectNumbers(reads[0], [1, 2, 3, 4], "before");
    expectNumbers(reads[1], [-1, -9, -9, -4], "between");
    expectNumbers(reads[2], [13, 9, 10, 13], "after");
    if (x.version !== 3) throw new Error(`the version is ${x.version}, not 3`);
  },

  "a value read is the value at the time of the call, whatever happens afterwards": async (gpu) => {
    const x = gpu.upload(Float32Array.of(1, 2), "float32");
    const first = gpu.read(flat(x));
    gpu.fill(flat(x), 7);
    const second = gpu.read(flat(x));
    x.release();
    expectNumbers(await first, [1, 2], "first");
    expectNumbers(await second, [7, 7], "second");
  },

  "what is freed while commands still need it stays until they are done": async (gpu) => {
    const x = gpu.upload(Float32Array.of(1, 4, 9), "float32");
    const roots = gpu.map("sqrt", flat(x));
    x.release();
    const sum = gpu.reduce("sum", flat(roots), { outer: 1, length: 3, inner: 1 });
    roots.release();
    expectNumbers(await gpu.read(flat(sum)), [6], "sum");
  },

  "a failed kernel surfaces at the read that needed it, naming the operation": async (gpu) => {
    const x = gpu.upload(Float32Array.of(1, 2), "float32");
    const { launch } = gpu.runtime.context;
    gpu.runtime.context.launch = () => {
      throw new Error("out of registers");
    };
    const y = gpu.map("tanh", flat(x));
    const z = gpu.mapConstant("mul", flat(y), 2);
    const failed = gpu.read(flat(z));
    const fine = gpu.read(flat(x));
    await expectRejection(failed, /DeviceError: gpu: tanh failed: out of registers/);
    gpu.runtime.context.launch = launch;
    expectNumbers(await fine, [1, 2], "an array beside it");
  },

  "a freed storage cannot be used": async (gpu) => {
    const x = gpu.upload(Float32Array.of(1, 2), "float32");
    x.release();
    await expectRejection(
      (async () => gpu.map("exp", flat(x)))(),
      /DeviceError: gpu: exp: the storage of an operand \[2\] was freed/,
    );
  },

  "whole numbers that float32 cannot hold are refused": async (gpu) => {
    await expectRejection((async () => gpu.upload(Int32Array.of(1, 2 ** 24 + 1), "int32"))(), /16777217 does not fit/);
  },

  "1,000 steps leave no storage, no byte and no queue behind": async (gpu) => {
    const start = gpu.memory();
    const w = gpu.upload(new Float32Array(64).fill(0.1), "float32");
    const x = gpu.upload(
      Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)),
      "float32",
    );
    const inside = gpu.memory();
    for (let i = 0; i < 1000; i++) step(gpu, w, x);
    const after = gpu.memory();
    expectNumbers([after.bytes, after.storages] as never, [inside.bytes, inside.storages], "bytes and storages");
    await gpu.read(flat(w));
    w.release();
    x.release();
    const end = gpu.memory();
    expectNumbers([end.bytes, end.storages] as never, [start.bytes, start.storages], "at the end");
  },

  "every kernel variant of the product and of softmax computes the same": async (gpu) => {
    const { matmul, matmulVariants } = await import("../../../src/kernels/gpu/matmul.js");
    const { softmax, softmaxVariants } = await import("../../../src/kernels/gpu/softmax.js");
    const numbers = Float32Array.from({ length: 12 * 8 }, (_, i) => ((i * 7) % 11) - 5);
    const a = flat(gpu.upload(numbers, "float32"));
    const layout = {
      batch: 1,
      m: 12,
      k: 8,
      n: 12,
      transposeA: false,
      transposeB: true,
      batchStrideA: 0,
      batchStrideB: 0,
    };
    const products = await Promise.all(
      Object.values(matmulVariants).map((variant) => gpu.read(flat(matmul(gpu.runtime, a, a, layout, variant)))),
    );
    for (const product of products) expectNumbers(product, Array.from(products[0]), "product");
    const rows = { outer: 12, length: 8, inner: 1 };
    const mask = flat(
      gpu.upload(
        Uint8Array.from({ length: 96 }, (_, i) => Number(i % 3 > 0)),
        "bool",
      ),
    );
    for (const variant of Object.keys(softmaxVariants) as (keyof typeof softmaxVariants)[]) {
      const y = await gpu.read(flat(softmax(gpu.runtime, a, rows, mask, 1, variant)));
      const plain = await gpu.read(flat(softmax(gpu.runtime, a, rows, mask, 1, "plain")));
      const off = Math.max(...Array.from(y, (value, i) => Math.abs(value - plain[i])));
      if (off > 2e-7) throw new Error(`softmax ${variant} is ${off} off`);
    }
  },

  "elements beyond the 2^24 that a float counts are found": async (gpu) => {
    const layout = { outer: 1, length: 2 ** 22 + 2, inner: 4 };
    const x = gpu.zeros(4 * layout.length, "float32");
    const place = 4 * (2 ** 22 + 1) + 3;
    gpu.fill(flat(x, place - 1, 2), 7);
    gpu.fill(flat(x, 0, 1), 5);
    const indices = gpu.upload(Int32Array.of(2 ** 22 + 1, 0), "int32");
    const rows = gpu.gather({ ...flat(x), shape: [layout.length, 4] }, flat(indices), layout);
    expectNumbers(await gpu.read(flat(rows)), [0, 0, 7, 7, 5, 0, 0, 0], "rows");
    expectNumbers(await gpu.read(flat(x, place - 2, 2)), [0, 7], "part");
    const sums = gpu.reduce("sum", flat(x), { outer: layout.length, length: 4, inner: 1 });
    expectNumbers(await gpu.read(flat(sums, layout.length - 2)), [0, 14], "sums");
    sums.release();
    const product = gpu.matmul(flat(x), flat(gpu.upload(Float32Array.of(1, 2, 3, 4), "float32")), {
      batch: 1,
      m: layout.length,
      k: 4,
      n: 1,
      transposeA: false,
      transposeB: false,
      batchStrideA: 0,
      batchStrideB: 0,
    });
    expectNumbers(await gpu.read(flat(product, layout.length - 2)), [0, 7 * 3 + 7 * 4], "product");
    product.release();
    x.release();
  },

  "a lost device surfaces at the read, and says so": async (gpu) => {
    if (gpu.mode !== "webgpu" && gpu.mode !== "webgl2") return;
    const x = gpu.upload(Float32Array.of(1, 2), "float32") as GpuStorage;
    await gpu.read(flat(x));
    const { context } = x.contents.pieces[0].cell.array!.value as { context: Partial<GpuBufferResult["context"]> };
    if (context.device) {
      context.device.destroy();
      await context.device.lost;
    } else {
      (context as WebGL2RenderingContext).getExtension("WEBGL_lose_context")?.loseContext();
    }
    await expectRejection(gpu.read(flat(gpu.map("exp", flat(x)))), /DeviceError: gpu: .*(device|context) was lost/);
    await expectRejection(gpu.read(flat(x)), /DeviceError: gpu: .*(device|context) was lost/);
  },
};

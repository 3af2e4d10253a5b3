import { describe, expect, it } from "vitest";
import { referenceBackend } from "../../../src/kernels/reference/backend.js";
import { wasmBackend } from "../../../src/kernels/wasm/backend.js";

describe("int32 and bool storages of the float64 back end", () => {
  it("are copied in once for each version, and freed with their owner", () => {
    const wasm = wasmBackend();
    const table = wasm.upload(Float32Array.from([10, 20, 30]), "float32");
    table.retain();
    const storage = referenceBackend().upload(Int32Array.from([2, 0]), "int32");
    storage.retain();
    const at = { storage, offset: 0, shape: [2] };
    const look = (): number[] => {
      const y = wasm.gather({ storage: table, offset: 0, shape: [3] }, at, { outer: 1, length: 3, inner: 1 });
      y.retain();
      const numbers = [...wasm.readSync({ storage: y, offset: 0, shape: [2] })];
      y.release();
      return numbers;
    };
    const before = wasm.memory();
    expect(look()).toEqual([30, 10]);
    const held = wasm.memory();
    expect(held.storages).toBe(before.storages + 1);
    look();
    expect(wasm.memory()).toEqual(held);
    referenceBackend().fill(at, 1);
    expect(look()).toEqual([20, 20]);
    expect(wasm.memory()).toEqual(held);
    storage.release();
    expect(wasm.memory()).toEqual(before);
    table.release();
  });
});

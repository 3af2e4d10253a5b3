import { describe, expect, it } from "vitest";
import { DeviceError } from "../../../src/errors.js";
import { backendOver } from "../../../src/kernels/wasm/backend.js";
import { Engine } from "../../../src/kernels/wasm/engine.js";
import { LinearMemory } from "../../../src/kernels/wasm/memory.js";
import { randomNumbers } from "./parity.js";

const fresh = (): LinearMemory => {
  const memory = new LinearMemory(false);
  memory.open(1000);
  return memory;
};

describe("linear memory", () => {
  it("hands out blocks on 64-byte boundaries that do not overlap", () => {
    const memory = fresh();
    const next = randomNumbers(1);
    const blocks = Array.from({ length: 500 }, () => {
      const bytes = Math.floor(next() ** 4 * 200_000);
      return { address: memory.allocate(bytes), bytes };
    });
    blocks.sort((a, b) => a.address - b.address);
    let end = 1000;
    for (const { address, bytes } of blocks) {
      expect(address % 64).toBe(0);
      expect(address).toBeGreaterThanOrEqual(end);
      end = address + bytes;
    }
    expect(end).toBeLessThanOrEqual(memory.size - 64);
  });

  it("does not grow over repeated cycles of blocks of varying sizes", () => {
    const memory = fresh();
    const cycle = (seed: number): void => {
      const next = randomNumbers(seed);
      const held: { address: number; bytes: number }[] = [];
      for (let i = 0; i < 2000; i++) {
        const bytes = Math.floor(next() ** 6 * 1_000_000);
        held.push({ address: memory.allocate(bytes), bytes });
        if (held.length > 40) {
          const [block] = held.splice(Math.floor(next() * held.length), 1);
          memory.free(block.address, block.bytes);
        }
      }
      for (const { address, bytes } of held) memory.free(address, bytes);
    };
    for (let i = 0; i < 200; i++) cycle(i);
    const size = memory.size;
    for (let i = 200; i < 400; i++) cycle(i);
    expect(memory.size).toBe(size);
  });

  it("joins free neighbours before it grows: sizes that change for good do not add up", () => {
    const memory = fresh();
    const fill = (bytes: number): void => {
      const count = Math.floor(40_000_000 / bytes);
      const blocks = Array.from({ length: count }, () => memory.allocate(bytes));
      for (const address of blocks) memory.free(address, bytes);
    };
    for (let bytes = 1000; bytes < 20_000_000; bytes *= 1.7) fill(Math.floor(bytes));
    expect(memory.size).toBeLessThan(3 * 40_000_000);
  });

  it("says what is held and what to do when it is exhausted", () => {
    const memory = fresh();
    const big = 1_500_000_000;
    memory.allocate(big);
    memory.allocate(big);
    expect(() => memory.allocate(big)).toThrow(DeviceError);
    expect(() => memory.allocate(big)).toThrow(/\d{10} bytes wanted.*scope\(\(\) => …\) or dispose\(\)/);
    memory.allocate(1000);
  });
});

describe("memory of the back end", () => {
  it("counts the bytes and storages that live, and comes back to where it was", () => {
    const backend = backendOver(new Engine(1));
    const before = backend.memory();
    const x = backend.zeros(1000, "float32");
    const y = backend.zeros(10, "bool");
    x.retain();
    y.retain();
    expect(backend.memory()).toEqual({ bytes: before.bytes + 4010, storages: before.storages + 2 });
    x.release();
    y.release();
    expect(backend.memory()).toEqual(before);
  });

  it("refuses a storage that was freed, naming its dtype and size", () => {
    const backend = backendOver(new Engine(1));
    const x = backend.zeros(12, "float32");
    x.retain();
    x.release();
    const operand = { storage: x, offset: 0, shape: [12] };
    expect(() => backend.map("tanh", operand)).toThrow(/float32, 12 elements\) was freed/);
    expect(() => backend.readSync(operand)).toThrow(DeviceError);
  });
});

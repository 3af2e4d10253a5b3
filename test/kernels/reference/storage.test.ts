import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { DeviceError, DTypeError } from "../../../src/errors.js";
import { referenceBackend } from "../../../src/kernels/reference/backend.js";
import type { Storage } from "../../../src/kernels/storage.js";
import { foreign, operand, runCases } from "./cases.js";

const backend = referenceBackend();
const whole = (storage: Storage) => ({ storage, offset: 0, shape: [storage.length] });

runCases("storage");

test("upload and readSync copy: neither side sees the other's later writes", () => {
  const data = Float64Array.of(1, 2, 3);
  const x = whole(backend.upload(data, "float64"));
  data[0] = 9;
  const out = backend.readSync(x);
  out[1] = 9;
  expect([...backend.readSync(x)]).toEqual([1, 2, 3]);
});

test("read resolves to a copy of the operand's own part", async () => {
  const x = operand("float64", [1, 2, 3, 4]);
  expect(await backend.read({ ...x, offset: 1, shape: [2] })).toEqual(Float64Array.of(2, 3));
});

test("upload turns any array into the wanted dtype", () => {
  expect(backend.readSync(whole(backend.upload(Float64Array.of(0, 0.5, NaN), "bool")))).toEqual(Uint8Array.of(0, 1, 1));
  expect(backend.readSync(whole(backend.upload(Float64Array.of(-1.9, 7), "int32")))).toEqual(Int32Array.of(-1, 7));
  expect(backend.readSync(whole(backend.upload(Float32Array.of(0.5), "float64")))).toEqual(Float64Array.of(0.5));
});

test("zeros holds zeros and is owned by nobody yet", () => {
  for (const dtype of ["float64", "int32", "bool"] as const) {
    const storage = backend.zeros(3, dtype);
    expect([...backend.readSync(whole(storage))]).toEqual([0, 0, 0]);
    expect([storage.dtype, storage.references, storage.version]).toEqual([dtype, 0, 0]);
  }
});

test("float32 is refused as a result and taken as an operand", () => {
  const x = foreign("float32", [0.5, -2, 3]);
  expect(() => backend.zeros(2, "float32")).toThrow(DTypeError);
  expect(() => backend.map("exp", x)).toThrow(/float64, int32 and bool, not float32/);
  const less = backend.mapConstant("less", x, 1);
  expect([less.dtype, ...backend.readSync(whole(less))]).toEqual(["bool", 1, 1, 0]);
  const best = backend.reduce("argmax", x, { outer: 1, length: 3, inner: 1 });
  expect([best.dtype, ...backend.readSync(whole(best))]).toEqual(["int32", 2]);
});

test("memory goes up with every result and down with its release", () => {
  const before = backend.memory();
  const storage = backend.zeros(10, "float64");
  const flags = backend.zeros(10, "bool");
  expect(backend.memory()).toEqual({ bytes: before.bytes + 90, storages: before.storages + 2 });
  for (const made of [storage, flags]) {
    made.retain();
    made.release();
  }
  expect(backend.memory()).toEqual(before);
});

test("memory goes down when an unreleased storage is garbage collected", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const before = backend.memory();
  const make = () => {
    for (let i = 0; i < 100; i++) backend.zeros(1000, "float64");
  };
  make();
  expect(backend.memory().storages).toBe(before.storages + 100);
  await expect
    .poll(() => {
      collect();
      return backend.memory().storages;
    })
    .toBeLessThan(before.storages + 100);
});

test("a freed storage says so when it is read, awaited or not", async () => {
  const x = operand("float64", [1]);
  x.storage.retain();
  x.storage.release();
  expect(() => backend.readSync(x)).toThrow(DeviceError);
  await expect(backend.read(x)).rejects.toThrow(/was freed/);
});

test("accumulate keeps bool at 1 or 0", () => {
  const x = operand("bool", [1, 1, 0, 0]);
  backend.accumulate(x, operand("bool", [1, 0, 1, 0]));
  expect([...backend.readSync(x)]).toEqual([1, 1, 1, 0]);
});

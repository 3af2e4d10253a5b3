import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../../src/errors.js";
import { decodeSafetensors, encodeSafetensors, type TensorData } from "../../src/training/safetensors.js";

/** Written by the format's own authors' package: see test/fixtures/safetensors/make.py. */
const official = new Uint8Array(readFileSync(new URL("../fixtures/safetensors/official.safetensors", import.meta.url)));
const read = (bytes: Uint8Array) => decodeSafetensors(bytes, "model.safetensors");

/** A file with any header and data. */
function file(header: unknown, dataLength = 0, announced?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(announced ?? json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe("safetensors", () => {
  it("reads every tensor of a file written by the reference implementation", () => {
    const { tensors, metadata } = read(official);
    expect(metadata).toEqual({ note: 'línea "uno"\n第二行' });
    expect([...tensors.keys()].sort()).toEqual(
      ["exact", "mask", "nothing", "output.bias", "output.weight", "scalar", "tokens", "umläut.权"].sort(),
    );
    expect(tensors.get("output.weight")).toEqual({
      dtype: "float32",
      shape: [2, 3],
      data: Float32Array.from([0, 1, 2, 3, 4, 5], (i) => Math.fround(i) / 3),
    });
    expect(tensors.get("output.bias")?.data).toEqual(Float32Array.of(-0, Number.POSITIVE_INFINITY, Number.NaN));
    expect(tensors.get("exact")?.data).toEqual(Float64Array.of(Math.PI, 5e-324));
    expect(tensors.get("scalar")).toEqual({ dtype: "float64", shape: [], data: Float64Array.of(0.1) });
    expect(tensors.get("tokens")?.data).toEqual(Int32Array.of(0, -1, 2147483647));
    expect(tensors.get("mask")?.data).toEqual(Uint8Array.of(1, 0, 1));
    expect(tensors.get("nothing")).toEqual({ dtype: "float32", shape: [0, 4], data: new Float32Array() });
  });

  it("reads the same from one of Node's buffers, which are views of a pool", () => {
    const pooled = Buffer.concat([Buffer.from([0]), official]).subarray(1);
    expect(read(pooled)).toEqual(read(official));
  });

  it("writes byte for byte what the reference implementation writes", () => {
    const { tensors, metadata } = read(official);
    expect(encodeSafetensors(Object.fromEntries(tensors), metadata)).toEqual(official);
  });

  it("gives back any tensors bit for bit", () => {
    const float = fc.float32Array({ maxLength: 12 });
    const double = fc.float64Array({ maxLength: 12 });
    const data = fc.oneof(
      float.map((data): TensorData => ({ dtype: "float32", shape: [data.length], data })),
      double.map((data): TensorData => ({ dtype: "float64", shape: [1, data.length], data })),
      fc.int32Array({ maxLength: 5 }).map((data): TensorData => ({ dtype: "int32", shape: [data.length, 1], data })),
    );
    const name = fc.string({ minLength: 1 }).filter((text) => text !== "__metadata__" && text !== "__proto__");
    fc.assert(
      fc.property(fc.dictionary(name, data, { noNullPrototype: true }), (tensors) => {
        expect(Object.fromEntries(read(encodeSafetensors(tensors)).tensors)).toEqual(tensors);
      }),
    );
  });

  it("refuses every truncation of a file", () => {
    for (let length = 0; length < official.length; length++) {
      expect(() => read(official.subarray(0, length)), `${length} bytes`).toThrow(DataError);
    }
  });

  const entry = (dtype: string, shape: unknown, data_offsets: unknown) => ({ dtype, shape, data_offsets });
  it.each<[string, Uint8Array, string]>([
    ["an empty file", new Uint8Array(), "no safetensors file: 0 bytes cannot hold the header's length"],
    [
      "an absurd header length",
      new Uint8Array(64).fill(0xff),
      "no safetensors file: its first 8 bytes are no header length",
    ],
    ["a cut header", file({}, 0, 10), "truncated: the header should be 10 bytes long, 2 are there"],
    ["a header that is not JSON", file("{no"), "no safetensors file: its header is not a JSON object"],
    ["a header that is a list", file("[]"), "no safetensors file: its header is not a JSON object"],
    ["metadata with a number", file({ __metadata__: { a: 1 } }), "__metadata__ must hold texts only"],
    [
      "cut numbers",
      file({ w: entry("F32", [2], [0, 8]) }, 7),
      "truncated: 8 bytes of numbers are announced, 7 are there",
    ],
    ["bytes at the end", file({ w: entry("F32", [1], [0, 4]) }, 5), "1 bytes after the last tensor belong to nothing"],
    [
      "an element type we lack",
      file({ w: entry("BF16", [1], [0, 2]) }, 2),
      "w has element type BF16: convert it to one of F64, F32, I32, BOOL first",
    ],
    ["a negative size", file({ w: entry("F32", [-1], [0, 4]) }, 4), "w has shape [-1]"],
    ["a size unlike the shape's", file({ w: entry("F32", [2], [0, 4]) }, 4), "w [2] F32 takes 8 bytes, but has 4"],
    ["offsets that fall", file({ w: entry("F32", [1], [4, 0]) }, 4), "w [1] F32 takes 4 bytes, but has -4"],
    ["one offset", file({ w: entry("F32", [1], [4]) }, 4), "w has data_offsets [4]: [start, end] is expected"],
    ["a tensor without description", file({ w: 1 }), "w is not described by an object"],
    [
      "overlapping tensors",
      file({ a: entry("F32", [2], [0, 8]), b: entry("F32", [1], [4, 8]) }, 8),
      "b overlaps the tensor before it: starts at 4, not 8",
    ],
    [
      "a gap",
      file({ a: entry("F32", [1], [0, 4]), b: entry("F32", [1], [8, 12]) }, 12),
      "4 bytes before b belong to no tensor",
    ],
    [
      "a bool that is neither",
      file({ m: entry("BOOL", [1], [0, 1]) }, 1).fill(2, -1),
      "m is BOOL but holds other bytes than 0 and 1",
    ],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(new DataError(`model.safetensors: ${message}`));
  });
});

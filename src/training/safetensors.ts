import { DataError } from "../errors.js";
import { arrayTypes, bytesPerElement, type DType, type NumberArray } from "../kernels/storage.js";

/** A named tensor's numbers as they stand in a file. */
export interface TensorData {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: NumberArray;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, TensorData>;
  /** The header's `__metadata__`: texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's names. The order is that in which tensors are written: wide elements first, so that all lie aligned. */
const dtypeCodes: Readonly<Record<DType, string>> = { float64: "F64", float32: "F32", int32: "I32", bool: "BOOL" };
const writeOrder = Object.keys(dtypeCodes) as DType[];
const dtypes = new Map(writeOrder.map((dtype) => [dtypeCodes[dtype], dtype]));

const LENGTH_BYTES = 8;
/** The format's own limit: a longer header is an attack or no header. */
const LONGEST_HEADER = 100_000_000;
/** Numbers are little-endian in a file, and on every machine that runs JavaScript engines today. */
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Tensors as a safetensors file: the header's length as 8 bytes, a JSON header padded with spaces, the numbers.
 * The same tensors give the same bytes, those that the format's reference implementation writes.
 * Source: https://github.com/huggingface/safetensors#format
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, TensorData>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  assertLittleEndian();
  const entries = Object.entries(tensors).sort(
    ([nameA, a], [nameB, b]) =>
      writeOrder.indexOf(a.dtype) - writeOrder.indexOf(b.dtype) || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    const start = end;
    end += data.length * bytesPerElement(dtype);
    header.push([name, { dtype: dtypeCodes[dtype], shape, data_offsets: [start, end] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerLength);
  bytes.set(json, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerLength;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file. Nothing in it is trusted: lengths, shapes, offsets and gaps are all checked.
 *
 * @param name what the file is called in errors: its path
 * @throws DataError for a file that is truncated, no safetensors file, or holds an element type that Backflow has not
 */
export function decodeSafetensors(bytes: Uint8Array, name = "safetensors"): SafetensorsFile {
  assertLittleEndian();
  const fail = (problem: string): never => {
    throw new DataError(`${name}: ${problem}`);
  };
  if (bytes.length < LENGTH_BYTES) fail(`no safetensors file: ${bytes.length} bytes cannot hold the header's length`);
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (headerLength > LONGEST_HEADER) fail("no safetensors file: its first 8 bytes are no header length");
  const dataStart = LENGTH_BYTES + headerLength;
  if (dataStart > bytes.length) {
    fail(`truncated: the header should be ${headerLength} bytes long, ${bytes.length - LENGTH_BYTES} are there`);
  }
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), fail);
  const { __metadata__: metadata = {}, ...described } = header;
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    fail("__metadata__ must hold texts only");
  }
  const places = Object.entries(described).map(([tensor, entry]) => placeOf(tensor, entry, fail));
  places.sort((a, b) => a.start - b.start || a.end - b.end);
  let end = 0;
  for (const place of places) {
    if (place.start < end) fail(`${place.tensor} overlaps the tensor before it: starts at ${place.start}, not ${end}`);
    if (place.start > end) fail(`${place.start - end} bytes before ${place.tensor} belong to no tensor`);
    end = place.end;
  }
  const length = bytes.length - dataStart;
  if (length < end) fail(`truncated: ${end} bytes of numbers are announced, ${length} are there`);
  if (length > end) fail(`${length - end} bytes after the last tensor belong to nothing`);
  const tensors = new Map<string, TensorData>();
  for (const { tensor, dtype, shape, start, end } of places) {
    // A copy, so that it lies aligned; not by slice(), which Node's Buffer overrides with a view.
    const copy = Uint8Array.from(bytes.subarray(dataStart + start, dataStart + end));
    const data = new arrayTypes[dtype](copy.buffer);
    if (dtype === "bool" && data.some((value) => value > 1))
      fail(`${tensor} is BOOL but holds other bytes than 0 and 1`);
    tensors.set(tensor, { dtype, shape, data });
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

type Fail = (problem: string) => never;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isObject(header)) return header;
  } catch {
    // said below, in the same words as for JSON that is no object
  }
  return fail("no safetensors file: its header is not a JSON object");
}

interface Place {
  readonly tensor: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function placeOf(tensor: string, entry: unknown, fail: Fail): Place {
  if (!isObject(entry)) return fail(`${tensor} is not described by an object`);
  const { dtype: code, shape, data_offsets: offsets } = entry;
  const dtype = dtypes.get(String(code));
  if (!dtype) {
    return fail(`${tensor} has element type ${code}: convert it to one of ${[...dtypes.keys()].join(", ")} first`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) return fail(`${tensor} has shape ${JSON.stringify(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return fail(`${tensor} has data_offsets ${JSON.stringify(offsets)}: [start, end] is expected`);
  }
  const [start, end] = offsets;
  const size = shape.reduce((product, length) => product * length, bytesPerElement(dtype));
  if (end - start !== size) {
    return fail(`${tensor} ${JSON.stringify(shape)} ${code} takes ${size} bytes, but has ${end - start}`);
  }
  return { tensor, dtype, shape, start, end };
}

function assertLittleEndian(): void {
  if (!isLittleEndian) throw new DataError("safetensors: this machine is big-endian, the format is little-endian");
}

// z = f(x, y) with broadcasting. The JavaScript side merges axes until the innermost one is, for each operand, either
// contiguous (step 1) or one repeated number (step 0); `rows` is the axis outside it, `planes` all the others.

import { integer, parallel, scratch, setInteger } from "./threads";
import { loadMask, maskBytes, put, storeFirst } from "./vector";

// The numbers of the binary functions, as in `binaryNames` on the JavaScript side.
const ADD = 0;
const SUB = 1;
const MUL = 2;
const DIV = 3;
const POW = 4;
const MAXIMUM = 5;
const MINIMUM = 6;
const EQUAL = 7;
const NOT_EQUAL = 8;
const LESS = 9;
const LESS_EQUAL = 10;
const GREATER = 11;
const GREATER_EQUAL = 12;

const GRAIN = 65536;

/** xʸ as JavaScript has it: NaN for 1^NaN and (±1)^±∞, unlike C. */
function power(x: f32, y: f32): f32 {
  if (y != y) return y;
  if (abs(x) == 1 && abs(y) == Infinity) return NaN;
  return Mathf.pow(x, y);
}

function powerLanes(x: v128, y: v128): v128 {
  return f32x4(
    power(f32x4.extract_lane(x, 0), f32x4.extract_lane(y, 0)),
    power(f32x4.extract_lane(x, 1), f32x4.extract_lane(y, 1)),
    power(f32x4.extract_lane(x, 2), f32x4.extract_lane(y, 2)),
    power(f32x4.extract_lane(x, 3), f32x4.extract_lane(y, 3)),
  );
}

// @ts-expect-error: decorator
@inline
function value(f: i32, x: v128, y: v128): v128 {
  if (f == ADD) return f32x4.add(x, y);
  if (f == SUB) return f32x4.sub(x, y);
  if (f == MUL) return f32x4.mul(x, y);
  if (f == DIV) return f32x4.div(x, y);
  if (f == POW) return powerLanes(x, y);
  if (f == MAXIMUM) return f32x4.max(x, y);
  if (f == MINIMUM) return f32x4.min(x, y);
  if (f == EQUAL) return f32x4.eq(x, y);
  if (f == NOT_EQUAL) return f32x4.ne(x, y);
  if (f == LESS) return f32x4.lt(x, y);
  if (f == LESS_EQUAL) return f32x4.le(x, y);
  if (f == GREATER) return f32x4.gt(x, y);
  return f32x4.ge(x, y);
}

/** z[n] = f(x, y), where an operand goes on by 16 bytes a vector, or by 0 and repeats the 64 that it has. */
// @ts-expect-error: decorator
@inline
function floatRun(f: i32, x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void {
  for (; n >= 16; n -= 16, x += xBytes << 2, y += yBytes << 2, z += 64) {
    v128.store(z, value(f, v128.load(x), v128.load(y)));
    v128.store(z, value(f, v128.load(x, 16), v128.load(y, 16)), 16);
    v128.store(z, value(f, v128.load(x, 32), v128.load(y, 32)), 32);
    v128.store(z, value(f, v128.load(x, 48), v128.load(y, 48)), 48);
  }
  for (; n > 0; n -= 4, x += xBytes, y += yBytes, z += 16) put(z, value(f, v128.load(x), v128.load(y)), n);
}

/** The same for a comparison, whose result is one byte an element. */
// @ts-expect-error: decorator
@inline
function boolRun(f: i32, x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void {
  for (; n >= 16; n -= 16, x += xBytes << 2, y += yBytes << 2, z += 16) {
    const a = value(f, v128.load(x), v128.load(y));
    const b = value(f, v128.load(x, 16), v128.load(y, 16));
    const c = value(f, v128.load(x, 32), v128.load(y, 32));
    const d = value(f, v128.load(x, 48), v128.load(y, 48));
    v128.store(z, maskBytes(a, b, c, d));
  }
  for (; n > 0; n -= 4, x += xBytes, y += yBytes, z += 4) {
    const mask = value(f, v128.load(x), v128.load(y));
    const bytes = maskBytes(mask, mask, mask, mask);
    if (n >= 4) v128.store32_lane(z, bytes, 0);
    else {
      store<u8>(z, i8x16.extract_lane_u(bytes, 0));
      if (n > 1) store<u8>(z, i8x16.extract_lane_u(bytes, 1), 1);
      if (n > 2) store<u8>(z, i8x16.extract_lane_u(bytes, 2), 2);
    }
  }
}

/** Every function's loop, in a function of its own: in one, the compiler would fold them to a loop that asks which. */
function runOf(f: i32): (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32) => void {
  switch (f) {
    case ADD:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        floatRun(ADD, x, xBytes, y, yBytes, z, n);
    case SUB:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        floatRun(SUB, x, xBytes, y, yBytes, z, n);
    case MUL:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        floatRun(MUL, x, xBytes, y, yBytes, z, n);
    case DIV:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        floatRun(DIV, x, xBytes, y, yBytes, z, n);
    case POW:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        floatRun(POW, x, xBytes, y, yBytes, z, n);
    case MAXIMUM:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        floatRun(MAXIMUM, x, xBytes, y, yBytes, z, n);
    case MINIMUM:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        floatRun(MINIMUM, x, xBytes, y, yBytes, z, n);
    case EQUAL:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        boolRun(EQUAL, x, xBytes, y, yBytes, z, n);
    case NOT_EQUAL:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        boolRun(NOT_EQUAL, x, xBytes, y, yBytes, z, n);
    case LESS:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        boolRun(LESS, x, xBytes, y, yBytes, z, n);
    case LESS_EQUAL:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        boolRun(LESS_EQUAL, x, xBytes, y, yBytes, z, n);
    case GREATER:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        boolRun(GREATER, x, xBytes, y, yBytes, z, n);
    default:
      return (x: usize, xBytes: usize, y: usize, yBytes: usize, z: usize, n: i32): void =>
        boolRun(GREATER_EQUAL, x, xBytes, y, yBytes, z, n);
  }
}

/** An operand that is one number as a run takes it: sixteen times in the scratch memory. */
// @ts-expect-error: decorator
@inline
function repeated(x: usize, to: usize): usize {
  const v = v128.load32_splat(x);
  v128.store(to, v);
  v128.store(to, v, 16);
  v128.store(to, v, 32);
  v128.store(to, v, 48);
  return to;
}

function flatRange(begin: i32, end: i32): void {
  const f = <i32>integer(0);
  const at = <usize>begin << 2;
  const x = integer(2) ? integer(1) + at : repeated(integer(1), scratch());
  const y = integer(4) ? integer(3) + at : repeated(integer(3), scratch() + 64);
  const z = integer(5) + (f < EQUAL ? at : <usize>begin);
  runOf(f)(x, integer(2) << 4, y, integer(4) << 4, z, end - begin);
}

/** z[n] = f(x, y), each operand of n numbers (step 1) or of one (step 0). */
export function zip(f: i32, x: usize, xStep: i32, y: usize, yStep: i32, z: usize, n: i32): void {
  setInteger(0, f);
  setInteger(1, x);
  setInteger(2, xStep);
  setInteger(3, y);
  setInteger(4, yStep);
  setInteger(5, z);
  parallel(flatRange, n, f == POW ? GRAIN >> 3 : GRAIN);
}

/** Element offset of one operand in plane number `plane`; the table holds [size, stride of each operand] an axis, innermost first. */
// @ts-expect-error: decorator
@inline
function planeOffset(plane: i32, axes: usize, count: i32, operand: usize): i32 {
  let offset = 0;
  for (let axis = 0; axis < count; axis++, axes += 16) {
    const size = load<i32>(axes);
    const outer = plane / size;
    offset += (plane - outer * size) * load<i32>(axes + (operand << 2), 4);
    plane = outer;
  }
  return offset;
}

function broadcastRange(begin: i32, end: i32): void {
  const f = <i32>integer(0);
  const xStep = <i32>integer(2);
  const xRow = <i32>integer(3);
  const yStep = <i32>integer(5);
  const yRow = <i32>integer(6);
  const n = <i32>integer(8);
  const rows = <i32>integer(9);
  const axes = integer(10);
  const axisCount = <i32>integer(11);
  const zBytes = <usize>(f < EQUAL ? n << 2 : n);
  const run = runOf(f);
  let z = integer(7) + <usize>begin * zBytes;
  let item = begin;
  while (item < end) {
    const plane = item / rows;
    let row = item - plane * rows;
    const stop = min(rows, row + end - item);
    item += stop - row;
    let x = integer(1) + (<usize>(planeOffset(plane, axes, axisCount, 0) + row * xRow) << 2);
    let y = integer(4) + (<usize>(planeOffset(plane, axes, axisCount, 1) + row * yRow) << 2);
    for (; row < stop; row++, x += xRow << 2, y += yRow << 2, z += zBytes) {
      const left = xStep ? x : repeated(x, scratch());
      const right = yStep ? y : repeated(y, scratch() + 64);
      run(left, <usize>xStep << 4, right, <usize>yStep << 4, z, n);
    }
  }
}

/** z[planes, rows, n] = f(x, y) with any broadcasting. */
export function zipBroadcast(
  f: i32,
  x: usize,
  xStep: i32,
  xRow: i32,
  y: usize,
  yStep: i32,
  yRow: i32,
  z: usize,
  n: i32,
  rows: i32,
  planes: i32,
  axes: usize,
  axisCount: i32,
): void {
  setInteger(0, f);
  setInteger(1, x);
  setInteger(2, xStep);
  setInteger(3, xRow);
  setInteger(4, y);
  setInteger(5, yStep);
  setInteger(6, yRow);
  setInteger(7, z);
  setInteger(8, n);
  setInteger(9, rows);
  setInteger(10, axes);
  setInteger(11, axisCount);
  parallel(broadcastRange, planes * rows, max(1, GRAIN / n));
}

/** z[n] = condition ? x : y; the condition is a byte an element. */
function whereRun(c: usize, cStep: i32, x: usize, xStep: i32, y: usize, yStep: i32, z: usize, n: i32): void {
  const cBytes = <usize>cStep << 2;
  const xBytes = <usize>xStep << 4;
  const yBytes = <usize>yStep << 4;
  for (; n > 0; n -= 4, c += cBytes, x += xBytes, y += yBytes, z += 16) {
    const mask = cStep ? loadMask(c) : i32x4.splat(load<u8>(c) ? -1 : 0);
    const a = xStep ? v128.load(x) : v128.load32_splat(x);
    const b = yStep ? v128.load(y) : v128.load32_splat(y);
    const chosen = v128.bitselect(a, b, mask);
    if (n >= 4) v128.store(z, chosen);
    else storeFirst(z, chosen, n);
  }
}

function whereRange(begin: i32, end: i32): void {
  const n = <i32>integer(10);
  const rows = <i32>integer(11);
  const axes = integer(12);
  const axisCount = <i32>integer(13);
  let z = integer(9) + ((<usize>begin * n) << 2);
  let item = begin;
  while (item < end) {
    const plane = item / rows;
    let row = item - plane * rows;
    const stop = min(rows, row + end - item);
    item += stop - row;
    const c = integer(0) + <usize>planeOffset(plane, axes, axisCount, 0);
    const x = integer(3) + (<usize>planeOffset(plane, axes, axisCount, 1) << 2);
    const y = integer(6) + (<usize>planeOffset(plane, axes, axisCount, 2) << 2);
    for (; row < stop; row++, z += <usize>n << 2) {
      whereRun(
        c + <usize>row * integer(2),
        <i32>integer(1),
        x + ((<usize>row * integer(5)) << 2),
        <i32>integer(4),
        y + ((<usize>row * integer(8)) << 2),
        <i32>integer(7),
        z,
        n,
      );
    }
  }
}

/** z[planes, rows, n] = condition ? x : y with any broadcasting, four-byte elements. */
export function where(
  c: usize,
  cStep: i32,
  cRow: i32,
  x: usize,
  xStep: i32,
  xRow: i32,
  y: usize,
  yStep: i32,
  yRow: i32,
  z: usize,
  n: i32,
  rows: i32,
  planes: i32,
  axes: usize,
  axisCount: i32,
): void {
  setInteger(0, c);
  setInteger(1, cStep);
  setInteger(2, cRow);
  setInteger(3, x);
  setInteger(4, xStep);
  setInteger(5, xRow);
  setInteger(6, y);
  setInteger(7, yStep);
  setInteger(8, yRow);
  setInteger(9, z);
  setInteger(10, n);
  setInteger(11, rows);
  setInteger(12, axes);
  setInteger(13, axisCount);
  parallel(whereRange, planes * rows, max(1, GRAIN / n));
}

/** y[n] = x[n] ≠ 0 as bytes, for a conversion to bool. NaN is true. */
export function truth(x: usize, y: usize, n: i32): void {
  runOf(NOT_EQUAL)(x, 16, ZEROS, 0, y, n);
}

const ZEROS: usize = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

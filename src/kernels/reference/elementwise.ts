import { type BinaryName, binary, comparisons, type UnaryName, type UnaryRow, unary } from "../scalar.js";
import { type DType, hostView, type NumberArray, type Operand, type Storage, sizeOf } from "../storage.js";
import { allocate, normalizeTruth, store } from "./storage.js";
import { broadcastWalk } from "./walk.js";

/** Stores z = f(…), whose values are of x's dtype, or bool where f compares. */
function finish(dtype: DType, z: NumberArray): Storage {
  if (dtype === "bool") normalizeTruth(z);
  return store(dtype, z);
}

const resultType = (f: BinaryName, x: Operand): DType => (comparisons.has(f) ? "bool" : x.storage.dtype);

/** yᵢ = f(xᵢ) */
export function map(f: UnaryName, x: Operand): Storage {
  const { value } = unary[f];
  const from = hostView(x);
  const y = allocate(x.storage.dtype, from.length);
  for (let i = 0; i < y.length; i++) y[i] = value(from[i]);
  return finish(x.storage.dtype, y);
}

/** x̄ᵢ = ȳᵢ f′(xᵢ) */
export function mapBackward(f: UnaryName, x: Operand, y: Operand, gy: Operand): Storage {
  const { gradient }: UnaryRow = unary[f];
  const input = hostView(x);
  const output = hostView(y);
  const outputGradient = hostView(gy);
  const gx = allocate(x.storage.dtype, input.length);
  for (let i = 0; i < gx.length; i++) gx[i] = gradient(input[i], output[i], outputGradient[i]);
  return store(x.storage.dtype, gx);
}

/** zᵢ = f(xᵢ, c) */
export function mapConstant(f: BinaryName, x: Operand, c: number): Storage {
  const { value } = binary[f];
  const dtype = resultType(f, x);
  const from = hostView(x);
  const z = allocate(dtype, from.length);
  for (let i = 0; i < z.length; i++) z[i] = value(from[i], c);
  return finish(dtype, z);
}

/** zᵢ = f(xᵢ, yᵢ), x and y broadcast to `shape` */
export function zip(f: BinaryName, x: Operand, y: Operand, shape: readonly number[]): Storage {
  const { value } = binary[f];
  const dtype = resultType(f, x);
  const left = hostView(x);
  const right = hostView(y);
  const z = allocate(dtype, sizeOf(shape));
  const walk = broadcastWalk(shape, [x.shape, y.shape]);
  const [dx, dy] = walk.strides;
  let at = 0;
  for (let row = 0; row < walk.rows; row++, walk.next()) {
    let i = walk.starts[0];
    let j = walk.starts[1];
    for (let k = 0; k < walk.length; k++, i += dx, j += dy) z[at++] = value(left[i], right[j]);
  }
  return finish(dtype, z);
}

/** zᵢ = conditionᵢ ? xᵢ : yᵢ, all three broadcast to `shape` */
export function where(condition: Operand, x: Operand, y: Operand, shape: readonly number[]): Storage {
  const choice = hostView(condition);
  const ifTrue = hostView(x);
  const ifFalse = hostView(y);
  const z = allocate(x.storage.dtype, sizeOf(shape));
  const walk = broadcastWalk(shape, [condition.shape, x.shape, y.shape]);
  const [dc, dx, dy] = walk.strides;
  let at = 0;
  for (let row = 0; row < walk.rows; row++, walk.next()) {
    let c = walk.starts[0];
    let i = walk.starts[1];
    let j = walk.starts[2];
    for (let k = 0; k < walk.length; k++, c += dc, i += dx, j += dy) z[at++] = choice[c] !== 0 ? ifTrue[i] : ifFalse[j];
  }
  return store(x.storage.dtype, z);
}

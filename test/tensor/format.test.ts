import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type DType, tensor, zeros } from "../../src/index.js";

/** One array as NumPy prints it: see `test/fixtures/make-printing.py`. */
interface Printed {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
  readonly printed: string;
}

const rows = JSON.parse(readFileSync(new URL("../fixtures/printing.json", import.meta.url), "utf8")) as Printed[];
const special: Record<string, number> = { nan: Number.NaN, inf: Infinity, "-inf": -Infinity };

describe("tensors print as NumPy prints arrays, digit for digit, space for space", () => {
  test.each(rows.map((row, i) => [`${row.dtype} [${row.shape}] (${i})`, row] as const))("%s", (_, row) => {
    const numbers = row.data.map((x) => (typeof x === "string" ? special[x] : x));
    const values = row.dtype === "int32" ? Int32Array.from(numbers) : Float64Array.from(numbers);
    const x = tensor(values, { shape: row.shape });
    expect(String(x)).toBe(`tensor(${row.printed}, shape=[${row.shape.join(", ")}], ${row.dtype})`);
  });

  test("a negative zero keeps its sign", () => {
    expect(String(tensor([-0, 1], { dtype: "float64" }))).toBe("tensor([-0.,  1.], shape=[2], float64)");
  });

  test("what is behind the numbers: dtype, name, and where the gradient comes from", () => {
    const x = tensor([1], { dtype: "float64", requiresGrad: true, name: "w" });
    const printed = 'tensor([1.], shape=[1], float64, name="w", requiresGrad)';
    expect(String(x)).toBe(printed);
    x.mul(2).backward();
    expect(String(x)).toBe(printed);
    expect(String(x.tanh())).toBe("tensor([0.7616], shape=[1], float64, from tanh)");
  });

  test("an empty tensor, a mask, a disposed tensor", () => {
    expect(String(zeros([0, 3]))).toBe("tensor([], shape=[0, 3], float32)");
    expect(String(tensor([true, false]))).toBe("tensor([ true, false], shape=[2], bool)");
    const gone = zeros([2]);
    gone.dispose();
    expect(String(gone)).toBe("tensor(disposed, [2] float32)");
  });
});

import { expect, test } from "vitest";
import { referenceBackend } from "../../../src/kernels/reference/backend.js";
import { operand, runCases } from "./cases.js";

runCases("gather");

test("scatterAdd adds repeated rows in the order of the indices", () => {
  const backend = referenceBackend();
  const x = operand("float64", [1e16, 1, -1e16, 1], [4, 1]);
  const y = backend.scatterAdd(x, operand("int32", [0, 0, 0, 0]), { outer: 1, length: 1, inner: 1 });
  expect([...backend.readSync({ storage: y, offset: 0, shape: [1] })]).toEqual([1e16 + 1 - 1e16 + 1]);
});

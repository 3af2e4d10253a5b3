import { expect, test } from "vitest";
import { referenceBackend } from "../../../src/kernels/reference/backend.js";
import { kernelsWithCases } from "./cases.js";

test("there is one reference back end, in float64", () => {
  expect(referenceBackend()).toBe(referenceBackend());
  expect([referenceBackend().name, referenceBackend().float]).toEqual(["reference", "float64"]);
});

test("every kernel has a case whose values come from NumPy or PyTorch", () => {
  const doors = ["zeros", "upload", "read", "readSync", "memory"];
  const kernels = Object.entries(referenceBackend())
    .filter(([name, member]) => typeof member === "function" && !doors.includes(name))
    .map(([name]) => name);
  expect([...kernelsWithCases].sort()).toEqual(kernels.sort());
});

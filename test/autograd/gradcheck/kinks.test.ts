import { expect, test } from "vitest";
import { operationNames } from "../../../src/autograd/gradcheck/cases/index.js";
import { firstFailure } from "../../mutants/suite.js";

test("at kinks every road follows the convention, and two passes add up for every case", () => {
  expect(firstFailure(operationNames)).toBeNull();
});

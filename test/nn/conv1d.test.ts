import { expect, test } from "vitest";
import { Conv1d } from "../../src/index.js";

test.each([
  [0, 0],
  [-1, 0],
  [3, -1],
  [3, 0.5],
])("a kernel of %d with padding %d is refused when it is made", (kernel, padding) => {
  expect(() => new Conv1d(1, 1, kernel, { padding })).toThrow(`conv1d: kernel size ${kernel} must be 1 or more`);
});

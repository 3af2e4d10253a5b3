import { stripVTControlCharacters } from "node:util";
import { expect, it } from "vitest";
import { problemTable } from "../../../bench/report/terminal-table.js";
import { timed } from "./sample-report.js";

it("a terminal's table has a line for what was timed, and one reason for all that were skipped for it", () => {
  const skipped = { status: "skipped", reason: "too large", phases: null } as const;
  const text = stripVTControlCharacters(
    problemTable(
      "matmul: NN 10·10·10",
      [
        timed({ device: "wasm ×1", ms: 1 }),
        { ...timed({ device: "gpu cpu", ms: 1 }), ...skipped },
        { ...timed({ device: "gpu cpu", ms: 1 }), ...skipped, variant: "naive" },
        { ...timed({ device: "gpu webasm", ms: 1 }), ...skipped, variant: "naive" },
        { ...timed({ device: "gpu webgpu", ms: 1 }), status: "wrong", reason: "c[3] = 1, truth 2", phases: null },
      ],
      [],
    ),
  );
  expect(text.match(/wasm ×1 .*fastest/)).not.toBeNull();
  expect(text.match(/gpu webgpu .*WRONG/)).not.toBeNull();
  expect(text).toContain("\n  gpu cpu default, naive; gpu webasm naive: skipped: too large\n");
  expect(text).toContain("\n  gpu webgpu default: wrong: c[3] = 1, truth 2\n");
  expect(text.split("\n").filter((line) => line.includes("gpu cpu"))).toHaveLength(1);
});

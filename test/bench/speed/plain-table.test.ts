import { expect, it } from "vitest";
import { type Column, markdownTable } from "../../../bench/speed/plain-table.js";

it("a table as Markdown has one line a result, numbers to the right, and keeps a cell's own bar", () => {
  const columns: Column<{ name: string; ms: number }>[] = [
    ["kernel", ({ name }) => name],
    ["ms", ({ ms }) => ms.toFixed(1)],
  ];
  expect(markdownTable([{ name: "a|b", ms: 2 }], columns, "Here").split("\n")).toEqual([
    "| kernel | ms |",
    "| --- | ---: |",
    "| a\\|b | 2.0 |",
    "",
    "Here.",
  ]);
});

import { describe, expect, it } from "vitest";
import { Cell, Contents } from "../../../src/kernels/gpu/storage.js";

const summary = (contents: Contents): string =>
  contents.pieces.map(({ start, length, from }) => `${start}+${length}@${from}`).join(" ");

describe("the contents of a GPU storage", () => {
  it("are cut where a piece is put in, and stay without gaps", () => {
    const contents = new Contents();
    const [whole, part] = [new Cell(10), new Cell(3)];
    contents.put({ start: 0, length: 10, cell: whole, from: 0 });
    contents.put({ start: 4, length: 3, cell: part, from: 0 });
    expect(summary(contents)).toBe("0+4@0 4+3@0 7+3@7");
    contents.put({ start: 6, length: 2, cell: part, from: 1 });
    expect(summary(contents)).toBe("0+4@0 4+2@0 6+2@1 8+2@8");
  });

  it("give the one piece that holds a range, and none across a seam", () => {
    const contents = new Contents();
    contents.put({ start: 0, length: 10, cell: new Cell(20), from: 5 });
    contents.put({ start: 4, length: 3, cell: new Cell(3), from: 0 });
    expect(contents.holding(8, 2)).toMatchObject({ start: 7, from: 12 });
    expect(contents.holding(3, 2)).toBeNull();
  });

  it("count the holders of every cell", () => {
    const contents = new Contents();
    const [whole, part] = [new Cell(10), new Cell(3)];
    const put = (start: number, length: number, cell: Cell): void => {
      for (const before of contents.put({ start, length, cell, from: 0 })) before.holders--;
    };
    put(0, 10, whole);
    put(4, 3, part);
    expect([whole.holders, part.holders]).toEqual([2, 1]);
    put(0, 10, part);
    expect([whole.holders, part.holders]).toEqual([0, 1]);
  });
});

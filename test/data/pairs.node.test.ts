import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPairs } from "../../src/data/pairs.node.js";
import { DataError } from "../../src/errors.js";

const options = { validation: 1, test: 1, seed: 1 };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pairs-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(content: string | Uint8Array): Promise<string> {
  const path = join(folder, "pairs.txt");
  await writeFile(path, content);
  return path;
}

describe("readPairs", () => {
  it("reads a UTF-8 file and calls the corpus by its file name", async () => {
    const { corpus, parsed } = await readPairs(
      await file("\ufeffGo.\tVa !\r\nRun.\tCours\u202f!\r\nWow!\tÇa alors !\r\n"),
      options,
    );
    expect(corpus.name).toBe("pairs.txt");
    expect(parsed.pairs.map(({ target }) => target.join(" "))).toEqual(["Va !", "Cours !", "Ça alors !"]);
    expect(parsed.pairs[0].source).toEqual(["Go", "."]);
  });

  it.each([
    ["an empty file", "", /: it is empty/],
    ["a binary file", Uint8Array.of(1, 0, 2), /it holds zero bytes, so it is binary or UTF-16/],
    ["a Latin-1 file", Uint8Array.of(97, 9, 0xe9, 10), /it is not UTF-8. Convert it first: iconv/],
    ["a file without tabs", "one\ntwo\n", /none of its 2 lines is a pair/],
  ])("says in one line what is wrong with %s", async (_, content, message) => {
    const reading = readPairs(await file(content), options);
    await expect(reading).rejects.toThrow(DataError);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(/^[^\n]*$/);
  });

  it("says that there is no such file, or that it is a directory", async () => {
    await expect(readPairs(join(folder, "none.txt"), options)).rejects.toThrow(/none\.txt: there is no such file$/);
    await expect(readPairs(folder, options)).rejects.toThrow(/: it is a directory, a file is expected$/);
  });
});

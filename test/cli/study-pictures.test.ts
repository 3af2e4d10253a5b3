import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backflow } from "./run-backflow.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "backflow-pictures-"));
  const made = await backflow(["demo", "--quick", "--steps", "2", "--no-serve", "--out", "demo"], { cwd: folder });
  expect(made.status).toBe(0);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const study = (...options: string[]) =>
  backflow(["study", "demo", "the cat saw a red hat .", ...options], { cwd: folder });

describe("backflow study --svg", () => {
  it("writes every plot whole, leaves other files alone, and prints JSON beside it where asked", async () => {
    expect((await study("--svg", "plots")).status).toBe(0);
    const names = await readdir(join(folder, "plots"));
    expect(names.length).toBe(12);
    for (const name of names) {
      const svg = await readFile(join(folder, "plots", name), "utf8");
      expect([name, svg.startsWith("<svg "), svg.endsWith("</svg>\n")]).toEqual([name, true, true]);
    }
    expect(await readFile(join(folder, "plots/decay.svg"), "utf8")).toContain("no attention");
    await writeFile(join(folder, "plots/mine.txt"), "mine");
    await writeFile(join(folder, "plots/decay.svg"), "old");
    const again = await study("--svg", "plots", "--json");
    expect(JSON.parse(again.stdout).source).toEqual(["the", "cat", "saw", "a", "red", "hat", ".", "<eos>"]);
    expect(await readFile(join(folder, "plots/decay.svg"), "utf8")).toMatch(/^<svg /);
    expect((await readdir(join(folder, "plots"))).sort()).toEqual([...names, "mine.txt"].sort());
  });

  it("says in one line where it cannot write", async () => {
    await writeFile(join(folder, "file"), "");
    const { status, stderr, stdout } = await study("--svg", "file");
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr.trim().split("\n")).toEqual([expect.stringMatching(/^backflow: file: it is a file/)]);
  });
});

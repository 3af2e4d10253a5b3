import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StudyPageData } from "../../src/study/report.js";
import { backflow } from "./run-backflow.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "backflow-report-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pageData = async (file: string): Promise<StudyPageData> => {
  const html = await readFile(join(folder, file), "utf8");
  return JSON.parse(/<script type="application\/json"[^>]*>(.*?)<\/script>/s.exec(html)![1]);
};

describe("backflow report", () => {
  it("writes a page that carries both models of a demo and its test sentences", async () => {
    const demo = await backflow(["demo", "--quick", "--steps", "2", "--no-serve", "--out", "demo"], { cwd: folder });
    expect(demo.status).toBe(0);
    const { status, stdout } = await backflow(["report", "demo", "--out", "page.html"], { cwd: folder });
    expect(stdout).toMatch(/^page\.html: [\d.]+ MB/);
    expect(status).toBe(0);
    const { runs, sentences, summary } = await pageData("page.html");
    const model = await readFile(join(folder, "demo", "rnnencdec", "model.safetensors"));
    expect(runs.map(({ name }) => name)).toEqual(["demo", "demo"]);
    expect(runs[1].model).toBe(model.toString("base64"));
    expect(sentences.length).toBe(50);
    expect(sentences[0].alignment!.length).toBeGreaterThan(0);
    expect(summary!.models.length).toBe(2);
    expect(runs.map(({ film }) => film?.frames[0].step)).toEqual([0, 0]);
    expect(await pageData("demo/study.html")).toEqual({ ...(await pageData("page.html")), reportPage: "report.html" });
  });

  it("says in one line what it cannot do", async () => {
    const missing = await backflow(["report", "nowhere"], { cwd: folder });
    expect([missing.status, missing.stderr]).toEqual([
      1,
      expect.stringMatching(/^backflow: nowhere: there is no such folder/),
    ]);
    await writeFile(join(folder, "file"), "");
    const nowhere = await backflow(["report", "demo", "--out", "file/page.html"], { cwd: folder });
    expect([nowhere.status, nowhere.stderr]).toEqual([
      1,
      expect.stringMatching(/^backflow: file\/page\.html: it cannot be written/),
    ]);
    expect(nowhere.stderr.trim().split("\n").length).toBe(1);
  });
});
